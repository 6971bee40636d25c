import { apps } from '../support/app.ts';
import { HOUR, MINUTE, SECOND } from '../support/clock.ts';
import { changed, usual } from '../support/world.ts';

const { start } = apps();

describe('a target that is down', () => {
  it('when it is to be given: retried, said to be failed when the time is over, and taken back', async () => {
    const app = await start();
    app.target().down = true;
    const id = await app.approved('ana');
    await app.pass(59 * MINUTE, MINUTE);
    expect(await app.grantOf(id)).toMatchObject({ status: 'provisioning' });
    await app.pass(MINUTE);
    expect(await app.grantOf(id)).toMatchObject({ status: 'revoking', endReason: 'failed' });
    expect(app.messenger.beats).toContain('failed');
    app.target().down = false;
    await app.quiesce();
    expect(await app.grantOf(id)).toMatchObject({ status: 'ended' });
    expect(await app.events('GrantActivated')).toEqual([]);
    // The first failure and each doubling: a long night fills no log.
    const failures = await app.events('EffectFailed');
    expect(failures.filter(({ kind }) => kind === 'provision').map(({ attempt }) => attempt)).toEqual(
      [1, 2, 4, 8, 16, 32, 64].slice(0, failures.filter(({ kind }) => kind === 'provision').length),
    );
  });

  it('and comes back: it is given late, and still ends at the time that was approved', async () => {
    const app = await start();
    app.target().down = true;
    const id = await app.approved('ana');
    await app.pass(20 * MINUTE, MINUTE);
    app.target().down = false;
    await app.pass(2 * MINUTE, MINUTE);
    expect(await app.grantOf(id)).toMatchObject({ status: 'active', endsAt: '2026-03-03T10:00:00.000Z' });
    await app.quiesce();
  });

  it('when it is to be taken away: retried with growing delays, with an alarm after three, until it is gone', async () => {
    const app = await start();
    const grant = await app.granted('ana');
    app.target().down = true;
    app.clock.set(grant.endsAt);
    await app.tick();
    const attempts: number[] = [];
    app.target().onCall = () => void attempts.push(Date.parse(app.clock.now()));
    for (let second = 0; second < 300; second += 1) {
      await app.work();
      app.clock.advance(SECOND);
    }
    const delays = attempts.slice(1).map((at, index) => (at - (attempts[index] ?? 0)) / SECOND);
    expect(delays).toEqual([1, 2, 4, 8, 16, 32, 60, 60, 60].slice(0, delays.length));
    expect(delays.length).toBeGreaterThan(6);
    expect(app.messenger.beats).toContain('late');
    expect(app.messenger.of('alarm')[0]).toMatchObject({ channel: '#audit', message: { line: { beat: 'late' } } });
    expect(await app.events('GrantEnded')).toEqual([]);
    expect(await app.store.failingEffects(5)).toMatchObject([{ effect: { kind: 'revoke' }, lastCode: 'unreachable' }]);
    app.target().down = false;
    await app.pass(MINUTE);
    expect([...app.target().permissions]).toEqual([]);
    const [ended] = await app.events('GrantEnded');
    expect(ended).toMatchObject({ reason: 'expired', dueAt: grant.endsAt });
    expect(Date.parse(ended?.at ?? '') - Date.parse(grant.endsAt)).toBeGreaterThan(5 * MINUTE);
  });

  it('the alarm comes again at each doubling from eight on, and never more often', async () => {
    const app = await start();
    await app.granted('ana');
    app.target().down = true;
    await app.pass(HOUR);
    await app.pass(40 * MINUTE, MINUTE);
    app.target().down = false;
    await app.quiesce();
    // Attempts 3, 8, 16 and 32.
    expect(app.messenger.of('alarm')).toHaveLength(4);
  });

  it('a refusal for good to take it away is no end: it is tried again', async () => {
    const app = await start();
    const grant = await app.granted('ana');
    app.target().fail('revoke', { kind: 'give-up' }, 5);
    await app.end('ana', grant.id);
    await app.quiesce();
    expect([...app.target().permissions]).toEqual([]);
  });

  it('a target that asks for an hour of patience does not get it while something is to be taken away', async () => {
    const app = await start();
    const grant = await app.granted('ana');
    app.target().fail('revoke', { kind: 'retry', retryAfterMs: HOUR });
    await app.end('ana', grant.id);
    await app.work();
    await app.pass(MINUTE);
    expect(await app.grant(grant.id)).toMatchObject({ status: 'ended' });
  });

  it('a revocation does not wait behind a giving that backs off', async () => {
    const app = await start();
    app.target().down = true;
    const id = await app.approved('ana');
    await app.pass(10 * MINUTE, MINUTE);
    app.target().down = false;
    await app.end('ana', (await app.grantOf(id)).id);
    await app.work();
    expect(await app.grantOf(id)).toMatchObject({ status: 'ended', endReason: 'released' });
  });

  it('nor behind one that fails while the grant ends', async () => {
    const app = await start();
    app.target().down = true;
    const id = await app.approved('ana');
    await app.pass(10 * MINUTE, MINUTE);
    app.target().onCall = async () => {
      app.target().onCall = () => {};
      await app.end('ana', (await app.grantOf(id)).id);
    };
    app.clock.advance(MINUTE);
    await app.step('target');
    app.target().down = false;
    await app.work();
    expect(await app.grantOf(id)).toMatchObject({ status: 'ended' });
  });
});

describe('answers that never came', () => {
  it('a call that hangs is stopped at its deadline, and tried again', async () => {
    const app = await start();
    app.target().fail('provision', { kind: 'hang' });
    const id = await app.approved('ana');
    await app.work();
    expect(await app.grantOf(id)).toMatchObject({
      status: 'provisioning',
      holds: [{ unsettledUntil: expect.any(String) }],
    });
    await app.pass(2 * SECOND);
    expect(await app.grantOf(id)).toMatchObject({ status: 'active' });
    await app.quiesce();
  });

  it('what lands after its deadline is taken away again before the end is said', async () => {
    const app = await start();
    app.target().fail('provision', { kind: 'late', afterMs: 20 * SECOND });
    const id = await app.approved('ana');
    await app.work();
    await app.end('ana', (await app.grantOf(id)).id);
    await app.work();
    expect(app.target().landing).toBe(1);
    expect(await app.events('GrantEnded')).toEqual([]);
    await app.pass(25 * SECOND, SECOND);
    expect([...app.target().permissions]).toEqual(['ana reader']);
    await app.pass(10 * SECOND, SECOND);
    expect([...app.target().permissions]).toEqual([]);
    expect(await app.events('GrantEnded')).toEqual([]);
    await app.pass(2 * MINUTE, SECOND);
    expect(await app.events('GrantEnded')).toHaveLength(1);
  });

  it('what lands late after another grant of the same permission was taken away is taken away, too', async () => {
    const app = await start();
    const first = await app.granted('ana');
    app.target().fail('provision', { kind: 'late', afterMs: 20 * SECOND });
    const id = await app.approved('ana');
    await app.work();
    await app.end('ana', first.id);
    await app.end('ana', (await app.grantOf(id)).id);
    await app.work();
    await app.pass(2 * MINUTE, SECOND);
    expect(await app.grantOf(id)).toMatchObject({ status: 'ended' });
    expect([...app.target().permissions]).toEqual([]);
  });

  it('what landed after another grant was said to be gone does not pass for standing with the next', async () => {
    const app = await start({ world: changed(usual, { read: { grants: [{ target: 'db', role: 'writer' }] } }) });
    const bundle = await app.grantOf(await app.approved('ana', 'both'));
    const late = await app.grantOf(await app.approved('ana'));
    await app.end('ana', bundle.id);
    app.target().fail('provision', { kind: 'late', afterMs: 20 * SECOND });
    await app.work();
    await app.end('ana', late.id);
    await app.work();
    // The bundle made no call itself, so nothing kept it from being seen gone.
    expect(await app.grant(bundle.id)).toMatchObject({ status: 'ended', holds: [{ status: 'taken' }, {}] });
    expect(app.target().landing).toBe(1);
    const next = await app.approved('ana');
    await app.pass(3 * MINUTE, SECOND);
    expect(await app.grantOf(next)).toMatchObject({ status: 'active', holds: [{ status: 'given' }] });
    expect([...app.target().permissions]).toEqual(['ana writer']);
    await app.quiesce();
    expect([...app.target().permissions]).toEqual([]);
  });

  it('a grant with a call still out does not end on another one’s shoulders: that one could end before the call lands', async () => {
    const app = await start();
    const first = await app.granted('ana');
    app.target().fail('provision', { kind: 'late', afterMs: 20 * SECOND });
    const id = await app.approved('ana');
    await app.work();
    await app.end('ana', (await app.grantOf(id)).id);
    await app.work();
    await app.end('ana', first.id);
    await app.work();
    await app.pass(2 * MINUTE, SECOND);
    expect(await app.events('GrantEnded')).toHaveLength(2);
    expect([...app.target().permissions]).toEqual([]);
  });

  it('accepted is not given: nothing is said until it is seen there', async () => {
    const app = await start();
    app.target().fail('provision', { kind: 'unseen' }, 3);
    const id = await app.approved('ana');
    await app.work();
    expect(await app.grantOf(id)).toMatchObject({ status: 'provisioning' });
    expect(app.messenger.beats).not.toContain('active');
    await app.pass(MINUTE, SECOND);
    expect(await app.grantOf(id)).toMatchObject({ status: 'active' });
    await app.quiesce();
  });

  it('taken is not gone: nothing is said until it is seen gone', async () => {
    const app = await start();
    const grant = await app.granted('ana');
    app.target().fail('revoke', { kind: 'unseen' }, 2);
    await app.end('ana', grant.id);
    await app.work();
    expect(await app.grant(grant.id)).toMatchObject({ status: 'revoking' });
    expect(app.messenger.beats).not.toContain('ended');
    await app.quiesce();
    expect([...app.target().permissions]).toEqual([]);
  });

  it('an asynchronous target is asked again when it says, and that is no failure', async () => {
    const app = await start();
    app.target().fail('provision', { kind: 'wait', retryAfterMs: 5 * SECOND }, 2);
    const id = await app.approved('ana');
    await app.pass(20 * SECOND, SECOND);
    expect(await app.grantOf(id)).toMatchObject({ status: 'active' });
    expect(await app.events('EffectFailed')).toEqual([]);
    await app.quiesce();
  });
});

describe('all of it or nothing', () => {
  it('the second target refuses for good: what the first gave is taken back', async () => {
    const app = await start();
    app.target('ci').fail('provision', { kind: 'give-up' });
    const id = await app.approved('ana', 'both');
    await app.work();
    expect(await app.grantOf(id)).toMatchObject({ status: 'ended', endReason: 'failed', failure: 'ci says no.' });
    expect([...app.target('db').permissions, ...app.target('ci').permissions]).toEqual([]);
    expect(await app.events('GrantActivated')).toEqual([]);
    expect(app.messenger.of('news').map(({ message }) => message.news)).toEqual(['failed']);
  });

  it('the words of a target that no log can hold still end it', async () => {
    const app = await start();
    app.target().onCall = (operation) => {
      if (operation !== 'provision') return;
      app.target().onCall = () => {};
      throw Object.assign(new TypeError('\ud800 broken \u0000'), {});
    };
    await app.approved('ana');
    await app.work();
    await app.quiesce();
    expect(await app.events('EffectFailed')).toMatchObject([
      { code: 'unexpected', sentence: 'an unexpected TypeError' },
    ]);
  });
});
