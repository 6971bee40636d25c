import { type App, apps, DEADLINE, LEASE } from '../support/app.ts';
import { HOUR, SECOND } from '../support/clock.ts';
import { changed, usual } from '../support/world.ts';
import { replaced } from '../support/wrapped.ts';

const { start, beside } = apps();

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
    const calls = await crashes(app, async () => void (await app.approved('ana', 'both')));
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
    const id = await app.approved('ana');
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
    await app.approved('ana');
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
    const id = await app.approved('ana');
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
