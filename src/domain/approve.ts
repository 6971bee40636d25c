import { about, type Outcome, refuse } from './decision.ts';
import { approvals, asCast } from './delegation.ts';
import type { Effect } from './effects.ts';
import type { GrantState } from './grant.ts';
import { shorterIdle } from './idle.ts';
import { plus } from './instant.ts';
import { currentFlowNow, flowNow } from './nudge.ts';
import type { Refusal } from './refusal.ts';
import type { Extension, RequestState, Vote } from './request.ts';
import type { RequestFacts } from './request-facts.ts';
import { emptySeats, tally } from './tally.ts';

/**
 * Do both the flow the request was opened under and the current policies allow giving it, with the votes there are
 * (Meaning 9)? Asked at the last vote and again right before anything is given.
 */
export function currentlyAllowed(
  request: RequestState,
  votes: readonly Vote[],
  facts: Pick<RequestFacts, 'now' | 'eligible' | 'current'>,
): { ok: true } | { ok: false; refusal: Refusal } {
  const { current } = facts;
  if (!current.ok) return current;
  // NB. an access redefined meanwhile must not give what the current policy no longer lists.
  const listed = new Set(current.entitlements.map((entitlement) => entitlement.key));
  const unlisted = request.entitlements.find((entitlement) => !listed.has(entitlement.key));
  if (unlisted) {
    return refuse('policy-changed', `${request.access} no longer gives ${unlisted.label} at ${unlisted.target}.`);
  }
  if (!tally(flowNow(request), votes, facts.eligible).filled) {
    return refuse('policy-changed', 'Somebody who approved may not approve this any more, so a seat is empty again.');
  }
  const counted = approvals(votes);
  const voters = counted.map(({ voter }) => voter);
  const flow = currentFlowNow(current.flow, request.escalations, facts.now);
  const missing = emptySeats(flow, voters, asCast(counted, facts.eligible));
  if (missing > 0) {
    return refuse(
      'policy-changed',
      `The current policies ask for ${missing} more ${missing === 1 ? 'approval' : 'approvals'}.`,
    );
  }
  return { ok: true };
}

/** What the last approval leads to. */
export function approve(request: RequestState, by: string, facts: RequestFacts): Outcome {
  if (request.action) return approveAction(request, by, facts);
  if (request.extension) return extend(request, request.extension, by, facts);
  const { current } = facts;
  const afterMs = shorterIdle(request.idleAfterMs, current.ok ? current.idleAfterMs : undefined);
  const grant: Omit<GrantState, 'version'> = {
    id: facts.grantId,
    workspace: request.workspace,
    requestId: request.id,
    access: request.access,
    person: request.requester,
    status: 'provisioning',
    holds: request.entitlements.map((entitlement) => ({ ...entitlement, status: 'pending' })),
    approvedAt: facts.now,
    // Invariant 4: the end is committed with the approval, before any effect can give anything.
    endsAt: plus(facts.now, request.durationMs),
    ...(afterMs === undefined ? {} : { idle: { afterMs } }),
  };
  return {
    events: [
      {
        type: 'RequestApproved',
        at: facts.now,
        workspace: request.workspace,
        actor: by,
        requestId: request.id,
        access: request.access,
        openedAt: request.openedAt,
        grant,
        policy: facts.policy,
      },
    ],
    effects: grant.holds.map((hold): Effect => ({ kind: 'provision', grantId: grant.id, key: hold.key })),
  };
}

/** There is nothing to give: the caller comes for the answer, and may use it once. */
function approveAction(request: RequestState, by: string, { now, policy, current }: RequestFacts): Outcome {
  const { openedAt, durationMs } = request;
  // NB. invariant 3: a policy that was tightened while it waited holds for its approval, too.
  const usableForMs = Math.min(durationMs, (current.ok ? current.validForMs : undefined) ?? durationMs);
  const approved = { openedAt, usableUntil: plus(now, usableForMs), policy };
  return { events: [{ ...about(request, now, by), type: 'ActionApproved', ...approved }], effects: [] };
}

/** Invariant 4: the new end is committed with the approval. What was given stays as it is, so nothing else happens. */
function extend(
  { id: requestId, workspace, access, openedAt }: RequestState,
  { grantId, until }: Extension,
  by: string,
  { now, policy, grant }: RequestFacts,
): Outcome {
  if (!grant) throw new Error(`the grant of extension ${requestId} was not read`);
  return {
    events: [
      {
        type: 'GrantExtended',
        at: now,
        workspace,
        actor: by,
        requestId,
        grantId,
        access,
        openedAt,
        endsAt: until,
        policy,
      },
    ],
    effects: [
      { kind: 'refresh', requestId: grant.requestId },
      { kind: 'story', requestId: grant.requestId, beat: 'extended' },
      { kind: 'tell-requester', requestId, news: 'extended' },
    ],
  };
}
