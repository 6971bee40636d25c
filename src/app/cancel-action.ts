import { callerName } from '../domain/caller.ts';
import { decideCancel } from '../domain/decide-request.ts';
import { type ActionCaller, type ActionRefused, ownRequest, refusedCommand, unknownRequest } from './action-caller.ts';
import { commit } from './commit.ts';
import type { RequestView } from './messages.ts';
import type { Ports } from './ports/index.ts';
import { requestView } from './request-view.ts';

/** The caller takes back what nobody has decided yet. */
export async function cancelAction(
  ports: Ports,
  by: ActionCaller,
  requestId: string,
): Promise<{ kind: 'cancelled'; view: RequestView } | ActionRefused> {
  const refused = await ports.store.transaction(async (tx): Promise<ActionRefused | undefined> => {
    const now = ports.clock.now();
    const request = await ownRequest(tx, by, requestId);
    const about = { command: 'cancel' as const, request, now };
    if (!request) return refusedCommand(ports, tx, by, about, unknownRequest());
    const decided = decideCancel(request, { email: callerName(by.caller) }, now);
    if (!decided.ok) return refusedCommand(ports, tx, by, about, decided.refusal);
    await commit(ports, tx, { workspace: by.workspace, now }, { request }, decided);
    return undefined;
  });
  if (refused) return refused;
  const view = await requestView(ports, requestId);
  if (!view) throw new Error(`the request ${requestId} was withdrawn, and is gone`);
  return { kind: 'cancelled', view };
}
