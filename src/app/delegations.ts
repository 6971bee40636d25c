import { type DelegationState, delegable } from '../domain/delegation.ts';
import type { Place } from '../domain/effects.ts';
import type { Instant } from '../domain/instant.ts';
import { flowNow } from '../domain/nudge.ts';
import type { Principal } from '../domain/principal.ts';
import type { RequestState } from '../domain/request.ts';
import { isApprover, type PolicySet } from '../policy/index.ts';
import { approvalContext } from './approval-context.ts';
import type { Transaction } from './ports/store.ts';

type About = Pick<RequestState, 'requester' | 'flow' | 'entitlements' | 'escalations'> & {
  votes?: RequestState['votes'];
};

/** The delegations that may matter to a request; nothing is read for one that allows none. */
export async function delegationsFor(
  reader: Pick<Transaction, 'delegationsInForce'>,
  workspace: string,
  request: Pick<RequestState, 'flow'>,
  now: Instant,
): Promise<readonly DelegationState[]> {
  return delegable(request) ? reader.delegationsInForce(workspace, now) : [];
}

/** Who casts whose votes in a step now: by the e-mail of the approver who is away, the Slack id of whoever votes for them. */
export function delegatesIn(
  policies: PolicySet,
  request: About,
  step: number,
  delegations: readonly DelegationState[],
  joining?: readonly Principal[],
): Map<string, string> {
  const asked = flowNow(request).steps[step];
  if (asked?.delegation !== 'allowed') return new Map();
  const context = approvalContext(request);
  const seated = new Set(request.votes?.flatMap(({ voter, onBehalfOf = voter }) => [voter, onBehalfOf]));
  const found = new Map<string, string>();
  for (const { delegator, delegate } of delegations) {
    if (!isApprover(policies, joining ? { ...asked, approvers: joining } : asked, delegator.email, context)) continue;
    const person = policies.directory.byEmail(delegate.email);
    // NB. not the requester, who would be shown as somebody that could approve their own request.
    if (!person?.slack || person.disabled || person.email === request.requester.email) continue;
    if (!seated.has(delegator.email) && !seated.has(person.email)) found.set(delegator.email, person.slack);
  }
  return found;
}

/** Where those are asked who vote for others, each once. */
export const delegatePlaces = (...of: Parameters<typeof delegatesIn>): Place[] =>
  [...new Set(delegatesIn(...of).values())].map((person) => ({ person }));
