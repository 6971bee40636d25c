import { runEffect } from '../../src/app/run-effect.ts';
import { Worker } from '../../src/scheduler/worker.ts';
import { type App, apps, DEADLINE, LEASE } from '../support/app.ts';
import { HOUR, MINUTE, SECOND } from '../support/clock.ts';
import { changed, usual } from '../support/world.ts';
import { replaced } from '../support/wrapped.ts';

const { start, beside } = apps();

const approved = async (app: App, access = 'read', options: { duration?: string } = {}) => {
  const id = await app.asked('ana', access, options);
  await app.approve('dee', id);
  return id;
};

describe('what was there before', () => {
  it('is written down before the first change, and stays when the grant ends', async () => {
    const app = await start();
    app.target().permissions.add('ana reader');
    const grant = await app.granted('ana');
    expect(grant).toMatchObject({ status: 'active', holds: [{ status: 'given', standing: true }] });
    expect(app.target().calls).toEqual(['inspect ana reader']);
    await app.pass(HOUR);
    expect([...app.target().permissions]).toEqual(['ana reader']);
    expect(await app.grant(grant.id)).toMatchObject({
      status: 'ended',
      holds: [{ status: 'kept', keptBecause: 'standing' }],
    });
    expect(app.target().calls.filter((call) => call.startsWith('revoke'))).toEqual([]);
  });

  it('is looked at anew for the next grant: what was standing once may be ours the next time', async () => {
    const app = await start();
    app.target().permissions.add('ana reader');
    await app.granted('ana');
    await app.pass(HOUR);
    app.target().permissions.clear();
    await app.granted('ana');
    await app.pass(HOUR);
    expect([...app.target().permissions]).toEqual([]);
  });

  it('and was taken away by somebody else meanwhile: a second grant gives it, and it is taken away with the last', async () => {
    const app = await start();
    app.target().permissions.add('ana reader');
    await app.granted('ana');
    app.target().permissions.clear();
    app.clock.advance(10 * MINUTE);
    await app.granted('ana');
    expect([...app.target().permissions]).toEqual(['ana reader']);
    await app.quiesce();
    expect([...app.target().permissions]).toEqual([]);
  });
});

describe('overlapping grants of one permission', () => {
  it('the second outlives the first: it goes with the second', async () => {
    const app = await start();
    const first = await app.granted('ana');
    app.clock.advance(30 * MINUTE);
    const second = await app.granted('ana');
    await app.pass(30 * MINUTE);
    expect(await app.grant(first.id)).toMatchObject({ status: 'ended', holds: [{ keptBecause: 'other-grant' }] });
    expect(await app.grant(second.id)).toMatchObject({ status: 'active' });
    expect([...app.target().permissions]).toEqual(['ana reader']);
    await app.pass(30 * MINUTE);
    expect(await app.grant(second.id)).toMatchObject({ status: 'ended', holds: [{ status: 'taken' }] });
    expect([...app.target().permissions]).toEqual([]);
  });

  it('the first outlives the second: it goes with the first', async () => {
    const app = await start();
    const first = await app.granted('ana');
    const second = await app.granted('ana', 'read', { duration: '10m' });
    await app.pass(10 * MINUTE);
    expect(await app.grant(second.id)).toMatchObject({ status: 'ended', holds: [{ keptBecause: 'other-grant' }] });
    expect([...app.target().permissions]).toEqual(['ana reader']);
    await app.end('ana', first.id);
    await app.work();
    expect([...app.target().permissions]).toEqual([]);
  });

  it('both over in the same second: one takes it, the other sees it gone', async () => {
    const app = await start();
    await app.granted('ana');
    await app.granted('ana');
    await app.pass(HOUR);
    expect([...app.target().permissions]).toEqual([]);
    expect(await app.events('GrantEnded')).toHaveLength(2);
  });

  it('by way of two accesses and both targets: each permission ends with its own last grant', async () => {
    const world = changed(usual, { read: { grants: [{ target: 'db', role: 'writer' }] } });
    const app = await start({ world });
    const bundle = await app.granted('ana', 'both');
    await app.granted('ana', 'read', { duration: '2h' });
    await app.end('ana', bundle.id);
    await app.work();
    expect([...app.target('db').permissions]).toEqual(['ana writer']);
    expect([...app.target('ci').permissions]).toEqual([]);
    await app.pass(2 * HOUR);
    expect([...app.target('db').permissions]).toEqual([]);
  });

  it('asked again while the first is being taken away: it is given again, and taken away again', async () => {
    const app = await start();
    const first = await app.granted('ana');
    await app.end('ana', first.id);
    const id = await approved(app);
    await app.work();
    expect(await app.grantOf(id)).toMatchObject({ status: 'active' });
    expect([...app.target().permissions]).toEqual(['ana reader']);
    await app.quiesce();
    expect([...app.target().permissions]).toEqual([]);
  });

  it('approved in the middle of the taking away: the new grant has it, and it ends with that one', async () => {
    const app = await start();
    const first = await app.granted('ana');
    await app.end('ana', first.id);
    let id: string | undefined;
    app.target().onCall = async (operation) => {
      if (operation !== 'revoke' || id !== undefined) return;
      id = 'asking';
      id = await approved(app);
    };
    await app.work();
    expect(await app.grantOf(id ?? '')).toMatchObject({ status: 'active' });
    expect([...app.target().permissions]).toEqual(['ana reader']);
    await app.quiesce();
    expect([...app.target().permissions]).toEqual([]);
  });
});

describe('a target that is down', () => {
  it('when it is to be given: retried, said to be failed when the time is over, and taken back', async () => {
    const app = await start();
    app.target().down = true;
    const id = await approved(app);
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
    const id = await approved(app);
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
    const id = await approved(app);
    await app.pass(10 * MINUTE, MINUTE);
    app.target().down = false;
    await app.end('ana', (await app.grantOf(id)).id);
    await app.work();
    expect(await app.grantOf(id)).toMatchObject({ status: 'ended', endReason: 'released' });
  });

  it('nor behind one that fails while the grant ends', async () => {
    const app = await start();
    app.target().down = true;
    const id = await approved(app);
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
    const id = await approved(app);
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
    const id = await approved(app);
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
    const id = await approved(app);
    await app.work();
    await app.end('ana', first.id);
    await app.end('ana', (await app.grantOf(id)).id);
    await app.work();
    await app.pass(2 * MINUTE, SECOND);
    expect(await app.grantOf(id)).toMatchObject({ status: 'ended' });
    expect([...app.target().permissions]).toEqual([]);
  });

  it('a grant with a call still out does not end on another one’s shoulders: that one could end before the call lands', async () => {
    const app = await start();
    const first = await app.granted('ana');
    app.target().fail('provision', { kind: 'late', afterMs: 20 * SECOND });
    const id = await approved(app);
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
    const id = await approved(app);
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
    const id = await approved(app);
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
    const id = await approved(app, 'both');
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
    await approved(app);
    await app.work();
    await app.quiesce();
    expect(await app.events('EffectFailed')).toMatchObject([
      { code: 'unexpected', sentence: 'an unexpected TypeError' },
    ]);
  });
});

describe('ending early', () => {
  it('is for the person who holds it only', async () => {
    const app = await start();
    const grant = await app.granted('ana');
    expect(await app.end('ben', grant.id)).toMatchObject({ refusal: { code: 'not-your-grant' } });
    expect(await app.end('olga', grant.id)).toMatchObject({ refusal: { code: 'unknown-person' } });
    expect(await app.end('ana', 'grt_99999999')).toMatchObject({ refusal: { code: 'no-such-grant' } });
    expect(await app.end('ana', grant.id)).toEqual({ kind: 'done' });
    expect(await app.end('ana', grant.id)).toMatchObject({ refusal: { code: 'already-ending' } });
    await app.work();
    expect(await app.end('ana', grant.id)).toMatchObject({ refusal: { code: 'already-ending' } });
    expect((await app.events('CommandRefused')).map(({ code }) => code)).toEqual([
      'not-your-grant',
      'unknown-person',
      'no-such-grant',
      'already-ending',
      'already-ending',
    ]);
  });

  it('five End now clicks at once end it once', async () => {
    const app = await start();
    const grant = await app.granted('ana');
    await Promise.all(Array.from({ length: 5 }, () => app.end('ana', grant.id)));
    await app.work();
    expect(await app.events('GrantEnding')).toHaveLength(1);
    expect(await app.events('GrantEnded')).toHaveLength(1);
  });

  it('by name: ends every running grant of it, withdraws the pending request, and says when there is neither', async () => {
    const app = await start();
    const grant = await app.granted('ana');
    const id = await app.asked('ana', 'read');
    expect(await app.endOwn('ana', 'read')).toMatchObject({ kind: 'done', ended: 1, withdrawn: 1 });
    await app.work();
    expect(await app.grant(grant.id)).toMatchObject({
      status: 'ended',
      endReason: 'released',
      endedBy: 'ana@example.com',
    });
    expect(await app.request(id)).toMatchObject({ status: 'cancelled' });
    expect(await app.endOwn('ana', 'read')).toMatchObject({ refusal: { code: 'no-such-grant' } });
    expect(await app.endOwn('olga', 'read')).toMatchObject({ refusal: { code: 'unknown-person' } });
  });

  it('while it is still being given: nothing stays', async () => {
    const app = await start();
    app.target().fail('provision', { kind: 'retry' });
    const id = await approved(app);
    await app.work();
    await app.end('ana', (await app.grantOf(id)).id);
    await app.quiesce();
    expect([...app.target().permissions]).toEqual([]);
    expect(await app.grantOf(id)).toMatchObject({ endReason: 'released' });
  });
});

describe('processes that die', () => {
  const crashes = async (app: App, scenario: (app: App) => Promise<void>) => {
    for (let calls = 0; ; calls += 1) {
      const { ports, died } = app.dyingAfter(calls);
      await scenario(app);
      try {
        await app.work(ports);
      } catch (error) {
        if (!died()) throw error;
      }
      const over = !died();
      // Another process takes over when the leases of the dead one are over.
      app.clock.advance(LEASE + SECOND);
      await app.work();
      await check(app);
      await app.quiesce({ every: HOUR });
      expect([...app.target('db').permissions].sort()).toEqual(['ben standing']);
      expect([...app.target('ci').permissions]).toEqual([]);
      if (over) return calls;
    }
  };
  /** Nobody has a permission without a running grant. */
  const check = async (app: App) => {
    const grants = await app.store.openGrants(app.workspace, 100);
    const held = grants.flatMap(({ holds }) => holds.map(({ account, permission }) => `${account} ${permission.role}`));
    for (const permission of app.target().permissions) expect([...held, 'ben standing']).toContain(permission);
  };

  it('at any line of giving: given once, taken away on time, and every message is there once', async () => {
    const app = await start();
    app.target().permissions.add('ben standing');
    const calls = await crashes(app, async () => void (await approved(app, 'both')));
    expect(calls).toBeGreaterThan(15);
    const keys = app.messenger.seen.map(({ key }) => key);
    expect(new Set(keys).size).toBe(keys.length);
    const grants = await app.events('RequestApproved');
    expect(await app.events('GrantActivated')).toHaveLength(grants.length);
    expect(await app.events('GrantEnded')).toHaveLength(grants.length);
  }, 300_000);

  it('at any line of taking away: gone, said once, and what was standing is still there', async () => {
    const app = await start();
    app.target().permissions.add('ben standing');
    const world = changed(usual, { read: { grants: [{ target: 'db', role: 'standing' }] } });
    app.reload(world);
    const calls = await crashes(app, async () => {
      const standing = await app.granted('ben', 'read');
      const both = await app.granted('ana', 'both');
      await app.end('ben', standing.id);
      await app.end('ana', both.id);
    });
    expect(calls).toBeGreaterThan(15);
    const ending = await app.events('GrantEnding');
    expect(await app.events('GrantEnded')).toHaveLength(ending.length);
  }, 300_000);

  it('an attempt that outlived its claim records nothing', async () => {
    const app = await start();
    const second = await beside(app);
    const id = await approved(app);
    app.target().onCall = async (operation) => {
      if (operation !== 'provision') return;
      app.target().onCall = () => {};
      app.clock.advance(LEASE);
      await second.work();
    };
    await app.work();
    expect(await app.events('EntitlementGiven')).toHaveLength(1);
    expect(await app.grantOf(id)).toMatchObject({ status: 'active' });
    await app.quiesce();
    expect([...app.target().permissions]).toEqual([]);
  });

  it('an attempt that slept before it looked does not take what the next one gave for standing', async () => {
    const app = await start();
    const second = await beside(app);
    await approved(app);
    app.target().onCall = async () => {
      app.target().onCall = () => {};
      app.clock.advance(LEASE);
      await second.work();
    };
    await app.work();
    await app.quiesce();
    expect([...app.target().permissions]).toEqual([]);
    expect(await app.events('EntitlementBaselined')).toMatchObject([{ standing: false }]);
  });

  it('an attempt that slept past its deadline before its first change does not begin', async () => {
    const app = await start();
    const id = await approved(app);
    app.target().onCall = (operation) => {
      if (operation !== 'inspect') return;
      app.target().onCall = () => {};
      app.clock.advance(DEADLINE);
    };
    await app.step('target');
    expect(app.target().calls).toEqual(['inspect ana reader']);
    await app.work();
    await app.pass(5 * SECOND, SECOND);
    expect(await app.grantOf(id)).toMatchObject({ status: 'active' });
    await app.quiesce();
  });

  it('a revocation that lost its claim does not take what another grant holds', async () => {
    const app = await start();
    const second = await beside(app);
    const first = await app.granted('ana');
    const other = await app.granted('ana');
    await app.end('ana', first.id);
    const { store } = app.ports;
    let slept = false;
    const sleepy = replaced(store, {
      holders: async (...args) => {
        const found = await store.holders(...args);
        if (!slept) {
          slept = true;
          app.clock.advance(LEASE);
          await second.work();
        }
        return found;
      },
    });
    await app.work({ ...app.ports, store: sleepy });
    expect([...app.target().permissions]).toEqual(['ana reader']);
    expect(await app.grant(other.id)).toMatchObject({ status: 'active' });
    await app.quiesce();
  });
});

describe('time', () => {
  it('that steps back ends nothing later and nothing twice', async () => {
    const app = await start();
    const grant = await app.granted('ana');
    app.clock.advance(59 * MINUTE);
    await app.tick();
    app.clock.advance(-30 * MINUTE);
    await app.tick();
    await app.work();
    expect(await app.grant(grant.id)).toMatchObject({ status: 'active', endsAt: grant.endsAt });
    app.clock.set(grant.endsAt);
    await app.tick();
    await app.work();
    app.clock.advance(-30 * MINUTE);
    await app.tick();
    await app.work();
    expect(await app.events('GrantEnding')).toHaveLength(1);
    expect(await app.events('GrantEnded')).toHaveLength(1);
  });

  it('runs from the approval, not from the request', async () => {
    const app = await start();
    const id = await app.asked('ana', 'read');
    app.clock.advance(2 * HOUR);
    await app.approve('dee', id);
    await app.work();
    expect(await app.grantOf(id)).toMatchObject({ endsAt: '2026-03-03T12:00:00.000Z' });
    await app.quiesce();
  });

  it('after a long stop everything due is done at once and exactly once, by two processes that tick at the same time', async () => {
    const people = Object.fromEntries(
      Array.from({ length: 250 }, (_, index) => [`p${index}`, { slack: `U0P${index}` }]),
    );
    const names = Object.keys(people);
    const world = { ...usual, people: { ...usual.people, ...people }, groups: { ...usual.groups, backend: names } };
    const app = await start({ world });
    const second = await beside(app, { world });
    const drain = async (...processes: App[]) => {
      const workers = processes.flatMap(({ ports }) =>
        (['target', 'slack'] as const).map(
          (lane) => new Worker(ports, { lane, concurrency: 32 }, (run) => runEffect(ports, run)),
        ),
      );
      while ((await app.undelivered()) > 0) {
        for (const worker of workers) worker.wake();
        await Promise.all(workers.map((worker) => worker.idle()));
      }
      await Promise.all(workers.map((worker) => worker.stop()));
    };
    await Promise.all(names.map((name) => app.ask(name, 'auto')));
    await drain(app);
    await Promise.all(names.map((name) => app.ask(name, 'read')));
    expect(app.target().permissions.size).toBe(250);
    app.clock.advance(3 * 24 * HOUR);
    const [one, two] = await Promise.all([app.tick(), second.tick()]);
    expect(one.expired + two.expired).toBe(250);
    expect(one.lapsed + two.lapsed).toBe(250);
    await drain(app, second);
    expect(app.target().permissions.size).toBe(0);
    expect(await app.events('GrantEnded')).toHaveLength(250);
    expect(await app.events('RequestLapsed')).toHaveLength(250);
    expect(await app.tick()).toEqual({ expired: 0, lapsed: 0, nudged: 0 });
  }, 300_000);
});
