import { extendGrant } from '../../src/app/extend-grant.ts';
import { plus } from '../../src/domain/instant.ts';
import type { App } from '../support/app.ts';
import { apps } from '../support/app.ts';
import { HOUR, MINUTE, SECOND } from '../support/clock.ts';
import { changed, slackOf, step, usual, type World } from '../support/world.ts';

const { start, beside } = apps();

const extendable = (extend: Record<string, unknown> = {}): World => {
  const duration = { default: '1h', max: '4h', extend: { times: 1, by: '1h', ...extend } };
  return changed(usual, { read: { duration }, write: { duration }, auto: { duration }, direct: { duration } });
};
const refused = (code: string) => ({ kind: 'refused', refusal: { code } });

const byName = (app: App, who: string, access = 'read', reason = '') =>
  extendGrant(app.ports, app.caller(who), { access, reason });
const byButton = (app: App, who: string, grantId: string) => extendGrant(app.ports, app.caller(who), { grantId });

/** Asks for an extension that is allowed; the id of its request. */
async function asked(app: App, who = 'ana', access = 'read', reason = ''): Promise<string> {
  const answer = await byName(app, who, access, reason);
  if (answer.kind !== 'opened') throw new Error(JSON.stringify(answer));
  return answer.request.id;
}

describe('an extension', () => {
  it('is asked of those who approved last, and its approval moves the end of the grant, and nothing else', async () => {
    const app = await start({ world: extendable() });
    const grant = await app.granted('ana', 'write', { by: ['cy', 'dee', 'fay'] });
    const before = await app.grant(grant.id);
    const calls = app.target().calls.length;
    app.clock.advance(30 * MINUTE);
    const id = await asked(app, 'ana', 'write', 'the import still runs');
    expect(await app.request(id)).toMatchObject({
      status: 'pending',
      requester: { email: 'ana@example.com' },
      reason: 'the import still runs',
      durationMs: HOUR,
      extension: { grantId: grant.id, until: plus(grant.endsAt, HOUR), wholeMs: 2 * HOUR },
      flow: { name: 'careful', steps: [{ need: 1 }] },
      // Worth nothing once the access is over.
      lapsesAt: grant.endsAt,
    });
    expect(await app.approve('cy', id)).toMatchObject(refused('not-an-approver'));
    expect(await app.approve('ana', id)).toMatchObject(refused('own-request'));
    expect(await app.approve('fay', id)).toEqual({ kind: 'done' });
    expect(await app.grant(grant.id)).toMatchObject({
      status: 'active',
      endsAt: plus(before.endsAt, HOUR),
      extensions: 1,
      holds: before.holds,
    });
    expect(await app.request(id)).toMatchObject({
      status: 'approved',
      decidedBy: 'fay@example.com',
      grantId: grant.id,
    });
    await app.work();
    expect(app.target().calls).toHaveLength(calls);
    expect(app.messenger.of('news').map(({ message }) => message.news)).toEqual(['extended']);
    // The copies of the first request say the new end.
    expect(app.messenger.of('requester')[0]?.message.view.grant?.endsAt).toBe(plus(before.endsAt, HOUR));
    await app.pass(31 * MINUTE);
    expect(await app.grant(grant.id)).toMatchObject({ status: 'active' });
    await app.pass(HOUR);
    expect(await app.grant(grant.id)).toMatchObject({ status: 'ended', endReason: 'expired' });
    expect((await app.events('GrantEnded'))[0]).toMatchObject({ dueAt: plus(before.endsAt, HOUR) });
  });

  it('without a reason of its own has that of the request', async () => {
    const app = await start({ world: extendable() });
    await app.granted('ana');
    expect(await app.request(await asked(app))).toMatchObject({ reason: 'INC-42 slow queries' });
    await app.endOwn('ana', 'read');
    await app.work();
  });

  it('is approved by the policy itself where the flow is automatic, as a recorded vote', async () => {
    const app = await start({ world: extendable() });
    const grant = await app.granted('ana', 'auto', { by: [] });
    const id = await asked(app, 'ana', 'auto');
    expect(await app.request(id)).toMatchObject({
      status: 'approved',
      votes: [{ voter: 'policy:auto/self-service', verdict: 'approve' }],
    });
    expect(await app.grant(grant.id)).toMatchObject({ endsAt: plus(grant.endsAt, HOUR) });
    await app.quiesce();
  });

  it.each([
    ['none', 'approved', 0],
    ['all-steps', 'pending', 2],
    ['last-step', 'pending', 1],
  ])('with approval %s is %s and has %s steps', async (approval, status, steps) => {
    const app = await start({ world: extendable({ approval }) });
    await app.granted('ana', 'write', { by: ['cy', 'dee', 'fay'] });
    const request = await app.request(await asked(app, 'ana', 'write'));
    expect(request.status).toBe(status);
    expect(request.flow.steps).toHaveLength(steps);
    await app.endOwn('ana', 'write');
    await app.work();
  });

  it('comes as often as the policy says, and not once more', async () => {
    const app = await start({ world: extendable({ times: 2 }) });
    const grant = await app.granted('ana');
    for (const times of [1, 2]) {
      await app.approve('dee', await asked(app));
      expect(await app.grant(grant.id)).toMatchObject({ extensions: times, endsAt: plus(grant.endsAt, times * HOUR) });
    }
    expect(await byName(app, 'ana')).toMatchObject({
      ...refused('no-extensions-left'),
      refusal: { sentence: 'read can be extended 2 times, by 1h, and was. Ask for it anew.' },
    });
    expect(await app.events('CommandRefused')).toMatchObject([
      { command: 'extend', grantId: grant.id, access: 'read', code: 'no-extensions-left' },
    ]);
    await app.work();
    expect(app.messenger.of('requester')[0]?.message.view.extendsBy).toBeUndefined();
    await app.quiesce();
  });

  it('is for its holder alone, for what runs, and where the policy allows it', async () => {
    const app = await start({ world: extendable() });
    const grant = await app.granted('ana');
    expect(await byButton(app, 'ben', grant.id)).toMatchObject(refused('not-your-grant'));
    expect(await byButton(app, 'olga', grant.id)).toMatchObject(refused('unknown-person'));
    expect(await byButton(app, 'ana', 'grt_99999999')).toMatchObject(refused('no-such-grant'));
    expect(await byName(app, 'ana', 'write')).toMatchObject(refused('no-such-grant'));
    app.reload(usual);
    expect(await byName(app, 'ana')).toMatchObject(refused('not-extendable'));
    app.reload({ ...extendable(), groups: { ...usual.groups, backend: ['ben'] } });
    expect(await byName(app, 'ana')).toMatchObject(refused('not-eligible'));
    app.reload(extendable());
    await app.end('ana', grant.id);
    expect(await byButton(app, 'ana', grant.id)).toMatchObject(refused('already-ending'));
    await app.work();
    expect(await byButton(app, 'ana', grant.id)).toMatchObject(refused('already-ending'));
  });

  it('of what is still being given waits until it is there', async () => {
    const app = await start({ world: extendable() });
    const id = await app.asked('ana', 'read');
    await app.approve('dee', id);
    expect(await byName(app, 'ana')).toMatchObject(refused('not-extendable'));
    await app.quiesce();
  });

  it('is never asked for twice at once, whether by two clicks or in two processes', async () => {
    const app = await start({ world: extendable() });
    const second = await beside(app, { world: extendable() });
    const grant = await app.granted('ana');
    const answers = await Promise.all([
      byButton(app, 'ana', grant.id),
      byButton(second, 'ana', grant.id),
      byName(app, 'ana'),
    ]);
    expect(answers.map((one) => (one.kind === 'refused' ? one.refusal.code : one.kind)).sort()).toEqual([
      'already-pending',
      'already-pending',
      'opened',
    ]);
    expect(await app.ask('ana', 'read')).toMatchObject({
      ...refused('already-pending'),
      refusal: { sentence: expect.stringMatching(/^You asked to extend the read that you have/) },
    });
    await app.endOwn('ana', 'read');
    await app.work();
  });

  it('is chosen its flow for the whole time: a flow without extension left does not become one', async () => {
    const world = extendable({ by: '4h' });
    const app = await start({ world });
    const grant = await app.granted('ana', 'read', { duration: '4h' });
    // 8h would be refused as a request; as an extension it counts as the longest there is.
    expect(await app.request(await asked(app))).toMatchObject({ extension: { wholeMs: 8 * HOUR } });
    await app.end('ana', grant.id);
    await app.work();
  });
});

describe('an extension that waits while its access ends', () => {
  it('lapses with the end, in the same tick, and cannot be approved any more', async () => {
    const app = await start({ world: extendable() });
    const grant = await app.granted('ana');
    const id = await asked(app);
    app.clock.set(grant.endsAt);
    expect(await app.approve('dee', id)).toMatchObject(refused('request-lapsed'));
    await app.tick();
    expect(await app.request(id)).toMatchObject({ status: 'lapsed' });
    const types = await app.eventTypes();
    expect(types.slice(types.indexOf('GrantEnding'), types.indexOf('GrantEnding') + 2)).toEqual([
      'GrantEnding',
      'RequestLapsed',
    ]);
    await app.work();
    expect(await app.grant(grant.id)).toMatchObject({ status: 'ended', endsAt: grant.endsAt });
  });

  it.each(['the button', 'the command'])('is closed when its holder ends it early by %s', async (how) => {
    const app = await start({ world: extendable() });
    const grant = await app.granted('ana');
    const id = await asked(app);
    if (how === 'the button') await app.end('ana', grant.id);
    else expect(await app.endOwn('ana', 'read')).toMatchObject({ ended: 1, withdrawn: 0 });
    expect(await app.request(id)).toMatchObject({ status: 'cancelled', decidedBy: 'ana@example.com' });
    expect(await app.approve('dee', id)).toMatchObject(refused('already-decided'));
    await app.work();
    expect(app.messenger.of('approvers').at(-1)?.rendered.text).toContain('Closed: <@U0ANA> ended the access itself.');
  });

  it('leaves a request for the same access alone', async () => {
    const app = await start({ world: extendable() });
    const grant = await app.granted('ana');
    const id = await app.asked('ana', 'read');
    await app.end('ana', grant.id);
    expect(await app.request(id)).toMatchObject({ status: 'pending' });
    await app.deny('dee', id);
    await app.work();
  });

  it('at the very end is either extended or over, in two processes at once', async () => {
    const app = await start({ world: extendable() });
    const second = await beside(app, { world: extendable() });
    const grant = await app.granted('ana');
    const id = await asked(app);
    app.clock.set(plus(grant.endsAt, -1));
    await Promise.all([app.approve('dee', id), second.end('ana', grant.id)]);
    const { status, extensions } = await app.grant(grant.id);
    const request = await app.request(id);
    expect(['approved', 'cancelled']).toContain(request.status);
    expect({ status, extended: extensions === 1 }).toEqual({
      status: 'revoking',
      extended: request.status === 'approved',
    });
    await app.quiesce();
  });

  it('is not allowed by policies that no longer extend, and its time goes on', async () => {
    const app = await start({ world: extendable() });
    const grant = await app.granted('ana');
    const id = await asked(app);
    app.reload(usual);
    expect(await app.approve('dee', id)).toMatchObject(refused('policy-changed'));
    app.reload(changed(extendable(), { read: { flows: [{ name: 'normal', steps: [step('dba', 2)] }] } }));
    expect(await app.approve('dee', id)).toEqual({ kind: 'done' });
    expect(await app.request(id)).toMatchObject({ status: 'pending' });
    await app.approve('cy', id);
    expect(await app.request(id)).toMatchObject({ status: 'approved' });
    expect(await app.grant(grant.id)).toMatchObject({ extensions: 1 });
    await app.quiesce();
  });
});

describe('an extension that waits while the policies change', () => {
  it.each([
    ['shorter ones', '1h', { extend: { times: 2, by: '30m' } }, 'read is extended by at most 30m.'],
    ['fewer', '1h', { extend: { times: 1, by: '1h' } }, 'read is extended at most once.'],
    [
      'a shorter access',
      '4h',
      { max: '2h', extend: { times: 2, by: '1h' } },
      '`read` is given for at most 4h, extensions included.',
    ],
  ])('to %s is not approved by them', async (_what, duration, tight, sentence) => {
    const app = await start({ world: extendable({ times: 2 }) });
    const grant = await app.granted('ana', 'read', { duration });
    await app.approve('dee', await asked(app));
    const id = await asked(app);
    app.reload(changed(usual, { read: { duration: { default: '1h', max: '4h', ...tight } } }));
    expect(await app.approve('dee', id)).toMatchObject({
      refusal: { code: 'policy-changed', sentence: expect.stringContaining(`is refused now: ${sentence}`) },
    });
    expect(await app.request(id)).toMatchObject({ status: 'pending', votes: [] });
    expect(await app.grant(grant.id)).toMatchObject({ extensions: 1 });
    await app.endOwn('ana', 'read');
    await app.quiesce();
  });
});

describe('the warning before the end', () => {
  const warned = (app: App) => app.messenger.of('warning').map(({ channel }) => channel);

  it('comes once, six minutes before the end of an hour, with the ways to go on or to stop', async () => {
    const app = await start({ world: extendable() });
    await app.granted('ana');
    await app.pass(54 * MINUTE - SECOND);
    expect(warned(app)).toEqual([]);
    await app.pass(SECOND);
    expect(warned(app)).toEqual([`D-${slackOf('ana')}`]);
    expect(app.messenger.of('warning')[0]?.rendered.text).toMatch(/^Your Access read \(`read`\) ends <!date/);
    await app.pass(6 * MINUTE, 30 * SECOND);
    expect(warned(app)).toHaveLength(1);
    // Its buttons went with the access.
    expect(JSON.stringify(app.messenger.of('warning')[0]?.rendered)).not.toContain('end-now');
    expect(await app.events('GrantWarned')).toHaveLength(1);
  });

  it('comes again before the end that an extension gave', async () => {
    const app = await start({ world: extendable() });
    await app.granted('ana');
    await app.pass(55 * MINUTE);
    await app.approve('dee', await asked(app));
    await app.pass(58 * MINUTE);
    expect(warned(app)).toHaveLength(1);
    await app.pass(MINUTE);
    expect(warned(app)).toHaveLength(2);
    await app.quiesce();
  });

  it('comes once after a long stop, and not at all after the end', async () => {
    const app = await start({ world: extendable() });
    const first = await app.granted('ana', 'read', { duration: '4h' });
    await app.granted('ben', 'read');
    app.clock.advance(4 * HOUR - MINUTE);
    await app.tick();
    await app.tick();
    await app.work();
    expect(warned(app)).toEqual([`D-${slackOf('ana')}`]);
    expect(await app.grant(first.id)).toMatchObject({ status: 'active' });
    await app.quiesce();
    expect(warned(app)).toHaveLength(1);
  });

  it('that Slack did not take in time is not said after the end, nor once the end has moved', async () => {
    const app = await start({ world: extendable() });
    await app.granted('ana');
    app.clock.advance(55 * MINUTE);
    await app.tick();
    app.clock.advance(5 * MINUTE);
    await app.tick();
    await app.work();
    expect(warned(app)).toEqual([]);

    await app.granted('ben');
    app.clock.advance(55 * MINUTE);
    await app.tick();
    await app.approve('dee', await asked(app, 'ben'));
    await app.work();
    expect(warned(app)).toEqual([]);
    await app.quiesce();
  });

  it('is not repeated by a clock that stepped back', async () => {
    const app = await start({ world: extendable() });
    await app.granted('ana');
    await app.pass(55 * MINUTE);
    app.clock.advance(-30 * MINUTE);
    await app.pass(30 * MINUTE, MINUTE);
    expect(warned(app)).toHaveLength(1);
    await app.quiesce();
  });
});
