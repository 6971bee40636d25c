import type { EffectRun } from '../../src/app/effect-run.ts';
import type { Store } from '../../src/app/ports/store.ts';
import { StoreUnavailable } from '../../src/app/ports/store.ts';
import { runEffect } from '../../src/app/run-effect.ts';
import { orderOf } from '../../src/domain/effects.ts';
import { Worker, wakeFor } from '../../src/scheduler/worker.ts';
import { type App, apps } from '../support/app.ts';
import { replaced } from '../support/wrapped.ts';

const { start } = apps();

/** Opens once. */
function gate(): { open(): void; opened: Promise<void> } {
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { open, opened };
}

/** The real store, with a place before and behind each claim of effects. */
function claims(store: Store) {
  const hooks = { before: async () => {}, after: async (_claimed: number) => {} };
  const hooked = replaced(store, {
    claimEffects: async (...args) => {
      await hooks.before();
      const claimed = await store.claimEffects(...args);
      await hooks.after(claimed.length);
      return claimed;
    },
  });
  return { hooks, store: hooked };
}

function worker(app: App, run: (run: EffectRun) => Promise<void>, { store = app.store, concurrency = 4 } = {}) {
  const errors: string[] = [];
  const log = { ...app.ports.log, error: (_fields: object, message: string) => void errors.push(message) };
  return { errors, worker: new Worker({ ...app.ports, store, log }, { lane: 'target', concurrency }, run) };
}

const give = (app: App) => (run: EffectRun) => runEffect(app.ports, run);
const accountOf = ({ stored: { effect } }: EffectRun): string => ('key' in effect ? effect.key : '');

describe('a worker', () => {
  it('runs effects of one order one after the other, oldest first, and others beside them', async () => {
    const app = await start();
    const grants = [await app.granted('ana', 'auto', { by: [] }), await app.granted('ben', 'auto', { by: [] })];
    for (const grant of grants) await app.end(grant.person.email.split('@')[0] as string, grant.id);
    // Ana asks again while the permission of before is still to be taken: two effects of one order.
    await app.asked('ana', 'auto');
    const running = new Set<string>();
    const ran: string[] = [];
    let most = 0;
    const both = gate();
    const { worker: target } = worker(app, async (run) => {
      const order = orderOf(run.stored.effect);
      expect(running).not.toContain(order);
      running.add(order);
      most = Math.max(most, running.size);
      if (running.size === 2) both.open();
      await both.opened;
      await give(app)(run);
      running.delete(order);
      ran.push(`${run.stored.effect.kind} ${accountOf(run).includes('"ana"') ? 'ana' : 'ben'}`);
    });
    target.wake();
    for (let woken = 0; woken < 20; woken += 1) target.wake();
    await target.idle();
    expect(most).toBe(2);
    expect(ran.filter((what) => what.endsWith('ana'))).toEqual(['revoke ana', 'provision ana']);
    expect(ran).toHaveLength(3);
    await target.stop();
    await app.pass(3_600_000);
    await app.quiesce();
  });

  it('is not held up by an attempt that hangs: what is committed meanwhile is begun at once', async () => {
    const app = await start();
    await app.asked('ana', 'auto');
    const [hanging, release, next] = [gate(), gate(), gate()];
    const { worker: target } = worker(app, async (run) => {
      if (accountOf(run).includes('"ana"')) {
        hanging.open();
        await release.opened;
      } else next.open();
      await give(app)(run);
    });
    target.wake();
    await hanging.opened;
    await app.asked('ben', 'auto');
    target.wake();
    await next.opened;
    release.open();
    await target.idle();
    expect([...app.target().permissions].sort()).toEqual(['ana reader', 'ben reader']);
    await target.stop();
    await app.quiesce();
  });

  it('hears what is committed while it looks for more, though an attempt hangs', async () => {
    const app = await start();
    await app.asked('ana', 'auto');
    const { hooks, store } = claims(app.store);
    const [release, next] = [gate(), gate()];
    let looks = 0;
    const { worker: target } = worker(
      app,
      async (run) => {
        if (accountOf(run).includes('"ana"')) await release.opened;
        else next.open();
        await give(app)(run);
      },
      { store },
    );
    hooks.after = async () => {
      looks += 1;
      if (looks !== 1) return;
      // The look has found Ana's only; before its answer is read, something is committed.
      await app.asked('ben', 'auto');
      target.wake();
    };
    target.wake();
    await next.opened;
    release.open();
    await target.idle();
    expect(app.target().permissions.size).toBe(2);
    await target.stop();
    await app.quiesce();
  });

  it('that cannot read the outbox says so, and goes on when it is woken again, though an attempt hangs', async () => {
    const app = await start();
    await app.asked('ana', 'auto');
    const { hooks, store } = claims(app.store);
    const [failed, release, next] = [gate(), gate(), gate()];
    const { worker: target, errors } = worker(
      app,
      async (run) => {
        if (accountOf(run).includes('"ana"')) await release.opened;
        else next.open();
        await give(app)(run);
      },
      { store },
    );
    hooks.after = async (claimed) => {
      if (claimed === 0) return;
      hooks.before = async () => {
        failed.open();
        throw new StoreUnavailable('locked', 'the database is locked');
      };
      // Something is committed, so it looks for more.
      target.wake();
    };
    target.wake();
    await failed.opened;
    await app.asked('ben', 'auto');
    hooks.before = async () => {};
    hooks.after = async () => {};
    target.wake();
    await next.opened;
    expect(errors).toEqual(['the outbox could not be read']);
    release.open();
    await target.idle();
    expect(app.target().permissions.size).toBe(2);
    await target.stop();
    await app.quiesce();
  });

  it('looks again only when it may find something: after an attempt, or woken, or with all its places taken', async () => {
    const app = await start();
    for (const name of ['ana', 'ben']) await app.asked(name, 'auto');
    const { hooks, store } = claims(app.store);
    const found: number[] = [];
    hooks.after = async (claimed) => void found.push(claimed);
    const [begun, release] = [gate(), gate()];
    const { worker: target } = worker(
      app,
      async (run) => {
        begun.open();
        await release.opened;
        await give(app)(run);
      },
      { store, concurrency: 4 },
    );
    target.wake();
    await begun.opened;
    await new Promise((resolve) => setImmediate(resolve));
    expect(found).toEqual([2]);
    release.open();
    await target.idle();
    expect(found.slice(1).every((claimed) => claimed === 0)).toBe(true);
    expect(app.target().permissions.size).toBe(2);
    await target.stop();
    await app.quiesce();
  });

  it('is woken by what is committed for its lane, and not by what is for the other', async () => {
    const app = await start();
    const woken: string[] = [];
    const workers = (['target', 'slack'] as const).map((lane) => {
      const one = new Worker(app.ports, { lane, concurrency: 4 }, give(app));
      const wake = one.wake.bind(one);
      return Object.assign(one, {
        wake: () => {
          woken.push(lane);
          wake();
        },
      });
    });
    app.store.onCommitted((commits) => {
      for (const { effects } of commits) wakeFor(effects, workers);
    });
    await app.ask('ana', 'both');
    expect(woken).toEqual(['slack']);
    await Promise.all(workers.map((one) => one.stop()));
    await app.quiesce();
  });

  it('that cannot read the outbox does not spin: it waits to be woken', async () => {
    const app = await start();
    await app.asked('ana', 'auto');
    const { hooks, store } = claims(app.store);
    let looks = 0;
    hooks.before = async () => {
      looks += 1;
      throw new StoreUnavailable('gone', 'the database is gone');
    };
    const { worker: target, errors } = worker(app, give(app), { store });
    target.wake();
    await target.idle();
    expect([looks, errors.length]).toEqual([1, 1]);
    hooks.before = async () => {};
    target.wake();
    await target.idle();
    expect([...app.target().permissions]).toEqual(['ana reader']);
    await target.stop();
    await app.quiesce();
  });

  it('that is stopped while it looks still does what that look claims, and nothing after', async () => {
    const app = await start();
    await app.asked('ana', 'auto');
    await app.asked('ben', 'auto');
    const { hooks, store } = claims(app.store);
    let stopped: Promise<void> | undefined;
    const { worker: target } = worker(app, give(app), { store, concurrency: 1 });
    hooks.after = async () => {
      stopped ??= target.stop();
    };
    target.wake();
    await target.idle();
    await stopped;
    expect([...app.target().permissions]).toEqual(['ana reader']);
    target.wake();
    await target.idle();
    expect(app.target().permissions.size).toBe(1);
    await app.quiesce();
  });

  it('tells an attempt when its time is over by the Clock port, from before it was claimed', async () => {
    const app = await start();
    await app.asked('ana', 'auto');
    const began = app.clock.now();
    const { hooks, store } = claims(app.store);
    hooks.after = async () => app.clock.advance(2_000);
    const untils: string[] = [];
    const { worker: target } = worker(
      app,
      async (run) => {
        untils.push(run.until);
        expect(run.signal.aborted).toBe(false);
        await give(app)(run);
      },
      { store },
    );
    target.wake();
    await target.idle();
    expect(untils).toEqual([new Date(Date.parse(began) + 10_000).toISOString()]);
    await target.stop();
    await app.quiesce();
  });
});
