import type { ActionAsked } from './action.ts';
import type { Emergency } from './emergency.ts';
import type { EntitlementRef } from './entitlement.ts';
import type { Instant, Milliseconds } from './instant.ts';
import type { PersonRef } from './person.ts';
import type { Principal } from './principal.ts';

export type RequestStatus = 'pending' | 'approved' | 'denied' | 'cancelled' | 'lapsed';

/** One step of a flow: `need` distinct people out of `approvers`. */
export interface Step {
  approvers: readonly Principal[];
  need: number;
  /** While the step is open and not filled, its people are reminded this often. */
  remindEveryMs?: Milliseconds;
  /** The vote of an approver who is away may be cast by the person to whom they handed their votes. */
  delegation?: 'allowed';
  /** Open for so long, `to` may fill its seats as well. */
  escalate?: { afterMs: Milliseconds; to: readonly Principal[] };
}

/** The flow that decides a request, as it stood in the policy when the request was opened. */
export interface Flow {
  name: string;
  /** Filled by the policy itself; its recorded vote is `policy:<access>/<flow>`. */
  autoApprove: boolean;
  steps: readonly Step[];
  timeoutMs: Milliseconds;
}

/** Which policies a decision was made under: the digest of the set and, in a clean Git checkout, its commit. */
export interface PolicyRevision {
  digest: string;
  commit?: string;
}

/** The clock of the open step. Kept by requests whose flow has reminders or escalations. */
export interface Waiting {
  /** Index of the open step; the number of steps when all are full and only a tightened policy asks for more. */
  step: number;
  /** Since when it has been open; begins anew when an earlier step opens again. */
  since: Instant;
  /** The last reminder since then; an escalation is one, too. */
  remindedAt?: Instant;
}

/** A step whose approvers have grown, because nobody had filled it in time. */
export interface Escalation {
  step: number;
  to: readonly Principal[];
  at: Instant;
  /** When the step had opened. */
  openedAt: Instant;
}

/** What was filled in, by the name of the field; one that was left empty is absent. */
export type FieldValues = Readonly<Record<string, string>>;

export type Verdict = 'approve' | 'deny';

export interface Vote {
  /** The directory's e-mail, or `policy:<access>/<flow>` for an automatic approval. */
  voter: string;
  /** The Slack user that clicked; absent for a policy's own vote. */
  slack?: string;
  /** Cast for this approver, who is away and has handed their votes to the voter. */
  onBehalfOf?: string;
  verdict: Verdict;
  /** Index of the step of the request's own flow that the vote was cast in; its length when that flow was full and
   * only a tightened policy still asked for more. */
  step: number;
  reason?: string;
  at: Instant;
}

/**
 * What an extension is about: the request asks for a later end of a grant that runs, and makes no grant of its own.
 * Approvers see `until`, and `until` is what their approval gives.
 */
export interface Extension {
  grantId: string;
  /** The end that it asks for. */
  until: Instant;
  /** From the grant's approval until then: the time that the policies' flow is chosen for. */
  wholeMs: Milliseconds;
}

export interface RequestState {
  id: string;
  workspace: string;
  /** The name of the access; of an action's request, the name of the action. No two of either have one name. */
  access: string;
  title: string;
  /** Of an action's request: the name of its caller (`callerName`), and no Slack id. */
  requester: PersonRef;
  /** How long what it asks for lasts; of an action's request, how long its approval may be used. */
  durationMs: Milliseconds;
  reason: string;
  /** What was filled in; of an action's request, its parameters: what exactly is approved. */
  fields: FieldValues;
  status: RequestStatus;
  policy: PolicyRevision;
  flow: Flow;
  entitlements: readonly EntitlementRef[];
  /** What it gives ends early when it was not used for so long. */
  idleAfterMs?: Milliseconds;
  /** Absent: it asks for a grant. */
  extension?: Extension;
  /** Given at once, to be reviewed. */
  emergency?: Emergency;
  /** A caller asks to do something once. */
  action?: ActionAsked;
  /** Where approvers are asked; absent: each approver directly. */
  channel?: string;
  openedAt: Instant;
  /** Not decided by then: the request lapses. */
  lapsesAt: Instant;
  decidedAt?: Instant;
  /** Who ended it: the last voter, the canceller; absent when it lapsed. */
  decidedBy?: string;
  /** Why it was denied, in the denier's words. */
  decisionReason?: string;
  votes: readonly Vote[];
  waiting?: Waiting;
  escalations?: readonly Escalation[];
  grantId?: string;
  version: number;
}
