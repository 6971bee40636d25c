import { readDigest } from '../../src/app/digest.ts';
import { extendGrant } from '../../src/app/extend-grant.ts';
import { verifyAudit } from '../../src/app/verify-audit.ts';
import { illegality } from '../../src/audit/legal.ts';
import { emptyWorld } from '../../src/domain/fold.ts';
import { plus } from '../../src/domain/instant.ts';
import { type App, apps } from '../support/app.ts';
import { HOUR, MINUTE, SECOND, START } from '../support/clock.ts';
import { changed, usual, type World } from '../support/world.ts';

const { start, beside } = apps();

const idling = (idle: string | undefined = '30m', more: Record<string, unknown> = {}): World => {
  const values = { revoke_on_idle: idle, ...more };
  return changed(usual, { read: values, both: values, auto: values });
};
/** With a look at least every three minutes: so long may pass between two. */
const pass = (app: App, minutes: number) => app.pass(minutes * MINUTE, 3 * MINUTE);
const looks = (app: App, name = 'db') => app.target(name).calls.filter((call) => call.startsWith('lastUsed')).length;

describe('a grant that nobody uses', () => {
  it('ends as soon as it was not used for so long, is taken away, and everybody is told since when', async () => {
    const app = await start({ world: idling() });
    const grant = await app.granted('ana');
    expect(grant).toMatchObject({ status: 'active', idle: { afterMs: 30 * MINUTE, since: START } });
    app.target().uses.set('ana', 'now');
    await pass(app, 10);
    app.target().uses.set('ana', app.clock.now());
    await pass(app, 29);
    expect(await app.grant(grant.id)).toMatchObject({ status: 'active' });
    await pass(app, 1);
    expect(await app.grant(grant.id)).toMatchObject({
      status: 'ended',
      endReason: 'idle',
      endedBy: 'latchkey',
      endedAt: plus(START, 40 * MINUTE),
      idle: { unusedSince: plus(START, 10 * MINUTE) },
    });
    expect([...app.target().permissions]).toEqual([]);
    expect(await app.events('GrantEnding')).toMatchObject([
      { actor: 'latchkey', reason: 'idle', unusedSince: plus(START, 10 * MINUTE) },
    ]);
    // It was due when it was found unused, and no event tells of a look.
    expect(await app.events('GrantEnded')).toMatchObject([{ reason: 'idle', dueAt: plus(START, 40 * MINUTE) }]);
    expect((await app.eventTypes()).slice(-4)).toEqual([
      'GrantActivated',
      'GrantEnding',
      'EntitlementTaken',
      'GrantEnded',
    ]);
    expect(app.messenger.of('news').map(({ message }) => message.news)).toEqual(['ended']);
    const today = { kind: 'digest' as const, date: '2026-03-03', from: START, to: plus(START, 2 * HOUR) };
    expect((await readDigest(app.ports, app.workspace, today)).counts).toMatchObject({ ended: 1, unused: 1 });
    await pass(app, 1);
  });

  it('whose session waits counts from what it did last, by the clock of the target', async () => {
    const app = await start({ world: idling() });
    const grant = await app.granted('ana');
    app.target().uses.set('ana', plus(START, 5 * MINUTE));
    await pass(app, 34);
    expect(await app.grant(grant.id)).toMatchObject({ status: 'active' });
    await pass(app, 1);
    expect(await app.grant(grant.id)).toMatchObject({ idle: { unusedSince: plus(START, 5 * MINUTE) } });
    await pass(app, 1);
  });

  it('that was never used counts from when it was given', async () => {
    const app = await start({ world: idling() });
    app.target().fail('provision', { kind: 'retry' }, 6);
    const id = await app.asked('ana', 'auto');
    await app.pass(5 * MINUTE, 30 * SECOND);
    const { activatedAt = '' } = await app.grantOf(id);
    expect(activatedAt > plus(START, 30 * SECOND)).toBe(true);
    await app.pass(30 * MINUTE, 30 * SECOND);
    const grant = await app.grantOf(id);
    expect(grant).toMatchObject({ endReason: 'idle', endingAt: plus(activatedAt, 30 * MINUTE) });
    expect(grant.idle).toMatchObject({ since: activatedAt, unusedSince: activatedAt });
    await pass(app, 1);
  });

  it('lasts until its end where no policy says otherwise, and nobody looks', async () => {
    const app = await start();
    const grant = await app.granted('ana');
    await pass(app, 60);
    expect(await app.grant(grant.id)).toMatchObject({ endReason: 'expired' });
    expect(looks(app)).toBe(0);
  });

  it('ends at its end when that comes first', async () => {
    const app = await start({ world: idling() });
    app.target().uses.set('ana', 'now');
    const grant = await app.granted('ana');
    await pass(app, 45);
    app.target().uses.set('ana', app.clock.now());
    await pass(app, 16);
    expect(await app.grant(grant.id)).toMatchObject({ endReason: 'expired' });
  });

  it('closes the extension that waits for it; one that was approved counts as use', async () => {
    const app = await start({
      world: idling('30m', { duration: { default: '1h', max: '4h', extend: { times: 1, by: '1h' } } }),
    });
    const extend = async (who: string) => {
      const asked = await extendGrant(app.ports, app.caller(who), { access: 'read', reason: '' });
      if (asked.kind !== 'opened') throw new Error(JSON.stringify(asked));
      return asked.request.id;
    };
    const [ana, ben] = [await app.granted('ana'), await app.granted('ben')];
    await pass(app, 20);
    const [approved, waiting] = [await extend('ana'), await extend('ben')];
    await app.approve('dee', approved);
    await pass(app, 10);
    expect(await app.grant(ana.id)).toMatchObject({ status: 'active', idle: { since: plus(START, 20 * MINUTE) } });
    expect(await app.grant(ben.id)).toMatchObject({ endReason: 'idle' });
    expect(await app.request(waiting)).toMatchObject({ status: 'cancelled', decidedBy: 'latchkey' });
    await pass(app, 20);
    expect(await app.grant(ana.id)).toMatchObject({
      endReason: 'idle',
      idle: { unusedSince: plus(START, 20 * MINUTE) },
    });
    await pass(app, 1);
  });

  it('is looked at once a minute, whatever ticks and however often', async () => {
    const app = await start({ world: idling() });
    await app.granted('ana');
    const begun = looks(app);
    await app.pass(10 * MINUTE, 30 * SECOND);
    expect(looks(app) - begun).toBe(10);
    await app.quiesce();
  });
});

describe('a grant of several targets', () => {
  it('ends unused only when none of them is used', async () => {
    const app = await start({ world: idling() });
    const grant = await app.granted('ana', 'both');
    app.target('ci').uses.set('ana', 'now');
    await pass(app, 40);
    expect(await app.grant(grant.id)).toMatchObject({ status: 'active' });
    app.target('ci').uses.set('ana', app.clock.now());
    await pass(app, 16);
    app.target('db').uses.set('ana', app.clock.now());
    await app.quiesce();
    expect(await app.grant(grant.id)).toMatchObject({ endReason: 'expired' });
  });

  it('is taken away at all of them', async () => {
    const app = await start({ world: idling() });
    const grant = await app.granted('ana', 'both');
    await pass(app, 30);
    expect(await app.grant(grant.id)).toMatchObject({
      endReason: 'idle',
      holds: [{ status: 'taken' }, { status: 'taken' }],
    });
    await pass(app, 1);
  });

  it('is not called unused while one of them cannot be asked', async () => {
    const app = await start({ world: idling() });
    const grant = await app.granted('ana', 'both');
    await pass(app, 10);
    app.target('ci').down = true;
    await pass(app, 30);
    expect(await app.grant(grant.id)).toMatchObject({ status: 'active' });
    app.target('ci').down = false;
    // While it was down it may have been used: what is counted begins anew.
    await app.pass(10 * MINUTE, 30 * SECOND);
    expect(await app.grant(grant.id)).toMatchObject({ status: 'active' });
    await app.quiesce();
  });
});

describe('a target that does not tell', () => {
  it('ends nothing, is recorded as any failure is, and is asked again, also when it refuses for good', async () => {
    const app = await start({ world: idling() });
    const grant = await app.granted('ana');
    app.target().fail('lastUsed', { kind: 'give-up', code: 'may-not-see-sessions' }, 100);
    await app.pass(20 * MINUTE, 30 * SECOND);
    const failed = await app.events('EffectFailed');
    expect(failed[0]).toMatchObject({ kind: 'watch', code: 'may-not-see-sessions', grantId: grant.id, access: 'read' });
    expect(failed.length).toBeLessThan(8);
    expect((await app.store.failingEffects(5)).map(({ effect }) => effect.kind)).toEqual(['watch']);
    app.target().heal();
    await app.pass(15 * MINUTE, 30 * SECOND);
    expect(await app.store.failingEffects(5)).toEqual([]);
    expect(await app.grant(grant.id)).toMatchObject({ status: 'active' });
    await app.pass(20 * MINUTE, 30 * SECOND);
    expect(await app.grant(grant.id)).toMatchObject({ endReason: 'idle' });
    await pass(app, 1);
  });

  it('and was down for a moment only costs that moment', async () => {
    const app = await start({ world: idling() });
    const grant = await app.granted('ana');
    await pass(app, 10);
    app.target().fail('lastUsed', { kind: 'retry' });
    await app.pass(20 * MINUTE, 30 * SECOND);
    expect(await app.grant(grant.id)).toMatchObject({ endReason: 'idle', idle: { unusedSince: START } });
    await pass(app, 1);
  });

  it('that hangs does not hold up what is given and taken elsewhere', async () => {
    const app = await start({ world: idling() });
    await app.granted('ana');
    app.target().fail('lastUsed', { kind: 'hang' });
    await app.pass(MINUTE);
    expect(await app.events('EffectFailed')).toMatchObject([{ kind: 'watch', code: 'deadline' }]);
    await app.endOwn('ana', 'read');
    await app.quiesce();
  });

  it('because the policies point its name elsewhere now, keeps the grant until its end', async () => {
    const app = await start({ world: idling() });
    const grant = await app.granted('ana');
    app.reload({ ...idling(), targets: { ...usual.targets, db: { provider: 'fake', system: 'new-db' } } });
    await pass(app, 40);
    expect(await app.grant(grant.id)).toMatchObject({ status: 'active' });
    expect(looks(app, 'new-db')).toBe(0);
    app.reload(idling());
    await app.quiesce();
  });
});

describe('time that nobody looked at', () => {
  it('counts as used: after a stop of any length nothing ends at once', async () => {
    const app = await start({ world: idling('30m', { duration: { default: '4h', max: '4h' } }) });
    const grant = await app.granted('ana');
    await pass(app, 5);
    await app.pass(2 * HOUR);
    expect(await app.grant(grant.id)).toMatchObject({ status: 'active' });
    await pass(app, 29);
    expect(await app.grant(grant.id)).toMatchObject({ status: 'active' });
    await pass(app, 1);
    expect(await app.grant(grant.id)).toMatchObject({ endReason: 'idle' });
    await pass(app, 1);
  });

  it('does not count where the target remembers it', async () => {
    const app = await start({ world: idling('30m', { duration: { default: '4h', max: '4h' } }) });
    app.target().remembersMs = 4 * HOUR;
    const grant = await app.granted('ana');
    await app.pass(2 * HOUR);
    expect(await app.grant(grant.id)).toMatchObject({ endReason: 'idle', idle: { unusedSince: START } });
    await pass(app, 1);
  });

  it('counts as used when a clock was set back; from then on it is looked again', async () => {
    const app = await start({ world: idling() });
    const grant = await app.granted('ana');
    await pass(app, 20);
    app.clock.advance(-15 * MINUTE);
    const begun = looks(app);
    await app.work();
    await app.pass(29 * MINUTE, MINUTE);
    expect(looks(app) - begun).toBe(30);
    expect(await app.grant(grant.id)).toMatchObject({ status: 'active' });
    await pass(app, 1);
    expect(await app.grant(grant.id)).toMatchObject({
      endReason: 'idle',
      idle: { unusedSince: plus(START, 5 * MINUTE) },
    });
    await pass(app, 16);
  });
});

describe('two processes', () => {
  it('look once a minute between them, know what the other saw, and end it once', async () => {
    const app = await start({ world: idling() });
    const other = await beside(app, { world: idling() });
    const grant = await app.granted('ana');
    const begun = looks(app);
    app.target().uses.set('ana', 'now');
    for (let minute = 1; minute <= 40; minute += 1) {
      if (minute === 11) app.target().uses.delete('ana');
      app.clock.advance(MINUTE);
      const turns = minute % 2 ? [app, other] : [other, app];
      await Promise.all(turns.map((one) => one.tick()));
      await Promise.all(turns.map((one) => one.work()));
    }
    expect(looks(app) - begun).toBe(40);
    expect(await app.grant(grant.id)).toMatchObject({
      status: 'ended',
      endReason: 'idle',
      idle: { unusedSince: plus(START, 10 * MINUTE) },
    });
    expect(await app.events('GrantEnding')).toHaveLength(1);
    await pass(app, 1);
  });

  it('of which one is killed at any moment of a look: the other goes on', async () => {
    for (let calls = 1; calls <= 4; calls += 1) {
      const app = await start({ world: idling() });
      const grant = await app.granted('ana');
      await pass(app, 29);
      app.clock.advance(MINUTE);
      await app.work(app.dyingAfter(calls).ports).catch(() => {});
      await app.pass(2 * MINUTE, 30 * SECOND);
      expect({ calls, ...(await app.grant(grant.id)) }).toMatchObject({ calls, status: 'ended', endReason: 'idle' });
      expect(await app.events('GrantEnding')).toHaveLength(1);
      await app.quiesce();
    }
  });
});

describe('a policy that changes', () => {
  it('to a shorter time holds for a request that waits, to a longer one or none does not', async () => {
    const app = await start({ world: idling('30m') });
    const [ana, ben] = [await app.asked('ana', 'read'), await app.asked('ben', 'read')];
    app.reload(idling('10m'));
    await app.approve('dee', ana);
    app.reload(idling(undefined));
    await app.approve('dee', ben);
    await app.work();
    expect(await app.grantOf(ana)).toMatchObject({ idle: { afterMs: 10 * MINUTE } });
    expect(await app.grantOf(ben)).toMatchObject({ idle: { afterMs: 30 * MINUTE } });
    await app.quiesce();
  });

  it('leaves what runs as it was approved', async () => {
    const app = await start();
    const grant = await app.granted('ana');
    app.reload(idling('10m'));
    await pass(app, 30);
    expect(await app.grant(grant.id)).toMatchObject({ status: 'active' });
    await app.quiesce();
  });
});

describe('an audit log', () => {
  it.each([
    ['too early', { unusedSince: plus(START, MINUTE) }, /before 30m without use were over/],
    ['before it was given', { unusedSince: plus(START, -HOUR) }, /before 30m without use were over/],
    ['without saying since when', {}, /allowed no such end/],
  ])('with a grant that ended unused %s is wrong', async (_what, since, says) => {
    const app = await start({ world: idling() });
    const grant = await app.granted('ana');
    await pass(app, 30);
    const [entry] = (await app.store.auditPage(app.workspace, 1, 100)).filter(({ type }) => type === 'GrantEnding');
    const world = { ...emptyWorld(), grants: new Map([[grant.id, grant]]) };
    const { unusedSince: _, ...event } = JSON.parse(entry?.body ?? '{}').event;
    expect(illegality(world, { ...event, ...since }, undefined)).toMatch(says);
    expect(illegality(world, { ...event, unusedSince: START }, undefined)).toBeUndefined();
    for (const { findings } of await verifyAudit(app.ports)) expect(findings).toEqual([]);
    await pass(app, 1);
  });
});
