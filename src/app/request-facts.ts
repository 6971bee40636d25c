import type { ActionAsked } from '../domain/action.ts';
import { beyondLimits } from '../domain/decide-extension.ts';
import type { DelegationState } from '../domain/delegation.ts';
import type { Place } from '../domain/effects.ts';
import type { Emergency } from '../domain/emergency.ts';
import type { GrantState } from '../domain/grant.ts';
import type { Instant } from '../domain/instant.ts';
import { flowNow } from '../domain/nudge.ts';
import type { Principal } from '../domain/principal.ts';
import type { Refusal } from '../domain/refusal.ts';
import type { RequestState } from '../domain/request.ts';
import type { CurrentRule, RequestFacts } from '../domain/request-facts.ts';
import {
  type AccessPolicy,
  approvers,
  type Decision,
  evaluate,
  evaluateAction,
  evaluateEmergency,
  evaluateExtension,
  isApprover,
  type PolicySet,
} from '../policy/index.ts';
import { approvalContext } from './approval-context.ts';
import { delegatePlaces } from './delegations.ts';
import type { Ports } from './ports/index.ts';

type About = Pick<
  RequestState,
  | 'access'
  | 'durationMs'
  | 'reason'
  | 'fields'
  | 'requester'
  | 'flow'
  | 'entitlements'
  | 'channel'
  | 'escalations'
  | 'extension'
  | 'emergency'
  | 'action'
> & { votes?: RequestState['votes'] };

/**
 * The facts of a decision about a request: who is eligible, and what the current policies say of it.
 * @param now the moment of the decision, which conditions of the policies may ask for.
 */
export function requestFacts(
  ports: Pick<Ports, 'policies' | 'ids'>,
  request: About,
  now: Instant,
  grant?: GrantState,
  delegations: readonly DelegationState[] = [],
): RequestFacts {
  const policies = ports.policies.current();
  const context = approvalContext(request);
  let current: CurrentRule | undefined;
  return {
    now,
    policy: policies.revision,
    ...(grant ? { grant } : {}),
    grantId: ports.ids.next('grt'),
    // NB. invariant 2: whatever the directory says of the requester, their vote never counts.
    eligible: (email, step) => email !== request.requester.email && isApprover(policies, step, email, context),
    // Only when it is asked for: a message about the request is drawn far more often than it is decided about.
    get current() {
      if (!current) {
        current = request.action
          ? judgedAction(policies, request, request.action, now)
          : judgedAccess(policies, request, now, grant);
      }
      return current;
    },
    placesFor: (step, joining) =>
      request.emergency
        ? emergencyPlaces(policies, request, request.emergency)
        : approverPlaces(policies, request, step, joining),
    placesForDelegates: (step, joining) => delegatePlaces(policies, request, step, delegations, joining),
    delegations,
  };
}

/** As a part of a request. */
export const idleRuleOf = ({ revokeOnIdleMs }: AccessPolicy): Pick<RequestState, 'idleAfterMs'> =>
  revokeOnIdleMs === undefined ? {} : { idleAfterMs: revokeOnIdleMs };

function judgedAccess(...of: Parameters<typeof judged>): CurrentRule {
  const decision = judged(...of);
  return decision.ok ? { ...decision, ...idleRuleOf(decision.access) } : { ok: false, refusal: decision.refusal };
}

/** What the current policies say of an action, and of a caller whose token says what it says in this request. */
function judgedAction(
  policies: PolicySet,
  { access, fields, reason }: About,
  { caller }: ActionAsked,
  now: Instant,
): CurrentRule {
  const decision = evaluateAction(policies, { caller, action: access, parameters: fields, reason, now });
  if (!decision.ok) return { ok: false, refusal: decision.refusal };
  return { ok: true, flow: decision.flow, entitlements: [], validForMs: decision.action.validForMs };
}

type Judged = Decision | { ok: false; refusal: Refusal };

/** What the current policies say of it: as of a request, or as of an extension. */
function judged(policies: PolicySet, request: About, now: Instant, grant: GrantState | undefined): Judged {
  const { requester, access, durationMs, reason, fields, extension, emergency } = request;
  const question = { email: requester.email, access, reason, fields, now };
  if (extension) {
    const decision = evaluateExtension(policies, { ...question, wholeMs: extension.wholeMs });
    const limits = decision.ok && decision.access.duration.extend;
    return (limits && beyondLimits(request, grant, limits)) || decision;
  }
  // NB. what was given without waiting is judged by that rule until it is there, and no request's approval stands in for it.
  if (emergency) return evaluateEmergency(policies, { ...question, durationMs });
  return evaluate(policies, { ...question, durationMs });
}

/**
 * Every reachable approver of a step, each as a place for a direct message; of those that `joining` names, whoever has not
 * been asked: neither an approver of the step yet nor somebody who voted in an earlier one.
 */
export function approverPlaces(
  policies: PolicySet,
  request: About,
  step: number,
  joining?: readonly Principal[],
): Place[] {
  const asked = flowNow(request).steps[step];
  if (!asked) return [];
  const context = approvalContext(request);
  const voted = new Set(request.votes?.map(({ voter }) => voter));
  const people = approvers(policies, joining ? { ...asked, approvers: joining } : asked, context);
  return people.flatMap(({ email, slack }) => {
    if (joining && (voted.has(email) || isApprover(policies, asked, email, context))) return [];
    return slack ? [{ person: slack }] : [];
  });
}

/** Everybody who could have approved it, each once; the channel where they would have been asked; and the audit channel. */
function emergencyPlaces(policies: PolicySet, request: About, { reviewers }: Emergency): Place[] {
  const people = approvers(policies, { approvers: reviewers, need: 1 }, approvalContext(request));
  const channels = new Set([request.channel, policies.settings.digest?.channel]);
  return [
    ...[...channels].flatMap((channel) => (channel === undefined ? [] : [{ channel }])),
    ...people.flatMap(({ slack }) => (slack ? [{ person: slack }] : [])),
  ];
}
