import { type CallerRef, callerName } from '../domain/caller.ts';
import { MOST_PENDING_OF_A_CALLER } from '../domain/decide-action.ts';
import { decideLapse, decideOpen } from '../domain/decide-request.ts';
import { refuse } from '../domain/decision.ts';
import type { Instant } from '../domain/instant.ts';
import { sameParameters } from '../domain/parameters.ts';
import type { Refusal } from '../domain/refusal.ts';
import type { FieldValues, RequestState } from '../domain/request.ts';
import { evaluateAction, knownCaller } from '../policy/index.ts';
import type { ActionCaller, ActionRefused } from './action-caller.ts';
import { commit } from './commit.ts';
import { delegationsFor } from './delegations.ts';
import type { Ports } from './ports/index.ts';
import type { Transaction } from './ports/store.ts';
import { requestFacts } from './request-facts.ts';
import { shortened } from './shortened.ts';
import { whatCallerAsked } from './what-was-asked.ts';

export interface AskedAction {
  action: string;
  /** By name, all of them: what exactly is to be approved. */
  parameters: FieldValues;
  reason?: string;
}

export type AskedForAction =
  /** `already-open`: this caller asks for the same with the same parameters already, and this is that request. */
  { kind: 'opened' | 'already-open'; request: Omit<RequestState, 'version'> } | ActionRefused;

/** A caller asks for an action. A call whose answer was lost can be repeated. */
export function requestAction(ports: Ports, by: ActionCaller, asked: AskedAction): Promise<AskedForAction> {
  const { clock, policies, store } = ports;
  // NB. text from a JSON body may hold lone surrogates, which have no canonical form to hash.
  const name = asked.action.toWellFormed();
  return store.transaction(async (tx): Promise<AskedForAction> => {
    const now = clock.now();
    const set = policies.current();
    const caller = onlyWhatIsKept(by.caller);
    const { parameters, reason = '' } = asked;
    const decision = evaluateAction(set, { caller, action: name, parameters, reason, now });
    const refused = async (refusal: Refusal): Promise<ActionRefused> => {
      const { workspace } = by;
      const actor = callerName(caller);
      const about = { access: shortened(name), asked: whatCallerAsked(set, caller, { ...asked, action: name }) };
      const event = { type: 'RequestRefused' as const, at: now, workspace, actor, ...about, ...refusal };
      const events = [{ ...event, policy: set.revision }];
      await commit(ports, tx, { workspace, now }, {}, { events, effects: [] });
      return { kind: 'refused', refusal };
    };
    if (!decision.ok) {
      const { refusal, others } = decision;
      // NB. nothing is written for a caller that no action names: whoever gets a token from the same issuer, which may be
      // anybody, could fill the log.
      if (!knownCaller(set, caller)) return { kind: 'refused', refusal };
      return { ...(await refused(refusal)), ...(others === undefined ? {} : { others }) };
    }
    const { action, fields, flow } = decision;
    const pending = await stillPending(ports, tx, { ...by, caller }, now);
    const same = pending.find((one) => one.access === action.name && sameParameters(one.fields, fields));
    if (same) return { kind: 'already-open', request: same };
    if (pending.length >= MOST_PENDING_OF_A_CALLER) {
      const sentence = `${pending.length} of your requests wait for an answer already, and ${MOST_PENDING_OF_A_CALLER} may. Withdraw some, or wait until people have answered.`;
      return refused(refuse('too-many-pending', sentence).refusal);
    }
    const command = {
      id: ports.ids.next('req'),
      workspace: by.workspace,
      access: action.name,
      title: action.title,
      requester: { email: callerName(caller), slack: '' },
      durationMs: action.validForMs,
      reason: reason.trim(),
      fields: { ...fields },
      flow,
      entitlements: [],
      action: { caller },
      ...(action.channel === undefined ? {} : { channel: action.channel }),
    };
    const delegations = await delegationsFor(tx, by.workspace, command, now);
    const opened = decideOpen(command, requestFacts(ports, command, now, undefined, delegations));
    if (!opened.ok) return refused(opened.refusal);
    await commit(ports, tx, { workspace: by.workspace, now }, {}, opened);
    const event = opened.events[0];
    if (event?.type !== 'RequestOpened') throw new Error('an opened request begins with RequestOpened');
    return { kind: 'opened', request: event.request };
  });
}

/** What the caller waits for. What is over and was not yet seen by the tick lapses here, and does not stand in the way. */
async function stillPending(
  ports: Ports,
  tx: Transaction,
  { workspace, caller }: ActionCaller,
  now: Instant,
): Promise<RequestState[]> {
  const waiting: RequestState[] = [];
  for (const request of await tx.pendingRequestsOf(workspace, callerName(caller))) {
    const lapse = decideLapse(request, now);
    if (!lapse.ok || lapse.events.length === 0) waiting.push(request);
    else await commit(ports, tx, { workspace, now }, { request }, lapse);
  }
  return waiting;
}

/** NB. what else an adapter knows of a caller, its token among it, is kept nowhere. */
const onlyWhatIsKept = (caller: CallerRef): CallerRef =>
  caller.kind === 'oidc'
    ? { kind: caller.kind, issuer: caller.issuer, subject: caller.subject, claims: { ...caller.claims } }
    : { kind: caller.kind, name: caller.name };
