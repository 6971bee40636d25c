import { decideUnused, decideUse } from '../domain/decide-action.ts';
import type { FieldValues } from '../domain/request.ts';
import {
  type ActionCaller,
  type ActionRefused,
  ownRequest,
  refusedCommand,
  unknownRequest,
  viewAfter,
} from './action-caller.ts';
import { commit } from './commit.ts';
import type { RequestView } from './messages.ts';
import type { Ports } from './ports/index.ts';
import { requestFacts } from './request-facts.ts';

/**
 * The caller is about to do it, says again what exactly, and is told to go ahead: once, however many ask at the same moment.
 * Everything is looked at anew in the transaction that uses the approval up: the policies, the votes, what the token says now.
 */
export function useAction(
  ports: Ports,
  by: ActionCaller,
  requestId: string,
  parameters: FieldValues,
): Promise<{ kind: 'used'; view: RequestView } | ActionRefused> {
  return ports.store.transaction(async (tx) => {
    const request = await ownRequest(tx, by, requestId);
    // NB. read behind the row, for which we may have waited until its time was over.
    const now = ports.clock.now();
    const about = { command: 'use' as const, request, now };
    if (!request) return refusedCommand(ports, tx, by, about, unknownRequest());
    const { workspace, caller } = by;
    const at = { workspace, now };
    // As of now, and by what its token says now: it is the caller that chooses the moment, so what the policies say of this
    // hour holds for it (docs/decisions/0014).
    const facts = requestFacts(ports, { ...request, action: { ...request.action, caller } }, now);
    const decided = decideUse(request, { caller, parameters }, facts);
    if (decided.ok) {
      await commit(ports, tx, at, { request }, decided);
      return { kind: 'used', view: viewAfter(ports, request, decided) };
    }
    // NB. invariant 11: what was said to be over stays so, though the tick had not come by and the clock steps back next.
    await commit(ports, tx, at, { request }, decideUnused(request, now));
    return refusedCommand(ports, tx, by, about, decided.refusal);
  });
}
