import type { Instant } from '../domain/instant.ts';
import { assumingReason, type Decision, type Explanation, explained, type PolicySet } from '../policy/index.ts';
import { delegatesIn, delegationsFor } from './delegations.ts';
import type { Caller } from './people.ts';
import type { Ports } from './ports/index.ts';
import { type AskedAccess, judge } from './request-access.ts';

export interface Why {
  explanation: Explanation;
  /** They named no reason or left a field empty: it was evaluated as if they had not. What they would have to write. */
  assumed?: string;
  /** They wait for this access already: until when approvers have time. It would be refused for that alone. */
  pendingUntil?: Instant;
  /** Who votes for whom while they are away, in which step (counted from 1). */
  delegates?: readonly VotesFor[];
}

export interface VotesFor {
  step: number;
  approver: { email: string; slack?: string };
  /** Their Slack id. */
  delegate: string;
}

/**
 * What would happen if the caller asked for this now, and why: the same evaluation, and nothing is asked or recorded.
 * NB. only ever of the caller: what others may have is not for everybody to know.
 */
export async function explainAccess(
  { policies, store, clock }: Pick<Ports, 'policies' | 'store' | 'clock'>,
  { workspace, slack }: Pick<Caller, 'workspace' | 'slack'>,
  asked: AskedAccess,
): Promise<Why> {
  const set = policies.current();
  const question: AskedAccess & { preview?: boolean } = { ...asked, access: asked.access.toWellFormed() };
  const { decision, assumed } = assumingReason(set, question, (each) =>
    judge(set, slack, { ...each, now: clock.now() }),
  );
  const explanation = explained(set, decision);
  const told = { explanation, ...(assumed === undefined ? {} : { assumed }) };
  const { person, access } = explanation;
  if (person === undefined || access === undefined) return told;
  const pending = (await store.pendingRequestsOf(workspace, person)).find((each) => each.access === access);
  const delegates = await delegatesOf(store, set, decision, { workspace, slack }, clock.now());
  const waits = pending !== undefined && pending.lapsesAt > clock.now();
  return { ...told, delegates, ...(waits ? { pendingUntil: pending.lapsesAt } : {}) };
}

/** As the approver message would name them. */
async function delegatesOf(
  store: Ports['store'],
  policies: PolicySet,
  decision: Decision,
  { workspace, slack }: Pick<Caller, 'workspace' | 'slack'>,
  now: Instant,
): Promise<VotesFor[]> {
  if (!decision.ok) return [];
  const { person, flow, entitlements } = decision;
  const request = { requester: { email: person.email, slack }, flow, entitlements };
  const delegations = await delegationsFor(store, workspace, request, now);
  return flow.steps.flatMap((_step, index) =>
    [...delegatesIn(policies, request, index, delegations)].map(([email, delegate]): VotesFor => {
      const found = policies.directory.byEmail(email)?.slack;
      return { step: index + 1, approver: { email, ...(found === undefined ? {} : { slack: found }) }, delegate };
    }),
  );
}
