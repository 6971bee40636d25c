import type { Outcome } from '../domain/decision.ts';
import type { DelegationState } from '../domain/delegation.ts';
import { orderOf } from '../domain/effects.ts';
import type { EntitlementState } from '../domain/entitlement.ts';
import { fold } from '../domain/fold.ts';
import type { GrantState } from '../domain/grant.ts';
import type { Instant } from '../domain/instant.ts';
import type { RequestState } from '../domain/request.ts';
import type { Ports } from './ports/index.ts';
import type { Transaction } from './ports/store.ts';

/** The states a decision was made on, as they were read in this transaction. */
export interface Loaded {
  request?: RequestState | undefined;
  grant?: GrantState | undefined;
  entitlement?: EntitlementState | undefined;
  delegation?: DelegationState | undefined;
}

/**
 * Writes an outcome: the events, the rows they fold into, and the effects, in one transaction (invariants 7 and 8).
 * The rows are folded here with the same functions that verification uses, never set by hand.
 */
export async function commit(
  ports: Pick<Ports, 'ids'>,
  tx: Transaction,
  at: { workspace: string; now: Instant },
  loaded: Loaded,
  outcome: Outcome,
): Promise<void> {
  if (outcome.events.length === 0 && outcome.effects.length === 0) return;
  const { request, grant, entitlement, delegation } = loaded;
  const world = {
    requests: new Map(request ? [[request.id, request]] : []),
    grants: new Map(grant ? [[grant.id, grant]] : []),
    entitlements: new Map(entitlement ? [[entitlement.key, entitlement]] : []),
    delegations: new Map(delegation ? [[delegation.delegator.email, delegation]] : []),
  };
  for (const event of outcome.events) fold(world, event);
  await tx.write(at.workspace, at.now, {
    events: outcome.events,
    effects: outcome.effects.map((effect) => ({ id: ports.ids.next('eff'), effect, runAt: at.now })),
    requests: changed(world.requests, request),
    grants: changed(world.grants, grant),
    entitlements: changed(world.entitlements, entitlement),
    delegations: changed(world.delegations, delegation),
  });
  // A revocation must not wait behind a provision of the same entitlement that is backing off from a dead target.
  const orders = outcome.effects.filter((effect) => effect.kind === 'revoke').map(orderOf);
  if (orders.length > 0) await tx.hasten(at.workspace, orders, at.now);
}

function changed<State extends { version: number }>(after: Map<string, State>, before: State | undefined): State[] {
  return [...after.values()]
    .filter((state) => state !== before)
    .map((state) => ({ ...state, version: (before?.version ?? 0) + 1 }));
}
