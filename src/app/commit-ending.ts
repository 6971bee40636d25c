import { decideCloseExtension } from '../domain/decide-extension.ts';
import type { Outcome } from '../domain/decision.ts';
import { emptyWorld, fold } from '../domain/fold.ts';
import type { GrantState } from '../domain/grant.ts';
import type { Instant } from '../domain/instant.ts';
import { commit } from './commit.ts';
import type { Ports } from './ports/index.ts';
import type { Transaction } from './ports/store.ts';

/** Writes what ends a grant early, and in the same transaction closes the extension that waits for it: it came too late. */
export async function commitEnding(
  ports: Pick<Ports, 'ids'>,
  tx: Transaction,
  grant: GrantState,
  outcome: Outcome,
  now: Instant,
): Promise<void> {
  const at = { workspace: grant.workspace, now };
  await commit(ports, tx, at, { grant }, outcome);
  const ending = after(grant, outcome);
  if (ending.status === grant.status || grant.status !== 'active') return;
  const request = await tx.pendingRequest(grant.workspace, grant.person.email, grant.access);
  if (request) await commit(ports, tx, at, { request }, decideCloseExtension(request, ending, now));
}

function after(grant: GrantState, { events }: Outcome): GrantState {
  const world = { ...emptyWorld(), grants: new Map([[grant.id, grant]]) };
  for (const event of events) fold(world, event);
  return world.grants.get(grant.id) ?? grant;
}
