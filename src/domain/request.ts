import type { EntitlementRef } from './entitlement.ts';
import type { Instant, Milliseconds } from './instant.ts';
import type { PersonRef } from './person.ts';
import type { Principal } from './principal.ts';

export type RequestStatus = 'pending' | 'approved' | 'denied' | 'cancelled' | 'lapsed';

/** One step of a flow: `need` distinct people out of `approvers`. */
export interface Step {
  approvers: readonly Principal[];
  need: number;
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

export type Verdict = 'approve' | 'deny';

export interface Vote {
  /** The directory's e-mail, or `policy:<access>/<flow>` for an automatic approval. */
  voter: string;
  /** The Slack user that clicked; absent for a policy's own vote. */
  slack?: string;
  verdict: Verdict;
  /** Index of the step of the request's own flow that the vote was cast in; its length when that flow was full and
   * only a tightened policy still asked for more. */
  step: number;
  reason?: string;
  at: Instant;
}

export interface RequestState {
  id: string;
  workspace: string;
  access: string;
  title: string;
  requester: PersonRef;
  durationMs: Milliseconds;
  reason: string;
  status: RequestStatus;
  policy: PolicyRevision;
  flow: Flow;
  entitlements: readonly EntitlementRef[];
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
  grantId?: string;
  version: number;
}
