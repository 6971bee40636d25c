import type { RequestFacts } from '../domain/decide-request.ts';
import type { Place } from '../domain/effects.ts';
import type { Instant } from '../domain/instant.ts';
import type { RequestState } from '../domain/request.ts';
import { approvers, evaluate, isApprover, type PolicySet } from '../policy/index.ts';
import type { Ports } from './ports/index.ts';

type About = Pick<RequestState, 'access' | 'durationMs' | 'reason' | 'requester' | 'flow' | 'entitlements' | 'channel'>;

/** The facts of now for a decision about a request: who is eligible, and what the current policies say of it. */
export function requestFacts(ports: Pick<Ports, 'policies' | 'ids'>, request: About, now: Instant): RequestFacts {
  const policies = ports.policies.current();
  const context = approvalContext(request);
  const decision = evaluate(policies, {
    email: request.requester.email,
    access: request.access,
    durationMs: request.durationMs,
    reason: request.reason,
  });
  return {
    now,
    policy: policies.revision,
    grantId: ports.ids.next('grt'),
    // NB. invariant 2: whatever the directory says of the requester, their vote never counts.
    eligible: (email, step) => email !== request.requester.email && isApprover(policies, step, email, context),
    current: decision.ok ? decision : { ok: false, refusal: decision.refusal },
    placesFor: (step) => approverPlaces(policies, request, step),
  };
}

/** Every reachable approver of a step, each as a place for a direct message. */
export function approverPlaces(policies: PolicySet, request: About, step: number): Place[] {
  const asked = request.flow.steps[step];
  if (!asked) return [];
  return approvers(policies, asked, approvalContext(request)).flatMap(({ slack }) =>
    slack ? [{ person: slack }] : [],
  );
}

export const approvalContext = (request: Pick<RequestState, 'requester' | 'entitlements'>) => ({
  requester: request.requester.email,
  targets: [...new Set(request.entitlements.map((entitlement) => entitlement.target))],
});
