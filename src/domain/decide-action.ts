import { currentlyAllowed } from './approve.ts';
import { type CallerRef, callerName } from './caller.ts';
import { about, type Decided, type Outcome, refuse } from './decision.ts';
import type { Effect } from './effects.ts';
import { type Instant, plus } from './instant.ts';
import { differences, sameParameters } from './parameters.ts';
import type { FieldValues, RequestState, RequestStatus } from './request.ts';
import type { RequestFacts } from './request-facts.ts';

/**
 * How many requests of one caller may wait at once: what a pipeline that has gone mad may put before people. Replicas that
 * count at the same moment may let one more in each; nothing but noise hangs on it.
 */
export const MOST_PENDING_OF_A_CALLER = 20;

/** Where an action's request stands. */
export type ActionStanding = RequestStatus | 'used' | 'unused';

/** By the clock, whether or not the tick has written it down yet. */
export function actionStanding(
  { status, lapsesAt, action }: Pick<RequestState, 'status' | 'lapsesAt' | 'action'>,
  now: Instant,
): ActionStanding {
  if (status === 'pending') return now < lapsesAt ? 'pending' : 'lapsed';
  if (status !== 'approved') return status;
  if (action?.usedAt !== undefined) return 'used';
  const over = action?.unusedAt !== undefined || (action?.usableUntil !== undefined && now >= action.usableUntil);
  return over ? 'unused' : 'approved';
}

export interface UseAction {
  /** As its token says now. */
  caller: CallerRef;
  /** What it is about to do: all of them, as they were approved. */
  parameters: FieldValues;
}

/** The caller comes for the answer, and is told to go ahead once. Checked in the order in which it would want to know. */
export function decideUse(
  request: RequestState,
  { caller, parameters }: UseAction,
  facts: Pick<RequestFacts, 'now' | 'eligible' | 'current' | 'policy'>,
): Decided {
  const { now, policy } = facts;
  const by = callerName(caller);
  // NB. whoever reads the request's id somewhere has no part in it: the approval is for this caller and no other.
  if (!request.action || by !== request.requester.email) {
    return refuse('not-your-request', 'Only the caller that asked can use an approval.');
  }
  const refused = refuseUnlessUsable(request, now) ?? refuseOtherParameters(request, parameters);
  if (refused) return refused;
  const changed = refuseChangedPolicies(request, facts);
  if (changed) return changed;
  const { id: requestId, decidedAt: approvedAt = now } = request;
  const claims = caller.kind === 'oidc' ? { claims: { ...caller.claims } } : {};
  return {
    ok: true,
    events: [
      { ...about(request, now, by), type: 'ActionUsed', approvedAt, parameters: { ...parameters }, ...claims, policy },
    ],
    effects: said(requestId, 'used'),
  };
}

/** Until when an approval waits to be used; undefined for all that does not. */
export const unusedAfter = ({ status, action }: Pick<RequestState, 'status' | 'action'>): Instant | undefined =>
  status === 'approved' && action?.usedAt === undefined && action?.unusedAt === undefined
    ? action?.usableUntil
    : undefined;

/**
 * Nobody used the approval in time, and it is worth nothing any more. Nothing happens before that or to one that was used, so
 * it can be tried freely. NB. written down, so that a clock that steps back does not make it usable again (invariant 11).
 */
export function decideUnused(request: RequestState, now: Instant): Outcome {
  const usableUntil = unusedAfter(request);
  if (usableUntil === undefined || now < usableUntil) return { events: [], effects: [] };
  return {
    events: [{ ...about(request, now, 'latchkey'), type: 'ActionUnused', usableUntil }],
    effects: said(request.id, 'unused'),
  };
}

const said = (requestId: string, beat: 'used' | 'unused'): Effect[] => [
  { kind: 'refresh', requestId },
  { kind: 'story', requestId, beat },
];

const ANEW = 'Ask anew if it is still to be done.';

function refuseUnlessUsable({ access, lapsesAt, decidedBy, decisionReason, ...request }: RequestState, now: Instant) {
  const { action } = request;
  switch (actionStanding({ ...request, lapsesAt }, now)) {
    case 'pending':
      return refuse('not-approved', `${access} is not approved yet; approvers have until ${lapsesAt} to answer.`);
    case 'lapsed':
      return refuse('request-lapsed', `Nobody answered in time, so this request has lapsed. ${ANEW}`);
    case 'denied': {
      const why = decisionReason === undefined ? '' : `: ${decisionReason}`;
      return refuse(
        'already-decided',
        `This request was denied${decidedBy === undefined ? '' : ` by ${decidedBy}`}${why}`,
      );
    }
    case 'cancelled':
      return refuse('already-decided', `This request was withdrawn. ${ANEW}`);
    // Before its time is looked at: whoever is told that it was not used in time might do it a second time.
    case 'used':
      return refuse(
        'already-used',
        `This approval was used at ${action?.usedAt}, and it counts once. Doing it again takes a new request.`,
      );
    case 'unused':
      return refuse('approval-over', `This approval could be used until ${action?.usableUntil}. ${ANEW}`);
    case 'approved':
      // NB. an approval without an end is none that Latchkey gave.
      if (action?.usableUntil === undefined || request.decidedAt === undefined)
        return refuse('not-approved', `${access} has no approval that can be used.`);
      return undefined;
  }
}

function refuseOtherParameters({ access, fields }: RequestState, given: FieldValues) {
  if (sameParameters(fields, given)) return undefined;
  const { differing, added } = differences(fields, given);
  const wrong = [
    ...(differing.length > 0 ? [`what you say of ${differing.join(', ')} is not what was approved`] : []),
    ...(added > 0 ? [`${added} of your parameters ${added === 1 ? 'was' : 'were'} not approved at all`] : []),
  ].join(', and ');
  return refuse(
    'parameters-differ',
    `An approval holds for exactly the parameters that people saw, all of them repeated: ${wrong}. Ask anew for ${access} with others.`,
  );
}

/** NB. invariant 3: what was tightened since people approved it holds for what they approved, and nothing that was loosened. */
function refuseChangedPolicies(
  request: RequestState,
  facts: Pick<RequestFacts, 'now' | 'eligible' | 'current'>,
): (Decided & { ok: false }) | undefined {
  const { current, now } = facts;
  if (!current.ok) {
    const { sentence, rule } = current.refusal;
    return refuse('policy-changed', `This was possible when it was approved, and is refused now: ${sentence}`, rule);
  }
  const { decidedAt } = request;
  const shorter = current.validForMs !== undefined && decidedAt !== undefined && plus(decidedAt, current.validForMs);
  if (shorter && now >= shorter) {
    return refuse('approval-over', `By the current policies this approval could be used until ${shorter}. ${ANEW}`);
  }
  const allowed = currentlyAllowed(request, request.votes, facts);
  return allowed.ok ? undefined : refuse(allowed.refusal.code, `${allowed.refusal.sentence} ${ANEW}`);
}
