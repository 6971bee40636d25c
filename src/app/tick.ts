import { decideUnused } from '../domain/decide-action.ts';
import { decideDelegationOver } from '../domain/decide-delegation.ts';
import { decideReviewOverdue } from '../domain/decide-emergency.ts';
import { decideExpire, decideWarn } from '../domain/decide-grant.ts';
import { decideNudge } from '../domain/decide-nudge.ts';
import { decideLapse } from '../domain/decide-request.ts';
import { plus } from '../domain/instant.ts';
import { commit } from './commit.ts';
import { delegationsFor } from './delegations.ts';
import { healStranded } from './heal-stranded.ts';
import type { Ports } from './ports/index.ts';
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

function expireDue(ports: Ports): Promise<number> {
  return ports.store.transaction(async (tx) => {
    const now = ports.clock.now();
    const due = await tx.dueGrants(now, BATCH);
    // An extension that waits for one of them lapses no later than it ends: next, by its own time.
    for (const grant of due)
      await commit(ports, tx, { workspace: grant.workspace, now }, { grant }, decideExpire(grant, now));
    return due.length;
  });
}

function lapseDue(ports: Ports): Promise<number> {
  return ports.store.transaction(async (tx) => {
    const now = ports.clock.now();
    const due = await tx.dueRequests(now, BATCH);
    for (const request of due) {
      const decided = decideLapse(request, now);
      if (decided.ok) await commit(ports, tx, { workspace: request.workspace, now }, { request }, decided);
    }
    return due.length;
  });
}

function nudgeDue(ports: Ports): Promise<number> {
  return ports.store.transaction(async (tx) => {
    const now = ports.clock.now();
    let nudged = 0;
    for (const request of await tx.dueNudges(now, BATCH)) {
      const delegations = await delegationsFor(tx, request.workspace, request, now);
      const outcome = decideNudge(request, requestFacts(ports, request, now, undefined, delegations));
      await commit(ports, tx, { workspace: request.workspace, now }, { request }, outcome);
      if (outcome.events.length > 0) nudged += 1;
    }
    return nudged;
  });
}

function lateReviews(ports: Ports): Promise<number> {
  return ports.store.transaction(async (tx) => {
    const now = ports.clock.now();
    const due = await tx.dueReviews(now, BATCH);
    for (const request of due)
      await commit(ports, tx, { workspace: request.workspace, now }, { request }, decideReviewOverdue(request, now));
    return due.length;
  });
}

function unusedApprovals(ports: Ports): Promise<number> {
  return ports.store.transaction(async (tx) => {
    const now = ports.clock.now();
    const due = await tx.dueUnused(now, BATCH);
    for (const request of due)
      await commit(ports, tx, { workspace: request.workspace, now }, { request }, decideUnused(request, now));
    return due.length;
  });
}

function warnDue(ports: Ports): Promise<number> {
  return ports.store.transaction(async (tx) => {
    const now = ports.clock.now();
    const due = await tx.dueWarnings(now, BATCH);
    for (const grant of due)
      await commit(ports, tx, { workspace: grant.workspace, now }, { grant }, decideWarn(grant, now));
    return due.length;
  });
}

function endDelegations(ports: Ports): Promise<number> {
  return ports.store.transaction(async (tx) => {
    const now = ports.clock.now();
    const due = await tx.dueDelegations(now, BATCH);
    for (const delegation of due) {
      const outcome = decideDelegationOver(delegation, now);
      await commit(ports, tx, { workspace: delegation.workspace, now }, { delegation }, outcome);
    }
    return due.length;
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
