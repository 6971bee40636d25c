import { reviewEmergency } from '../../src/app/review-emergency.ts';
import type { ServerCaller } from '../../src/app/take-emergency.ts';
import { takeEmergency } from '../../src/app/take-emergency.ts';
import type { ReviewVerdict } from '../../src/domain/emergency.ts';
import { plus } from '../../src/domain/instant.ts';
import type { App } from '../support/app.ts';
import { apps, WORKSPACE } from '../support/app.ts';
import { DAY, HOUR, MINUTE, START } from '../support/clock.ts';
import { changed, usual, type World } from '../support/world.ts';

const { start, beside } = apps();

const glass = (values: Record<string, unknown> = {}): World =>
  changed(usual, {
    write: {
      break_glass: { allow: ['group:sre'], review_within: '24h', quota: { times: 2, per: '30d' }, ...values },
      reason: { required: false, min_length: 10 },
    },
  });
const withSre = (world: World, sre = ['gus', 'fay']): World => ({ ...world, groups: { ...world.groups, sre } });
const world = withSre(glass());

const refused = (code: string) => ({ kind: 'refused', refusal: { code } });
const REASON = 'the shop is down';

const take = (app: App, who = 'gus', { access = 'write', duration, reason = REASON }: Record<string, string> = {}) =>
  takeEmergency(app.ports, app.caller(who), { access, reason, ...(duration === undefined ? {} : { duration }) });

/** Takes what is allowed; the id of its request. */
async function taken(app: App, who = 'gus'): Promise<string> {
  const answer = await take(app, who);
  if (answer.kind !== 'opened') throw new Error(JSON.stringify(answer));
  return answer.request.id;
}

const review = (app: App, who: string, requestId: string, verdict: ReviewVerdict = 'fine', note = 'it was down') =>
  reviewEmergency(app.ports, app.caller(who), { requestId, verdict, note });

describe('an emergency', () => {
  it('is given at once, by a recorded vote of the policy, and ends on time', async () => {
    const app = await start({ world });
    const id = await taken(app);
    expect(await app.request(id)).toMatchObject({
      status: 'approved',
      requester: { email: 'gus@example.com' },
      durationMs: HOUR,
      votes: [{ voter: 'policy:write/break-glass', verdict: 'approve' }],
      emergency: { number: 1, reviewBy: plus(START, DAY) },
    });
    await app.work();
    const grant = await app.grantOf(id);
    expect(grant).toMatchObject({ status: 'active', endsAt: plus(START, HOUR) });
    expect((await app.eventTypes()).slice(0, 4)).toEqual([
      'RequestOpened',
      'VoteCast',
      'RequestApproved',
      'EmergencyTaken',
    ]);
    await app.quiesce();
    expect(await app.grant(grant.id)).toMatchObject({ status: 'ended', endReason: 'expired' });
  });

  it('is told to everybody who could have approved it, each once, to their channel and to the audit channel', async () => {
    const app = await start({ world });
    await taken(app, 'fay');
    await app.work();
    // Fay approves such requests herself, and is not asked to review her own.
    const where = app.messenger.of('approvers').map(({ channel }) => channel);
    expect(where.sort()).toEqual(['#approvals', '#audit', 'D-U0CY', 'D-U0DEE', 'D-U0ELI']);
    expect(app.messenger.of('approvers')[0]?.rendered.text).toContain(
      '🚨 <@U0FAY> took Access write (write) in an emergency, for 1h: the shop is down.',
    );
    await app.quiesce();
  });

  it.each([
    ['somebody whom it does not name', 'ana', {}, 'not-eligible', /may not take `write` in an emergency.*group:sre/],
    ['an access without the rule', 'gus', { access: 'read' }, 'not-eligible', /`read` has no `break_glass`/],
    ['an access that there is not', 'gus', { access: 'nothing' }, 'unknown-access', /There is no access/],
    ['no reason', 'gus', { reason: ' ' }, 'invalid-field', /reason/],
    ['a reason too short for any request', 'gus', { reason: 'down' }, 'invalid-field', /at least 10/],
    ['longer than the longest', 'gus', { duration: '5h' }, 'too-long', /at most 4h/],
    ['no duration at all', 'gus', { duration: '1x' }, 'invalid-duration', /1x/],
    ['a stranger', 'olga', {}, 'unknown-person', /not in the directory/],
  ])('is refused for %s, and the refusal recorded', async (_what, who, asked, code, sentence) => {
    const app = await start({ world });
    const answer = await take(app, who, asked as Record<string, string>);
    expect(answer).toMatchObject({ kind: 'refused', refusal: { code, sentence: expect.stringMatching(sentence) } });
    expect(await app.eventTypes()).toEqual(['RequestRefused']);
  });

  it('names the rule that refuses: `break_glass`, as `requesters` was not asked', async () => {
    const app = await start({ world });
    const rule = async (who: string, asked = {}) => (await take(app, who, asked)) as { refusal: { rule: string } };
    expect((await rule('ana')).refusal.rule).toMatch(/^write: break_glass \(/);
    expect((await rule('gus', { access: 'read' })).refusal.rule).toMatch(/^read \(/);
    await app.quiesce();
  });

  it('needs no field that a request needs, and keeps those that are given', async () => {
    const ticket = { ticket: { label: 'Ticket', pattern: '^INC-\\d+$', required: true } };
    const app = await start({ world: withSre(changed(glass(), { write: { fields: ticket } })) });
    expect(await app.request(await taken(app))).toMatchObject({ fields: {} });
    const asked = { access: 'write', reason: REASON, fields: { ticket: 'INC-42' } };
    expect(await takeEmergency(app.ports, app.caller('gus'), asked)).toMatchObject({
      request: { fields: { ticket: 'INC-42' } },
    });
    const wrong = { ...asked, fields: { ticket: '42' } };
    expect(await takeEmergency(app.ports, app.caller('fay'), wrong)).toMatchObject(refused('invalid-field'));
    await app.quiesce();
  });

  it('is refused where deny names the person, and where the list is empty', async () => {
    const denied = withSre(changed(glass(), { write: { deny: ['group:sre'] } }));
    const app = await start({ world: denied });
    expect(await take(app)).toMatchObject(refused('denied-by-policy'));
    app.reload(withSre(glass({ allow: [] })));
    expect(await take(app)).toMatchObject(refused('not-eligible'));
  });

  it('does not wait behind a request for the same access', async () => {
    const both = withSre(changed(glass(), { write: { requesters: ['group:sre'] } }));
    const app = await start({ world: both });
    const pending = await app.asked('gus', 'write');
    const id = await taken(app);
    await app.work();
    expect(await app.grantOf(id)).toMatchObject({ status: 'active' });
    expect(await app.request(pending)).toMatchObject({ status: 'pending' });
    await app.deny('cy', pending);
    await app.quiesce();
  });

  it('is not given when the policies no longer allow it right before', async () => {
    const app = await start({ world });
    const id = await taken(app);
    app.reload(withSre(glass(), ['fay']));
    await app.work();
    expect(await app.grantOf(id)).toMatchObject({ status: 'ended', endReason: 'policy' });
    expect(await app.target().inspect({ permission: {}, account: 'gus', signal: new AbortController().signal })).toBe(
      'absent',
    );
  });

  it('counts once however often Slack delivers it', async () => {
    const app = await start({ world });
    const caller = app.caller('gus', 'same-command');
    const asked = { access: 'write', reason: REASON };
    const answers = await Promise.all([1, 2, 3].map(() => takeEmergency(app.ports, caller, asked)));
    expect(answers.map(({ kind }) => kind).sort()).toEqual(['opened', 'replayed', 'replayed']);
    await app.quiesce();
  });
});

describe('the quota', () => {
  it('is of a person and an access, in a window that slides; full, it says when it is free', async () => {
    const app = await start({ world });
    await taken(app);
    app.clock.advance(DAY);
    await taken(app);
    app.clock.advance(DAY);
    expect(await take(app)).toMatchObject({
      kind: 'refused',
      refusal: { code: 'quota-used', sentence: expect.stringContaining(plus(START, 30 * DAY)) },
    });
    expect(await take(app, 'fay')).toMatchObject({ kind: 'opened' });
    app.clock.set(plus(START, 30 * DAY));
    expect(await take(app)).toMatchObject({ kind: 'opened', request: { emergency: { number: 3 } } });
    expect(await take(app)).toMatchObject(refused('quota-used'));
    await app.quiesce();
  });

  it('is not new for somebody who has a new e-mail in the directory', async () => {
    const app = await start({ world });
    await taken(app);
    await taken(app);
    const { gus, ...others } = world.people;
    app.reload({
      ...withSre(world, ['gustava', 'fay']),
      people: { ...others, gustava: { ...gus } },
      groups: { ...world.groups, sre: ['gustava', 'fay'] },
    });
    expect(await take(app)).toMatchObject(refused('quota-used'));
    app.clock.set(plus(START, 30 * DAY));
    expect(await take(app)).toMatchObject({
      kind: 'opened',
      request: { requester: { email: 'gustava@example.com' }, emergency: { number: 3 } },
    });
    await app.quiesce();
  });

  it('is never exceeded by many at once, in two processes', async () => {
    const app = await start({ world });
    const second = await beside(app, { world });
    const answers = await Promise.all([take(app), take(second), take(app), take(second)]);
    expect(answers.map((one) => (one.kind === 'refused' ? one.refusal.code : one.kind)).sort()).toEqual([
      'opened',
      'opened',
      'quota-used',
      'quota-used',
    ]);
    await app.quiesce();
  });

  it('is no limit where there is none', async () => {
    const app = await start({ world: withSre(glass({ quota: undefined })) });
    for (let count = 0; count < 4; count += 1) await taken(app);
    await app.quiesce();
  });
});

describe('the review', () => {
  it('is closed once, by somebody who could have approved it, with a verdict and a note that everybody reads', async () => {
    const app = await start({ world });
    const id = await taken(app, 'fay');
    await app.work();
    expect(await review(app, 'fay', id)).toMatchObject(refused('own-request'));
    expect(await review(app, 'ana', id)).toMatchObject(refused('not-an-approver'));
    expect(await review(app, 'olga', id)).toMatchObject(refused('unknown-person'));
    expect(await review(app, 'cy', 'req_99999999')).toMatchObject(refused('unknown-request'));
    expect(await review(app, 'cy', id, 'not-justified', 'it was not down')).toEqual({ kind: 'done' });
    expect(await review(app, 'dee', id)).toMatchObject(refused('already-reviewed'));
    expect((await app.request(id)).emergency?.review).toMatchObject({
      verdict: 'not-justified',
      note: 'it was not down',
      by: { email: 'cy@example.com' },
      at: START,
    });
    await app.work();
    for (const { rendered } of app.messenger.of('approvers')) {
      expect(JSON.stringify(rendered)).toContain('not justified');
      expect(JSON.stringify(rendered)).not.toContain('review-fine');
    }
    expect(app.messenger.of('news').map(({ message }) => message.news)).toEqual(['reviewed']);
    await app.quiesce();
  });

  it('is closed by one of two who press at the same moment', async () => {
    const app = await start({ world });
    const second = await beside(app, { world });
    const id = await taken(app);
    const answers = await Promise.all([review(app, 'cy', id), review(second, 'dee', id, 'not-justified')]);
    expect(answers.map(({ kind }) => kind).sort()).toEqual(['done', 'refused']);
    await app.quiesce();
  });

  it('is not of a request that was no emergency', async () => {
    const app = await start({ world });
    const id = await app.asked('ana', 'read');
    expect(await review(app, 'cy', id)).toMatchObject(refused('not-reviewable'));
    await app.deny('cy', id);
    await app.work();
  });

  it('that is late is said once, and stands in the digest every day until somebody closes it', async () => {
    const app = await start({ world });
    await app.beginDigests();
    const id = await taken(app);
    await app.quiesce();
    const late = () => app.messenger.of('story').filter(({ message }) => message.line.beat === 'review-overdue').length;
    await app.pass(DAY, HOUR);
    const copies = app.messenger.of('approvers').length;
    expect(late()).toBe(copies);
    await app.pass(2 * DAY, HOUR);
    expect(late()).toBe(copies);
    const digests = () => app.messenger.of('digest').map(({ message }) => message.digest.reviewsOverdue.length);
    expect(digests().slice(-2)).toEqual([1, 1]);
    expect(app.messenger.of('digest')[0]?.message.digest.counts.emergencies).toBe(1);
    expect(app.messenger.of('digest').at(-1)?.rendered.text).not.toContain('nothing happened');
    await review(app, 'cy', id);
    await app.pass(3 * DAY, HOUR);
    expect(digests().at(-1)).toBe(0);
    expect(await app.events('ReviewOverdue')).toHaveLength(1);
  });

  it('can be closed by those who approved it then, though the access is gone from the policies', async () => {
    const app = await start({ world });
    const id = await taken(app);
    await app.quiesce();
    const { write: _, ...accesses } = world.accesses;
    app.reload({ ...world, accesses });
    expect(await review(app, 'cy', id)).toEqual({ kind: 'done' });
    await app.work();
  });
});

describe('the review by an owner', () => {
  it('is by whoever owned the target when it was taken, not by whoever owns it now', async () => {
    const owned = (by: string): World => ({
      ...changed(world, { write: { flows: [{ name: 'owner', steps: [{ approvers: ['owner'] }] }] } }),
      targets: { ...world.targets, db: { ...world.targets.db, owner: `user:${by}@example.com` } },
    });
    const app = await start({ world: owned('cy') });
    const id = await taken(app);
    app.reload(owned('dee'));
    expect(await review(app, 'dee', id)).toMatchObject(refused('not-an-approver'));
    expect(await review(app, 'cy', id)).toEqual({ kind: 'done' });
    await app.quiesce();
  });
});

describe('an emergency typed on the server', () => {
  const server = (email = 'gus@example.com'): ServerCaller => ({ workspace: WORKSPACE, email, via: 'cli:root' });

  it('is the same, and says who typed it for whom', async () => {
    const app = await start({ world });
    const answer = await takeEmergency(app.ports, server(), { access: 'write', duration: '30m', reason: REASON });
    if (answer.kind !== 'opened') throw new Error(JSON.stringify(answer));
    expect(answer.request).toMatchObject({
      requester: { email: 'gus@example.com', slack: 'U0GUS' },
      emergency: { via: 'cli:root' },
    });
    expect((await app.events('RequestOpened'))[0]?.actor).toBe('cli:root');
    expect((await app.events('EmergencyTaken'))[0]).toMatchObject({
      actor: 'cli:root',
      person: { email: 'gus@example.com' },
    });
    await app.work();
    expect(app.messenger.of('approvers')[0]?.rendered.text).toContain('typed on the server by `cli:root`');
    await app.quiesce();
  });

  it('is bound by the same rules', async () => {
    const app = await start({ world });
    const asked = { access: 'write', reason: REASON };
    expect(await takeEmergency(app.ports, server('ana@example.com'), asked)).toMatchObject(refused('not-eligible'));
    expect(await takeEmergency(app.ports, server('no@example.com'), asked)).toMatchObject(refused('unknown-person'));
    const refusals = await app.events('RequestRefused');
    expect(refusals.map(({ actor }) => actor)).toEqual(['cli:root', 'cli:root']);
    expect(refusals.map((each) => each.asked)).toEqual([
      { emergency: true, person: 'ana@example.com' },
      { emergency: true, person: 'no@example.com' },
    ]);
    app.reload({ ...world, people: { ...world.people, gus: {} } });
    expect(await takeEmergency(app.ports, server(), asked)).toMatchObject({
      refusal: { sentence: expect.stringContaining('no Slack user') },
    });
  });

  it('is given while Slack cannot be reached, and told when it is back', async () => {
    const app = await start({ world });
    app.messenger.fail({ on: 'post', kind: 'retry', times: 1_000 });
    await takeEmergency(app.ports, server(), { access: 'write', reason: REASON });
    await app.work();
    expect(await app.store.countOpenGrants(WORKSPACE)).toBe(1);
    expect((await app.store.openGrants(WORKSPACE, 1))[0]).toMatchObject({ status: 'active' });
    expect(app.messenger.of('approvers')).toEqual([]);
    app.messenger.heal();
    await app.pass(10 * MINUTE, MINUTE);
    expect(app.messenger.of('approvers').length).toBeGreaterThan(3);
    await app.quiesce();
  });
});
