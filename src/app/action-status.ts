import { type ActionCaller, type ActionRefused, ownRequest, unknownRequest } from './action-caller.ts';
import type { RequestView } from './messages.ts';
import type { Ports } from './ports/index.ts';
import { currentView } from './request-view.ts';

/** The caller looks what has become of its request. Nothing is changed, and nothing recorded. */
export async function actionStatus(
  ports: Ports,
  by: ActionCaller,
  requestId: string,
): Promise<{ kind: 'found'; view: RequestView } | ActionRefused> {
  const request = await ownRequest(ports.store, by, requestId);
  if (!request) return { kind: 'refused', refusal: unknownRequest() };
  return { kind: 'found', view: await currentView(ports, request) };
}
