import { takeEmergency } from '../../src/app/take-emergency.ts';
import { apps } from '../support/app.ts';
import { HOUR } from '../support/clock.ts';
import { changed, usual } from '../support/world.ts';

const { start } = apps();

describe('asking for an access', () => {
  it.each([
    ['somebody the directory does not know', 'olga', 'read', {}, 'unknown-person'],
    ['an access that does not exist', 'ana', 'raed', {}, 'unknown-access'],
    ['somebody whom no requesters rule names', 'fay', 'read', {}, 'not-eligible'],
    ['longer than the policy allows', 'ana', 'read', { duration: '5h' }, 'too-long'],
    ['for nothing', 'ana', 'read', { duration: '0' }, 'invalid-duration'],
    ['for less than nothing', 'ana', 'read', { duration: '-1h' }, 'invalid-duration'],
    ['for an age', 'ana', 'read', { duration: '99999d' }, 'invalid-duration'],
    ['for a number with an exponent', 'ana', 'read', { duration: '1e9h' }, 'invalid-duration'],
    ['with a reason that is too long', 'ana', 'read', { reason: 'x'.repeat(10_000) }, 'invalid-field'],
    ['with a reason of control characters', 'ana', 'read', { reason: 'a\u0000\u0007b' }, 'invalid-field'],
  ] as const)('%s: refused, told and recorded', async (_what, who, access, options, code) => {
    const app = await start();
    const asked = await app.ask(who, access, options);
    expect(asked).toMatchObject({ kind: 'refused', refusal: { code } });
    const actor = who === 'olga' ? 'slack:U0OLGA' : `${who}@example.com`;
    expect(await app.events()).toMatchObject([{ type: 'RequestRefused', code, actor, access }]);
    expect(await app.undelivered()).toBe(0);
  });

  it('a refusal records what was asked, but neither the reason nor a field that breaks its rule', async () => {
    const fields = { ticket: { label: 'Ticket', pattern: '^INC-\\d+$' }, note: { label: 'Note', enum: ['a', 'b'] } };
    const app = await start({ world: changed(usual, { read: { fields } }) });
    const filled = { ticket: ' INC-42 ', note: 'hunter2', other: 'hunter2' };
    await app.ask('ana', 'read', { duration: '2h', reason: 'hunter2', fields: filled });
    await app.ask('fay', 'read', { duration: 'hunter2', reason: 'hunter2' });
    const refusals = await app.events('RequestRefused');
    expect(refusals.map(({ asked }) => asked)).toEqual([{ durationMs: 2 * HOUR, fields: { ticket: 'INC-42' } }, {}]);
    expect(JSON.stringify(refusals)).not.toContain('hunter2');
  });

  it.each([
    ['read', 'a duration that is too long', '99d', 'too-long'],
    ['read', 'one that cannot be read', '99x', 'invalid-duration'],
  ])(
    'everything that is wrong with a line is told at once, and the first is recorded: %s, %s',
    async (access, _what, duration, code) => {
      const fields = { ticket: { label: 'Ticket', pattern: '^INC-\\d+$', required: true } };
      const rules = { fields, reason: { required: true, min_length: 10 } };
      const app = await start({
        world: changed(usual, { read: { ...rules, break_glass: { allow: ['user:ana@example.com'] } } }),
      });
      const asked = { duration, reason: 'short', fields: { ticket: 'x' } };
      const told = {
        kind: 'refused',
        refusal: { code },
        others: [{ code: 'invalid-field' }, { code: 'invalid-field' }],
      };
      expect(await app.ask('ana', access, asked)).toMatchObject(told);
      expect(await takeEmergency(app.ports, app.caller('ana'), { access, ...asked })).toMatchObject(told);
      const refusals = await app.events('RequestRefused');
      expect(refusals).toMatchObject([{ code }, { code }]);
      for (const one of refusals) expect(one).not.toHaveProperty('others');
    },
  );

  it('is refused to whom deny names, even when requesters names them too', async () => {
    const world = changed(usual, { read: { deny: ['user:ana@example.com'] } });
    const app = await start({ world });
    expect(await app.ask('ana', 'read')).toMatchObject({ kind: 'refused', refusal: { code: 'denied-by-policy' } });
  });

  it('is refused when no flow decides, and when nobody could approve', async () => {
    const app = await start({ world: changed(usual, { read: { flows: [] } }) });
    expect(await app.ask('ana', 'read')).toMatchObject({ kind: 'refused', refusal: { code: 'no-flow' } });
    app.reload({
      ...usual,
      people: { ...usual.people, eli: { slack: 'U0ELI', disabled: true }, fay: { slack: 'U0FAY', disabled: true } },
    });
    expect(await app.ask('ana', 'write')).toMatchObject({ kind: 'refused', refusal: { code: 'no-approvers' } });
  });

  it('is refused to somebody without an account at a target', async () => {
    const app = await start();
    app.reload({ ...usual, people: { ...usual.people, ana: { slack: 'U0ANA', accounts: { db: null } } } });
    expect(await app.ask('ana', 'read')).toMatchObject({ kind: 'refused', refusal: { code: 'no-account' } });
  });

  it('once is enough: a second request is refused while the first waits, and not after it', async () => {
    const app = await start();
    const first = await app.asked('ana', 'read');
    expect(await app.ask('ana', 'read')).toMatchObject({ kind: 'refused', refusal: { code: 'already-pending' } });
    expect(await app.ask('ana', 'write')).toMatchObject({ kind: 'opened' });
    expect(await app.ask('ben', 'read')).toMatchObject({ kind: 'opened' });
    await app.deny('dee', first);
    expect(await app.ask('ana', 'read')).toMatchObject({ kind: 'opened' });
    await app.work();
  });

  it('a first request whose time is over does not stand in the way, although no tick has come by yet', async () => {
    const app = await start();
    const first = await app.asked('ana', 'read');
    app.clock.advance(8 * HOUR);
    expect(await app.ask('ana', 'read')).toMatchObject({ kind: 'opened' });
    expect(await app.request(first)).toMatchObject({ status: 'lapsed' });
    await app.work();
  });

  it('five identical deliveries at once open one request; five different ones too', async () => {
    const app = await start();
    const same = await Promise.all(
      Array.from({ length: 5 }, () => app.ask('ana', 'read', { interaction: 'trigger-1' })),
    );
    expect(same.map(({ kind }) => kind).sort()).toEqual(['opened', 'replayed', 'replayed', 'replayed', 'replayed']);
    const different = await Promise.all(Array.from({ length: 5 }, () => app.ask('ben', 'read')));
    expect(different.map(({ kind }) => kind).sort()).toEqual(['opened', 'refused', 'refused', 'refused', 'refused']);
    expect(await app.events('RequestOpened')).toHaveLength(2);
    await app.work();
  });

  it('a refused interaction stays refused when it is delivered again', async () => {
    const app = await start();
    expect(await app.ask('olga', 'read', { interaction: 'x' })).toMatchObject({ kind: 'refused' });
    expect(await app.ask('olga', 'read', { interaction: 'x' })).toEqual({ kind: 'replayed' });
    expect(await app.events('RequestRefused')).toHaveLength(1);
  });

  it('names of any length and with broken characters are recorded, cut visibly', async () => {
    const app = await start();
    expect(await app.ask('ana', `${'y'.repeat(5_000)}\ud800`)).toMatchObject({ refusal: { code: 'unknown-access' } });
    const [refused] = await app.events('RequestRefused');
    expect(refused?.access).toBe(`${'y'.repeat(100)}…`);
  });

  it('auto_approve is a recorded vote of the policy, and the grant follows at once', async () => {
    const app = await start();
    const requestId = await app.asked('ana', 'auto');
    await app.work();
    expect(await app.request(requestId)).toMatchObject({
      status: 'approved',
      decidedBy: 'policy:auto/self-service',
      votes: [{ voter: 'policy:auto/self-service', verdict: 'approve', step: 0 }],
    });
    expect(await app.grantOf(requestId)).toMatchObject({ status: 'active' });
    expect(await app.events('VoteCast')).toMatchObject([{ actor: 'policy:auto/self-service' }]);
    await app.quiesce();
  });
});
