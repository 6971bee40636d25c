import { explainAccess } from '../../src/app/explain-access.ts';
import { apps } from '../support/app.ts';
import { HOUR } from '../support/clock.ts';
import { changed, usual } from '../support/world.ts';

const { start } = apps();

describe('asking why', () => {
  it('explains the very decision that asking gives, and asks and records nothing', async () => {
    const app = await start();
    for (const [who, access, duration] of [
      ['ana', 'write', '2h'],
      ['ana', 'auto', undefined],
      ['fay', 'read', undefined],
      ['olga', 'read', undefined],
      ['ana', 'read', '5h'],
      ['ana', 'read', '-1h'],
      ['fay', 'read', 'soon'],
    ] as const) {
      const asked = { access, reason: 'x', ...(duration === undefined ? {} : { duration }) };
      const { explanation } = await explainAccess(app.ports, app.caller(who), asked);
      expect(await app.events()).toEqual([]);
      const other = await start();
      const really = await other.ask(who, access, asked);
      if (really.kind === 'refused') expect(explanation.refusal).toEqual(really.refusal);
      else {
        expect(explanation.outcome).toBe(access === 'auto' ? 'automatic' : 'needs-approval');
        await other.work();
      }
    }
  });

  it('a duration that cannot be read ends the explanation where durations are looked at', async () => {
    const app = await start();
    const { explanation } = await explainAccess(app.ports, app.caller('ana'), {
      access: 'read',
      duration: '5x',
      reason: '',
    });
    expect(explanation.checks.map(({ check, passed }) => [check, passed])).toEqual([
      ['person', true],
      ['access', true],
      ['deny', true],
      ['requesters', true],
      ['duration', false],
    ]);
  });

  it('says that a request waits already, until its time is over', async () => {
    const app = await start();
    const why = () => explainAccess(app.ports, app.caller('ana'), { access: 'read', reason: 'x' });
    expect((await why()).pendingUntil).toBeUndefined();
    await app.asked('ana', 'read');
    expect((await why()).pendingUntil).toMatch(/^2026-/);
    app.clock.advance(8 * HOUR);
    expect((await why()).pendingUntil).toBeUndefined();
    await app.work();
  });

  it('goes on without a reason where one is required, and says what was taken for granted', async () => {
    const app = await start({ world: changed(usual, { read: { reason: { required: true, min_length: 10 } } }) });
    const why = await explainAccess(app.ports, app.caller('ana'), { access: 'read', reason: '' });
    expect(why).toMatchObject({
      explanation: { outcome: 'needs-approval' },
      assumed: expect.stringMatching(/at least 10/),
    });
  });
});
