import type { DelegationState } from './delegation.ts';
import type { EntitlementState } from './entitlement.ts';
import type { DomainEvent } from './events.ts';
import { evolveDelegation, evolveEntitlement, evolveGrant, evolveRequest } from './evolve.ts';
import type { GrantState } from './grant.ts';
import type { RequestState } from './request.ts';

/** Some states of one workspace, by id (entitlements by key, delegations by the e-mail of whose votes they are). */
export interface World {
  requests: Map<string, RequestState>;
  grants: Map<string, GrantState>;
  entitlements: Map<string, EntitlementState>;
  delegations: Map<string, DelegationState>;
}

export const emptyWorld = (): World => ({
  requests: new Map(),
  grants: new Map(),
  entitlements: new Map(),
  delegations: new Map(),
});

/** Applies one event to every state it touches. Used by each commit and by the verification of the log alike. */
export function fold(world: World, event: DomainEvent): void {
  const requestId =
    event.type === 'RequestOpened' ? event.request.id : 'requestId' in event ? event.requestId : undefined;
  if (requestId !== undefined) set(world.requests, requestId, evolveRequest(world.requests.get(requestId), event));
  const grantId = event.type === 'RequestApproved' ? event.grant.id : 'grantId' in event ? event.grantId : undefined;
  if (grantId !== undefined) set(world.grants, grantId, evolveGrant(world.grants.get(grantId), event));
  if ('key' in event && event.key !== undefined) {
    set(world.entitlements, event.key, evolveEntitlement(world.entitlements.get(event.key), event));
  }
  if (event.type === 'DelegationSet' || event.type === 'DelegationEnded') {
    const delegator = event.type === 'DelegationSet' ? event.delegator.email : event.delegator;
    set(world.delegations, delegator, evolveDelegation(world.delegations.get(delegator), event));
  }
}

function set<State>(map: Map<string, State>, id: string, state: State | undefined): void {
  if (state !== undefined) map.set(id, state);
}
