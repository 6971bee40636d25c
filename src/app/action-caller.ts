import { type CallerRef, callerName } from '../domain/caller.ts';
import { type Outcome, refuse } from '../domain/decision.ts';
import type { CommandRefused } from '../domain/events.ts';
import { evolveRequest } from '../domain/evolve.ts';
import type { Instant } from '../domain/instant.ts';
import type { Refusal } from '../domain/refusal.ts';
import type { RequestState } from '../domain/request.ts';
import { knownCaller } from '../policy/index.ts';
import { commit } from './commit.ts';
import type { RequestView } from './messages.ts';
import type { Ports } from './ports/index.ts';
import type { Transaction } from './ports/store.ts';
import { viewOf } from './request-view.ts';

/** Who calls, as its token or key proved just now, and the workspace whose people it asks. */
export interface ActionCaller {
  workspace: string;
  caller: CallerRef;
}

export interface ActionRefused {
  kind: 'refused';
  refusal: Refusal;
  /** What else of what was written is wrong. The first alone is recorded. */
  others?: readonly Refusal[];
}

/** As ids are made; what is not like one is not looked for, whatever bytes it holds. */
const REQUEST_ID = /^[\w-]{1,100}$/;

/** NB. another caller's request is as unknown as one that never was, so that ids cannot be probed. */
export async function ownRequest(
  reader: Pick<Transaction, 'request'>,
  { workspace, caller }: ActionCaller,
  id: string,
): Promise<RequestState | undefined> {
  const found = REQUEST_ID.test(id) ? await reader.request(id) : undefined;
  const own = found?.action && found.workspace === workspace && found.requester.email === callerName(caller);
  return own ? found : undefined;
}

export const unknownRequest = () => refuse('unknown-request', 'I know no such request of yours.').refusal;

/**
 * A refused command, recorded (invariant 7). NB. nothing is written for a caller that no action names and that has no request
 * here: whoever gets a token from the same issuer, which may be anybody, could fill the log.
 */
export async function refusedCommand(
  ports: Ports,
  tx: Transaction,
  { workspace, caller }: ActionCaller,
  about: { command: CommandRefused['command']; request: RequestState | undefined; now: Instant },
  refusal: Refusal,
): Promise<ActionRefused> {
  const { command, request, now } = about;
  const { code, sentence } = refusal;
  if (request || knownCaller(ports.policies.current(), caller)) {
    const subject = request ? { requestId: request.id, access: request.access } : {};
    const base = { type: 'CommandRefused' as const, at: now, workspace, actor: callerName(caller) };
    const events = [{ ...base, command, ...subject, code, sentence }];
    await commit(ports, tx, { workspace, now }, {}, { events, effects: [] });
  }
  return { kind: 'refused', refusal };
}

/**
 * The request as a decision that is being committed leaves it. NB. not read again behind the commit: a database that is gone by
 * then would let a caller think that nothing was done.
 */
export function viewAfter(ports: Ports, request: RequestState, { events }: Outcome): RequestView {
  const after = events.reduce<RequestState>((state, event) => evolveRequest(state, event) ?? state, request);
  return viewOf(ports, after);
}
