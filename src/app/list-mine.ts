import type { GrantState } from '../domain/grant.ts';
import type { RequestState } from '../domain/request.ts';
import { personOf, unknownPerson } from './people.ts';
import type { Ports } from './ports/index.ts';

export type Mine =
  | { kind: 'unknown-person'; sentence: string }
  | { kind: 'mine'; grants: readonly GrantState[]; requests: readonly RequestState[] };

/** `/access list`: what I hold, with its end, and what I still wait for. */
export async function listMine(ports: Ports, caller: { workspace: string; slack: string }): Promise<Mine> {
  const { directory } = ports.policies.current();
  const me = personOf(directory, caller.slack);
  if (!me) return { kind: 'unknown-person', sentence: unknownPerson(directory) };
  const [grants, requests] = await Promise.all([
    ports.store.openGrantsOf(caller.workspace, me.email),
    ports.store.pendingRequestsOf(caller.workspace, me.email),
  ]);
  return { kind: 'mine', grants, requests };
}
