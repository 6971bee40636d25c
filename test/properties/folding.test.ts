import fc from 'fast-check';
import {
  decideBaseline,
  decideExpire,
  decideGiven,
  decideHoldEnd,
  decideRelease,
} from '../../src/domain/decide-grant.ts';
import { decideLapse } from '../../src/domain/decide-request.ts';
import { decideVote } from '../../src/domain/decide-vote.ts';
import type { Outcome } from '../../src/domain/decision.ts';
import type { DomainEvent } from '../../src/domain/events.ts';
import { evolveEntitlement, evolveGrant, evolveRequest } from '../../src/domain/evolve.ts';
import { emptyWorld, fold, type World } from '../../src/domain/fold.ts';
import type { GrantState, Hold } from '../../src/domain/grant.ts';
import { plus } from '../../src/domain/instant.ts';
import type { RequestState } from '../../src/domain/request.ts';
import { aHold, aRequest, HOUR, NOON, opened } from '../support/samples.ts';
import { holds } from './holds.ts';

const what = fc.constantFrom('approve', 'deny', 'lapse', 'give', 'expire', 'release', 'take', 'fail-effect' as const);
const commands = fc.array(fc.tuple(what, fc.nat(1)), { maxLength: 14 });

/** The events of one request and what came of it, as decisions made them. */
function story(name: string, decisions: readonly (readonly [string, number])[]): DomainEvent[] {
  const [requestId, grantId] = [`req_${name}`, `grt_${name}`];
  const entitlements = ['db', 'ci'].map((target) => aHold({ target, account: name }));
  const world = emptyWorld();
  const events: DomainEvent[] = [];
  const happens = (outcome: Outcome | { ok: false }) => {
    for (const event of 'events' in outcome ? outcome.events : []) {
      fold(world, event);
      events.push(event);
    }
  };
  const asked = aRequest({ id: requestId, entitlements });
  happens({ events: [opened(asked)], effects: [] });
  let voter = 0;
  for (const [command, index] of decisions) {
    const request = world.requests.get(requestId) as RequestState;
    const grant = world.grants.get(grantId);
    const hold = grant?.holds[index] as Hold;
    if (command === 'approve' || command === 'deny') {
      voter += 1;
      const who = { email: `v${voter}@example.com`, slack: `U0${voter}` };
      const { flow, policy } = request;
      const current = { ok: true, flow, entitlements } as const;
      const facts = { now: NOON, eligible: () => true, current, policy, grantId, placesFor: () => [] };
      happens(decideVote(request, { voter: who, verdict: command }, facts));
    }
    if (command === 'lapse') happens(decideLapse(request, request.lapsesAt));
    if (!grant) continue;
    if (command === 'give') {
      happens(decideBaseline(grant, hold, index === 1, NOON));
      happens(decideGiven(grant, hold, index === 1, NOON));
    }
    if (command === 'expire') happens(decideExpire(grant, plus(NOON, 2 * HOUR)));
    if (command === 'release') happens(decideRelease(grant, grant.person, NOON));
    if (command === 'take') happens(decideHoldEnd(grant, hold, index === 1 ? 'kept-standing' : 'taken', NOON));
    if (command === 'fail-effect') {
      const base = { at: NOON, workspace: grant.workspace, actor: 'latchkey', grantId, key: hold.key };
      const failed = { effectId: 'eff_1', kind: 'revoke', code: 'deadline', sentence: 'no', attempt: 1 };
      happens({ events: [{ type: 'EffectFailed', ...base, ...failed, unsettledUntil: NOON }], effects: [] });
    }
  }
  return events;
}

const folded = (apply: typeof fold, events: readonly DomainEvent[]): World => {
  const world = emptyWorld();
  for (const event of events) apply(world, event);
  return world;
};

/** The two in one order or another, each in its own order. */
function woven(one: readonly DomainEvent[], other: readonly DomainEvent[], turns: readonly boolean[]): DomainEvent[] {
  const [left, right] = [[...one], [...other]];
  const mixed = turns.flatMap((first) => (first ? left : right).splice(0, 1));
  return [...mixed, ...left, ...right];
}

holds<typeof fold>(
  'an event of one request changes nothing of another, in whatever order they come',
  (apply) =>
    fc.property(commands, commands, fc.array(fc.boolean(), { maxLength: 30 }), (first, second, turns) => {
      const [one, other] = [story('one', first), story('other', second)];
      const together = folded(apply, woven(one, other, turns));
      for (const alone of [folded(fold, one), folded(fold, other)]) {
        for (const kind of ['requests', 'grants', 'entitlements'] as const)
          for (const [id, state] of alone[kind]) expect(together[kind].get(id)).toEqual(state);
      }
    }),
  fold,
  {
    'one that lets every event speak of every grant': (world, event) => {
      fold(world, event);
      if (!('grantId' in event)) return;
      for (const [id, grant] of world.grants)
        if (id !== event.grantId) world.grants.set(id, evolveGrant(grant, { ...event, grantId: id }) as GrantState);
    },
    'one that lets every event speak of every request': (world, event) => {
      fold(world, event);
      if (!('requestId' in event)) return;
      for (const [id, request] of world.requests)
        if (id !== event.requestId)
          world.requests.set(id, evolveRequest(request, { ...event, requestId: id }) as RequestState);
    },
    'one that knows permissions by their target only': (world, event) => {
      fold(world, event);
      if (!('key' in event && 'target' in event)) return;
      for (const [key, state] of world.entitlements) {
        const next = state.target === event.target ? evolveEntitlement(state, { ...event, key }) : state;
        if (next) world.entitlements.set(key, next);
      }
    },
  },
  500,
);
