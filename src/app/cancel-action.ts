import { callerName } from '../domain/caller.ts';
import { decideCancel } from '../domain/decide-request.ts';
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

/** The caller takes back what nobody has decided yet. */
export function cancelAction(
  ports: Ports,
  by: ActionCaller,
  requestId: string,
): Promise<{ kind: 'cancelled'; view: RequestView } | ActionRefused> {
  return ports.store.transaction(async (tx) => {
    const now = ports.clock.now();
    const request = await ownRequest(tx, by, requestId);
    const about = { command: 'cancel' as const, request, now };
    if (!request) return refusedCommand(ports, tx, by, about, unknownRequest());
    const decided = decideCancel(request, { email: callerName(by.caller) }, now);
    if (!decided.ok) return refusedCommand(ports, tx, by, about, decided.refusal);
    await commit(ports, tx, { workspace: by.workspace, now }, { request }, decided);
    return { kind: 'cancelled', view: viewAfter(ports, request, decided) };
  });
}
