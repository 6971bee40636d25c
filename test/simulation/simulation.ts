import { comeBack, handOver } from '../../src/app/away.ts';
import type { Store } from '../../src/app/ports/store.ts';
import { MemoryStore } from '../../src/policy-test/memory-store.ts';
import { App, type AppOptions, LEASE, WORKSPACE } from '../support/app.ts';
import { HOUR, MINUTE, SECOND } from '../support/clock.ts';
import { slackOf, type World } from '../support/world.ts';
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
  let world = small;
  const requests: string[] = [];
  for (const one of actions) {
    world = await act(app, one, requests, world, twin);
    await watch.check();
  }
  // Everything is repaired, and comes to rest.
  for (const target of app.targets.values()) target.heal();
  app.messenger.heal();
  app.reload(small);
  app.clock.advance(LEASE);
  if (actions.some((one) => one.do === 'reload' && one.world === MOVED)) {
    // What was given at the one system is over; then the name is pointed at the other for what was given there.
    await app.pass(2 * HOUR, 5 * MINUTE);
    app.reload(moved);
  }
  await app.quiesce({ every: 5 * MINUTE });
  await watch.check();
  await watch.atRest();
}

async function act(app: App, one: Action, requests: string[], world: World, twin: Twin): Promise<World> {
  switch (one.do) {
    case 'ask': {
      const asked = await app.ask(one.who, one.access, one.duration === undefined ? {} : { duration: one.duration });
      if (asked.kind === 'opened') requests.unshift(asked.request.id);
      return world;
    }
    case 'approved': {
      const asked = await app.ask(one.who, one.access, { duration: one.duration });
      if (asked.kind !== 'opened') return world;
      requests.unshift(asked.request.id);
      for (const approver of ['dee', 'eli', 'fay']) await app.approve(approver, asked.request.id);
      return act(app, { do: 'work', steps: one.steps }, requests, world, twin);
    }
    case 'vote': {
      const id = requests[one.nth];
      if (id === undefined) return world;
      if (one.verdict === 'deny') await app.deny(one.who, id);
      else if (twin.vote) await twin.vote(app, one.who, id);
      else await app.approve(one.who, id);
      return world;
    }
    case 'end': {
      const grant = (await app.store.openGrants(app.workspace, 10))[one.nth];
      if (grant) await app.end(grant.person.email.split('@')[0] ?? '', grant.id);
      return world;
    }
    case 'away': {
      const asked = { end: { for: one.for }, delegate: { slack: slackOf(one.to) } };
      await handOver(app.ports, app.caller(one.who), asked);
      return world;
    }
    case 'return':
      await comeBack(app.ports, app.caller(one.who));
      return world;
    case 'withdraw':
      await app.endOwn(one.who, one.access);
      return world;
    case 'pass':
      app.clock.advance(one.ms);
      await app.tick();
      return world;
    case 'back':
      // The Clock port never goes back; a process that starts with a wrong machine clock, before its log, could be behind.
      app.clock.advance(-one.ms);
      await app.tick();
      return world;
    case 'work':
      for (let count = 0; count < one.steps; count += 1) {
        const worked = (await app.step('target')) ?? (await app.step('slack')) ?? (await app.step('watch'));
        if (worked === undefined) break;
      }
      return world;
    case 'crash': {
      const { ports, died } = app.dyingAfter(one.calls);
      await app.work(ports).catch((error: unknown) => {
        if (!died()) throw error;
      });
      if (one.calls % 2 === 0) app.clock.advance(LEASE);
      return world;
    }
    case 'reload': {
      const next = worlds[one.world] ?? small;
      app.reload(next);
      return next;
    }
    case 'trouble': {
      // Only giving may land late here: what a late taking would break is not safety.
      const late = one.trouble.kind === 'late' && one.on !== 'provision';
      app.target(one.target).fail(one.on, late ? { kind: 'hang' } : one.trouble);
      return world;
    }
    case 'down':
      app.target(one.target).down = true;
      return world;
    case 'up':
      app.target(one.target).down = false;
      return world;
    case 'slack':
      app.messenger.fail({ on: one.on, kind: one.kind, done: one.done && one.kind === 'retry', retryAfterMs: SECOND });
      return world;
  }
}
