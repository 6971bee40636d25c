import { decideUnused } from '../domain/decide-action.ts';
import { decideDelegationOver } from '../domain/decide-delegation.ts';
import { decideReviewOverdue } from '../domain/decide-emergency.ts';
import { decideExpire, decideWarn } from '../domain/decide-grant.ts';
import { decideNudge } from '../domain/decide-nudge.ts';
import { decideLapse } from '../domain/decide-request.ts';
import type { Outcome } from '../domain/decision.ts';
import { type Instant, plus } from '../domain/instant.ts';
import { commit, type Loaded } from './commit.ts';
import { delegationsFor } from './delegations.ts';
import { healStranded } from './heal-stranded.ts';
import type { Ports } from './ports/index.ts';
import type { Transaction } from './ports/store.ts';
import { requestFacts } from './request-facts.ts';
import { scheduleDigest } from './schedule-digest.ts';

/** How many rows one transaction ends: after a long stop everything due is done in a few of them. */
const BATCH = 250;
/** Replays are refused for longer than Slack's signatures are accepted (five minutes, either way). */
const REMEMBER_INTERACTIONS_MS = 15 * 60_000;
/** Done effects are kept for a while, for people who look into what was posted when. */
const KEEP_DONE_EFFECTS_MS = 7 * 86_400_000;

/**
 * Does what is due: requests lapse, grants expire, approvers are reminded, holders are warned of an end, delegations end,
 * approvals of actions that nobody used are over, the digest is scheduled. Any number of processes may tick at once and after
 * a stop of any length; each due thing is done exactly once (invariant 12).
 */
export async function tick(ports: Ports): Promise<{ lapsed: number; expired: number; nudged: number }> {
  const expired = await inBatches(() => expireDue(ports));
  await inBatches(() => healStranded(ports, BATCH));
  const lapsed = await inBatches(() => lapseDue(ports));
  // Nobody could answer a reminder while nothing is served.
  const nudged = ports.policies.rejected()?.nothingServed ? 0 : await inBatches(() => nudgeDue(ports));
  // After what is over: nobody is warned of an end that has come.
  await inBatches(() => warnDue(ports));
  await inBatches(() => endDelegations(ports));
  await inBatches(() => lateReviews(ports));
  await inBatches(() => unusedApprovals(ports));
  await scheduleDigest(ports);
  return { lapsed, expired, nudged };
}

/** Housekeeping that nothing waits for. */
export async function tidy(ports: Ports): Promise<void> {
  const now = ports.clock.now();
  await ports.store.forgetInteractions(plus(now, -REMEMBER_INTERACTIONS_MS));
  await ports.store.forgetDoneEffects(plus(now, -KEEP_DONE_EFFECTS_MS));
}

const expireDue = (ports: Ports): Promise<number> =>
  eachDue(
    ports,
    // An extension that waits for one of them lapses no later than it ends: next, by its own time.
    (tx, now) => tx.dueGrants(now, BATCH),
    (grant) => ({ grant }),
    decideExpire,
  );

const lapseDue = (ports: Ports): Promise<number> =>
  eachDue(
    ports,
    (tx, now) => tx.dueRequests(now, BATCH),
    (request) => ({ request }),
    (request, now) => {
      const decided = decideLapse(request, now);
      return decided.ok ? decided : { events: [], effects: [] };
    },
  );

const nudgeDue = (ports: Ports): Promise<number> =>
  eachDue(
    ports,
    (tx, now) => tx.dueNudges(now, BATCH),
    (request) => ({ request }),
    async (request, now, tx) => {
      const delegations = await delegationsFor(tx, request.workspace, request, now);
      return decideNudge(request, requestFacts(ports, request, now, undefined, delegations));
    },
  );

const lateReviews = (ports: Ports): Promise<number> =>
  eachDue(
    ports,
    (tx, now) => tx.dueReviews(now, BATCH),
    (request) => ({ request }),
    decideReviewOverdue,
  );

const unusedApprovals = (ports: Ports): Promise<number> =>
  eachDue(
    ports,
    (tx, now) => tx.dueUnused(now, BATCH),
    (request) => ({ request }),
    decideUnused,
  );

const warnDue = (ports: Ports): Promise<number> =>
  eachDue(
    ports,
    (tx, now) => tx.dueWarnings(now, BATCH),
    (grant) => ({ grant }),
    decideWarn,
  );

const endDelegations = (ports: Ports): Promise<number> =>
  eachDue(
    ports,
    (tx, now) => tx.dueDelegations(now, BATCH),
    (delegation) => ({ delegation }),
    decideDelegationOver,
  );

/**
 * Decides about a batch of what is due, in one transaction; of how many something came. NB. not how many were found: rows that
 * somebody edited so that they are found and are not due must not keep the tick busy for ever, and what expires waiting.
 */
function eachDue<State extends { workspace: string }>(
  ports: Ports,
  due: (tx: Transaction, now: Instant) => Promise<readonly State[]>,
  loaded: (state: State) => Loaded,
  decide: (state: State, now: Instant, tx: Transaction) => Outcome | Promise<Outcome>,
): Promise<number> {
  return ports.store.transaction(async (tx) => {
    const now = ports.clock.now();
    let done = 0;
    for (const state of await due(tx, now)) {
      const outcome = await decide(state, now, tx);
      await commit(ports, tx, { workspace: state.workspace, now }, loaded(state), outcome);
      if (outcome.events.length > 0) done += 1;
    }
    return done;
  });
}

async function inBatches(batch: () => Promise<number>): Promise<number> {
  let total = 0;
  for (;;) {
    const count = await batch();
    total += count;
    if (count < BATCH) return total;
  }
}
