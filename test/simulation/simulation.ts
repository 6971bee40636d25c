import { comeBack, handOver } from '../../src/app/away.ts';
import type { Store } from '../../src/app/ports/store.ts';
import { MemoryStore } from '../../src/policy-test/memory-store.ts';
import { App, type AppOptions, LEASE, WORKSPACE } from '../support/app.ts';
import { HOUR, MINUTE, SECOND } from '../support/clock.ts';
import { slackOf } from '../support/world.ts';
import { type Action, MOVED, moved, type Story, small, worlds } from './some-stories.ts';
import { Watch } from './watch.ts';

// People, policies, votes, ends, crashes and failures at random; what must hold is checked after every step and, when
// everything has come to rest, once more. The numbers are those of the invariants in the design.

/** What makes a twin broken. */
export interface Twin {
  wrap?: AppOptions['wrap'];
  run?: App['run'];
  /** A use case of its own for votes. */
  vote?: (app: App, who: string, requestId: string) => Promise<unknown>;
}

/** Plays one story to its end. Throws at the first thing that must never be. */
export async function play(
  { standing, actions }: Story,
  store: Store = new MemoryStore(WORKSPACE),
  twin: Twin = {},
): Promise<void> {
  const app = new App(store, { world: small, ...(twin.wrap ? { wrap: twin.wrap } : {}) });
  if (twin.run) app.run = twin.run;
  for (const name of ['db', 'new-db']) {
    for (const permission of standing) app.target(name).permissions.add(permission);
  }
  const watch = new Watch(app, standing);
  const requests: string[] = [];
  for (const one of actions) {
    await act(app, watch, one, requests, twin);
    await watch.check();
  }
  // Everything is repaired, and comes to rest.
  for (const target of app.targets.values()) target.heal();
  app.messenger.heal();
  watch.meanwhile.clear();
  app.reload(small);
  app.clock.advance(LEASE);
  if (actions.some((one) => ('worlds' in one ? one.worlds.includes(MOVED) : 'world' in one && one.world === MOVED))) {
    // What was given at the one system is over; then the name is pointed at the other for what was given there.
    await app.pass(2 * HOUR, 5 * MINUTE);
    app.reload(moved);
  }
  await app.quiesce({ every: 5 * MINUTE });
  await watch.check();
  await watch.atRest();
}

async function act(app: App, watch: Watch, one: Action, requests: string[], twin: Twin): Promise<void> {
  switch (one.do) {
    case 'ask': {
      const asked = await app.ask(one.who, one.access, one.duration === undefined ? {} : { duration: one.duration });
      if (asked.kind === 'opened') requests.unshift(asked.request.id);
      return;
    }
    case 'approved': {
      const asked = await app.ask(one.who, one.access, { duration: one.duration });
      if (asked.kind !== 'opened') return;
      requests.unshift(asked.request.id);
      for (const approver of ['dee', 'eli', 'fay']) await app.approve(approver, asked.request.id);
      return work(app, one.steps);
    }
    case 'overlap': {
      const { who } = one;
      for (const access of one.accesses)
        await act(app, watch, { do: 'approved', who, access, duration: '20m', steps: 0 }, requests, twin);
      for (const [index, next] of one.worlds.entries()) {
        app.reload(worlds[next] ?? small);
        await work(app, one.steps[index] ?? 0);
        await watch.check();
      }
      return;
    }
    case 'vote': {
      const id = requests[one.nth];
      if (id === undefined) return;
      if (one.verdict === 'deny') await app.deny(one.who, id);
      else if (twin.vote) await twin.vote(app, one.who, id);
      else await app.approve(one.who, id);
      return;
    }
    case 'end': {
      const grant = (await app.store.openGrants(app.workspace, 10))[one.nth];
      if (grant) await app.end(grant.person.email.split('@')[0] ?? '', grant.id);
      return;
    }
    case 'away': {
      const asked = { end: { for: one.for }, delegate: { slack: slackOf(one.to) } };
      await handOver(app.ports, app.caller(one.who), asked);
      return;
    }
    case 'stand in':
      await act(app, watch, { do: 'away', who: one.who, to: one.to, for: '10m' }, requests, twin);
      await act(app, watch, { do: 'ask', who: 'ana', access: 'write', duration: '5m' }, requests, twin);
      await act(app, watch, { do: 'pass', ms: one.ms }, requests, twin);
      return act(app, watch, { do: 'vote', who: one.to, nth: 0, verdict: 'approve' }, requests, twin);
    case 'return':
      await comeBack(app.ports, app.caller(one.who));
      return;
    case 'withdraw':
      await app.endOwn(one.who, one.access);
      return;
    case 'pass':
      app.clock.advance(one.ms);
      await app.tick();
      return;
    case 'back':
      // The Clock port never goes back; a process that starts with a wrong machine clock, before its log, could be behind.
      app.clock.advance(-one.ms);
      await app.tick();
      return;
    case 'work':
      return work(app, one.steps);
    case 'crash': {
      const { ports, died } = app.dyingAfter(one.calls);
      await app.work(ports).catch((error: unknown) => {
        if (!died()) throw error;
      });
      if (one.calls % 2 === 0) app.clock.advance(LEASE);
      return;
    }
    case 'reload':
      app.reload(worlds[one.world] ?? small);
      return;
    case 'meanwhile':
      watch.meanwhile.set(app.target(one.target), () => {
        app.clock.advance(one.ms);
        app.reload(worlds[one.world] ?? small);
      });
      return;
    case 'trouble': {
      // Only giving may land late here: what a late taking would break is not safety.
      const late = one.trouble.kind === 'late' && one.on !== 'provision';
      app.target(one.target).fail(one.on, late ? { kind: 'hang' } : one.trouble);
      return;
    }
    case 'down':
      app.target(one.target).down = true;
      return;
    case 'up':
      app.target(one.target).down = false;
      return;
    case 'slack':
      app.messenger.fail({ on: one.on, kind: one.kind, done: one.done && one.kind === 'retry', retryAfterMs: SECOND });
      return;
  }
}

async function work(app: App, steps: number): Promise<void> {
  for (let count = 0; count < steps; count += 1) {
    const worked = (await app.step('target')) ?? (await app.step('slack')) ?? (await app.step('watch'));
    if (worked === undefined) return;
  }
}
