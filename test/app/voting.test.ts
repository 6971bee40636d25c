import { vote } from '../../src/app/vote.ts';
import { apps, WORKSPACE } from '../support/app.ts';
import { HOUR } from '../support/clock.ts';
import { access, changed, step, usual, type World } from '../support/world.ts';

const { start, beside } = apps();

const withGroups = (groups: Partial<World['groups']>): World => ({
  ...usual,
  groups: { ...usual.groups, ...groups } as World['groups'],
});
const refused = (code: string) => ({ kind: 'refused', refusal: { code } });

describe('N of M, in order', () => {
  it('needs two DBAs and then somebody from security, each another person', async () => {
    const app = await start();
    const id = await app.asked('ana', 'write');
    expect(await app.approve('fay', id)).toMatchObject(refused('step-not-open'));
    expect(await app.approve('cy', id)).toEqual({ kind: 'done' });
    expect(await app.approve('cy', id)).toMatchObject(refused('already-voted'));
    expect(await app.approve('eli', id)).toEqual({ kind: 'done' });
    // Eli is in security, too, but sits in the first step already.
    expect(await app.approve('eli', id)).toMatchObject(refused('already-voted'));
    expect(await app.approve('dee', id)).toMatchObject(refused('not-an-approver'));
    expect(await app.request(id)).toMatchObject({ status: 'pending' });
    expect(await app.approve('fay', id)).toEqual({ kind: 'done' });
    expect(await app.request(id)).toMatchObject({ status: 'approved', decidedBy: 'fay@example.com' });
    await app.quiesce();
  });

  it('one eligible deny ends it; a deny of somebody else does not', async () => {
    const app = await start();
    const id = await app.asked('ana', 'read');
    expect(await app.deny('fay', id)).toMatchObject(refused('not-an-approver'));
    expect(await app.deny('ana', id)).toMatchObject(refused('own-request'));
    expect(await app.deny('cy', id, 'use the replica')).toEqual({ kind: 'done' });
    expect(await app.request(id)).toMatchObject({
      status: 'denied',
      decidedBy: 'cy@example.com',
      decisionReason: 'use the replica',
    });
    expect(await app.approve('dee', id)).toMatchObject(refused('already-decided'));
    await app.work();
    expect(app.messenger.of('news').map(({ message }) => message.news)).toEqual(['denied']);
  });
});

describe('who may not vote', () => {
  it('the requester, in no role: not as an approver, not as everybody’s admin', async () => {
    const app = await start({ world: withGroups({ dba: ['ana', 'cy', 'dee'], security: ['ana', 'eli', 'fay'] }) });
    const id = await app.asked('ana', 'read');
    expect(await app.approve('ana', id)).toMatchObject(refused('own-request'));
    await app.deny('cy', id);
    await app.work();
  });

  it('the requester under a second entry of the directory with the same Slack id', async () => {
    const app = await start();
    const id = await app.asked('ana', 'read');
    app.reload({
      ...usual,
      people: { ...usual.people, ana: {}, 'ana.admin': { slack: 'U0ANA' } },
      groups: { ...usual.groups, dba: ['cy', 'dee', 'eli', 'ana.admin'] },
    });
    expect(await app.approve('ana', id)).toMatchObject(refused('own-request'));
    app.reload(usual);
    await app.deny('cy', id);
    await app.work();
  });

  it('the requester who got another Slack id', async () => {
    const app = await start();
    const id = await app.asked('ana', 'read');
    app.reload({
      ...usual,
      people: { ...usual.people, ana: { slack: 'U0OTHER' } },
      groups: { ...usual.groups, dba: ['cy', 'dee', 'eli', 'ana'] },
    });
    expect(await app.approve('other', id)).toMatchObject(refused('own-request'));
    await app.deny('cy', id);
    await app.work();
  });

  it('somebody who voted already, under a second entry with the same Slack id', async () => {
    const app = await start();
    const id = await app.asked('ana', 'write');
    await app.approve('cy', id);
    app.reload({
      ...usual,
      people: { ...usual.people, cy: {}, 'cy.too': { slack: 'U0CY' } },
      groups: { ...usual.groups, dba: ['cy.too', 'dee', 'eli'] },
    });
    expect(await app.approve('cy', id)).toMatchObject(refused('already-voted'));
    app.reload(usual);
    await app.deny('dee', id);
    await app.work();
  });

  it('a stranger, and a disabled approver', async () => {
    const app = await start();
    const id = await app.asked('ana', 'read');
    expect(await app.approve('olga', id)).toMatchObject(refused('unknown-person'));
    app.reload({ ...usual, people: { ...usual.people, cy: { slack: 'U0CY', disabled: true } } });
    expect(await app.approve('cy', id)).toMatchObject(refused('unknown-person'));
    await app.deny('dee', id);
    await app.work();
  });

  it('anybody, on a request that is unknown or of another workspace, and both sound the same', async () => {
    const app = await start();
    const id = await app.asked('ana', 'read');
    const unknown = await app.approve('dee', 'req_99999999');
    expect(unknown).toMatchObject(refused('unknown-request'));
    const caller = { ...app.caller('dee'), workspace: 'T0OTHER' };
    const other = await vote(app.ports, caller, { requestId: id, verdict: 'approve' });
    expect(other).toMatchObject(refused('unknown-request'));
    if (unknown.kind !== 'refused' || other.kind !== 'refused') throw new Error('both are refused');
    expect(other.refusal.sentence).toBe(unknown.refusal.sentence);
    expect(await app.request(id)).toMatchObject({ status: 'pending', votes: [], workspace: WORKSPACE });
    await app.deny('dee', id);
    await app.work();
  });

  it('anybody, once its time is over, whether or not the tick has seen it', async () => {
    const app = await start();
    const id = await app.asked('ana', 'read');
    app.clock.advance(8 * HOUR);
    expect(await app.approve('dee', id)).toMatchObject(refused('request-lapsed'));
    await app.tick();
    expect(await app.approve('dee', id)).toMatchObject(refused('request-lapsed'));
    expect(await app.request(id)).toMatchObject({ status: 'lapsed', votes: [] });
    await app.work();
    expect(app.messenger.beats).toEqual(['lapsed']);
  });

  it('every refusal is recorded with who, what and why, and changes nothing', async () => {
    const app = await start();
    const id = await app.asked('ana', 'read');
    const before = await app.request(id);
    await app.approve('ana', id);
    await app.approve('fay', id);
    await app.approve('olga', id);
    expect(await app.events('CommandRefused')).toMatchObject([
      { actor: 'ana@example.com', command: 'vote', requestId: id, code: 'own-request' },
      { actor: 'fay@example.com', requestId: id, code: 'not-an-approver' },
      { actor: 'slack:U0OLGA', requestId: id, code: 'unknown-person' },
    ]);
    expect(await app.request(id)).toEqual(before);
    await app.deny('dee', id);
    await app.work();
  });
});

describe('many clicks', () => {
  it('a click that Slack delivers five times at once counts once', async () => {
    const app = await start();
    const id = await app.asked('ana', 'write');
    const answers = await Promise.all(Array.from({ length: 5 }, () => app.approve('cy', id, 'same-click')));
    expect(answers.map(({ kind }) => kind).sort()).toEqual(['done', 'replayed', 'replayed', 'replayed', 'replayed']);
    expect((await app.request(id)).votes).toHaveLength(1);
    await app.deny('dee', id);
    await app.work();
  });

  it('five clicks of one person at once fill one seat', async () => {
    const app = await start();
    const id = await app.asked('ana', 'write');
    const answers = await Promise.all(Array.from({ length: 5 }, () => app.approve('cy', id)));
    expect(answers.filter(({ kind }) => kind === 'done')).toHaveLength(1);
    expect((await app.request(id)).votes).toHaveLength(1);
    await app.deny('dee', id);
    await app.work();
  });

  it('two approvers in the same millisecond, in two processes, make one grant', async () => {
    const app = await start();
    const second = await beside(app);
    const id = await app.asked('ana', 'read');
    const answers = await Promise.all([app.approve('cy', id), second.approve('dee', id)]);
    expect(answers.map((one) => (one.kind === 'refused' ? one.refusal.code : one.kind)).sort()).toEqual([
      'already-decided',
      'done',
    ]);
    expect(await app.events('RequestApproved')).toHaveLength(1);
    await app.quiesce();
  });

  it('approve and deny in the same millisecond: one of them decides, the other is told so', async () => {
    const app = await start();
    const second = await beside(app);
    const id = await app.asked('ana', 'read');
    await Promise.all([app.approve('cy', id), second.deny('dee', id)]);
    const decided = await app.events('RequestApproved', 'RequestDenied');
    expect(decided).toHaveLength(1);
    await app.quiesce();
  });
});

describe('policies that change while a request waits', () => {
  const twoDbas = access({ flows: [{ name: 'normal', steps: [step('dba', 2)], timeout: '8h' }] });

  it('a vote of somebody who is no DBA any more leaves its seat, and comes back with them', async () => {
    const app = await start();
    const id = await app.asked('ana', 'write');
    await app.approve('cy', id);
    app.reload(withGroups({ dba: ['dee', 'eli', 'gus'] }));
    await app.approve('dee', id);
    expect(await app.approve('fay', id)).toMatchObject(refused('step-not-open'));
    await app.approve('gus', id);
    expect(await app.approve('fay', id)).toEqual({ kind: 'done' });
    expect(await app.request(id)).toMatchObject({ status: 'approved' });
    await app.quiesce();
  });

  it('a step that the policy has now must be filled as well', async () => {
    const app = await start();
    const id = await app.asked('ana', 'read');
    app.reload({ ...usual, accesses: { ...usual.accesses, read: twoDbas } });
    expect(await app.approve('cy', id)).toEqual({ kind: 'done' });
    expect(await app.request(id)).toMatchObject({ status: 'pending' });
    expect(await app.approve('fay', id)).toMatchObject(refused('not-an-approver'));
    expect(await app.approve('dee', id)).toEqual({ kind: 'done' });
    expect(await app.request(id)).toMatchObject({ status: 'approved' });
    await app.quiesce();
  });

  it('a loosened policy never helps: what was asked under two approvals needs two', async () => {
    const app = await start({ world: { ...usual, accesses: { ...usual.accesses, read: twoDbas } } });
    const id = await app.asked('ana', 'read');
    app.reload(changed(usual, { read: { flows: [{ name: 'auto', auto_approve: true }] } }));
    await app.approve('cy', id);
    expect(await app.request(id)).toMatchObject({ status: 'pending' });
    await app.approve('dee', id);
    expect(await app.request(id)).toMatchObject({ status: 'approved' });
    await app.quiesce();
  });

  it('new approvers of a loosened policy do not count under the old one', async () => {
    const app = await start();
    const id = await app.asked('ana', 'read');
    app.reload(
      changed(usual, { read: { flows: [{ name: 'anybody', steps: [{ approvers: ['everyone'], need: 1 }] }] } }),
    );
    expect(await app.approve('gus', id)).toMatchObject(refused('not-an-approver'));
    await app.deny('cy', id);
    await app.work();
  });

  it.each([
    ['a lower maximum', changed(usual, { read: { duration: { default: '10m', max: '30m' } } })],
    ['a requester who is denied now', changed(usual, { read: { deny: ['user:ana@example.com'] } })],
    ['a requester who may not ask any more', withGroups({ backend: ['ben'] })],
    ['an access that is gone', { ...usual, accesses: { write: usual.accesses.write ?? {} } }],
    ['no flow any more', changed(usual, { read: { flows: [] } })],
  ])('%s: an approval is refused with the rule, a deny still works', async (_what, world) => {
    const app = await start();
    const id = await app.asked('ana', 'read');
    app.reload(world);
    expect(await app.approve('cy', id)).toMatchObject(refused('policy-changed'));
    expect(await app.deny('cy', id)).toEqual({ kind: 'done' });
    await app.work();
    expect(await app.events('RequestApproved')).toEqual([]);
  });

  it('grants that the policy does not list any more are not approved', async () => {
    const app = await start();
    const id = await app.asked('ana', 'read');
    app.reload(changed(usual, { read: { grants: [{ target: 'db', role: 'other' }] } }));
    await app.approve('cy', id);
    expect(await app.request(id)).toMatchObject({ status: 'pending' });
    await app.pass(8 * HOUR);
    expect(await app.request(id)).toMatchObject({ status: 'lapsed' });
  });
});

describe('policies that change between the approval and the giving', () => {
  it.each([
    ['another approval is asked for', changed(usual, { read: { flows: [{ name: 'n', steps: [step('dba', 2)] }] } })],
    ['the grants are others', changed(usual, { read: { grants: [{ target: 'db', role: 'other' }] } })],
    ['the maximum is lower', changed(usual, { read: { duration: { default: '10m', max: '30m' } } })],
    ['the requester is denied', changed(usual, { read: { deny: ['group:backend'] } })],
    ['the approver is no approver any more', withGroups({ dba: ['cy', 'eli'] })],
    ['the approver is disabled', { ...usual, people: { ...usual.people, dee: { slack: 'U0DEE', disabled: true } } }],
    ['the access is gone', { ...usual, accesses: { write: usual.accesses.write ?? {} } }],
  ])('%s: nothing is given, and both are told', async (_what, world) => {
    const app = await start();
    const id = await app.asked('ana', 'read');
    await app.approve('dee', id);
    app.reload(world);
    await app.work();
    expect([...app.target().permissions]).toEqual([]);
    expect(app.target().calls.filter((call) => call.startsWith('provision'))).toEqual([]);
    expect(await app.grantOf(id)).toMatchObject({ status: 'ended', endReason: 'policy' });
    expect(app.messenger.beats).toContain('failed');
    expect(app.messenger.of('news').map(({ message }) => message.news)).toEqual(['failed']);
  });

  it('an automatic approval that has become a matter of people gives nothing', async () => {
    const app = await start();
    const id = await app.asked('ana', 'auto');
    app.reload(changed(usual, { auto: { flows: [{ name: 'normal', steps: [step('dba')] }] } }));
    await app.work();
    expect([...app.target().permissions]).toEqual([]);
    expect(await app.grantOf(id)).toMatchObject({ status: 'ended', endReason: 'policy' });
  });
});
