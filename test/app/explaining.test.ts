import { handOver } from '../../src/app/away.ts';
import { explainAccess } from '../../src/app/explain-access.ts';
import { whyAnswer } from '../../src/slack/commands/why.ts';
import { apps } from '../support/app.ts';
import { HOUR } from '../support/clock.ts';
import { changed, slackOf, step, usual } from '../support/world.ts';
import { deploying } from './support/actions.ts';

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

  it('goes on without a required field, and says which; but not with one that is wrong', async () => {
    const fields = {
      ticket: { label: 'Ticket', pattern: '^INC-', required: true },
      area: { label: 'Area', required: true },
    };
    const app = await start({ world: changed(usual, { read: { fields, reason: { required: true } } }) });
    const asked = { access: 'read', reason: '' };
    expect(await explainAccess(app.ports, app.caller('ana'), asked)).toMatchObject({
      explanation: { outcome: 'needs-approval' },
      assumed: expect.stringMatching(/reason.* Ticket \(`ticket`\) is required\. Area \(`area`\) is required\.$/i),
    });
    const wrong = { ...asked, fields: { ticket: '42' } };
    expect(await explainAccess(app.ports, app.caller('ana'), wrong)).toMatchObject({
      explanation: { outcome: 'refused', refusal: { code: 'invalid-field' } },
    });
  });

  it('names who would vote for an approver who is away, where the step allows it', async () => {
    const delegated = {
      flows: [{ name: 'normal', steps: [{ ...step('dba'), delegation: 'allowed' }, step('security')] }],
    };
    const app = await start({ world: changed(usual, { read: delegated }) });
    const hand = (who: string, to: string) =>
      handOver(app.ports, app.caller(who), { end: { for: '1d' }, delegate: { slack: slackOf(to) } });
    await hand('cy', 'gus');
    await hand('dee', 'ana');
    await hand('fay', 'gus');
    const why = () => explainAccess(app.ports, app.caller('ana'), { access: 'read', reason: 'x' });
    expect((await why()).delegates).toEqual([
      { step: 1, approver: { email: 'cy@example.com', slack: 'U0CY' }, delegate: 'U0GUS' },
    ]);
    const answer = JSON.stringify(whyAnswer(await why()));
    expect(answer).toContain('3 people can, other than you; in the place of people who are away <@U0GUS> for <@U0CY>');
    app.clock.advance(24 * HOUR);
    expect((await why()).delegates).toEqual([]);
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

  it('about an action says who asks for it and who approves', async () => {
    const app = await start({ world: deploying() });
    const why = await explainAccess(app.ports, app.caller('ana'), { access: 'deploy', reason: '' });
    expect(why.explanation.refusal).toMatchObject({
      code: 'unknown-access',
      sentence: expect.stringMatching(
        /^`deploy` is an action, which pipelines and agents ask for, not people: a token of https:\/\/ci\.example\.com with repository acme\/api and ref refs\/heads\/main or api-key:jenkins\. It is approved by 1 of group:dba\.$/,
      ),
    });
    expect(JSON.stringify(whyAnswer(why))).toContain('is an action, which pipelines and agents ask for');
  });
});
