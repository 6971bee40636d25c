import type { EntitlementRef } from './entitlement.ts';
import type { Instant, Milliseconds } from './instant.ts';
import type { PersonRef } from './person.ts';

export type GrantStatus = 'provisioning' | 'active' | 'revoking' | 'ended';

/** Why a grant is over. `policy`: the current policies no longer allow it. `failed`: a target refused to give it. */
export type EndReason = 'expired' | 'revoked' | 'released' | 'idle' | 'policy' | 'failed';

/**
 * Where one entitlement of a grant stands.
 * `pending`: not yet seen at the target. `given`: read back and there. `taken`: read back and gone.
 * `kept`: this grant's hold ended but the permission stays, because another grant holds it or it was standing.
 */
export type HoldStatus = 'pending' | 'given' | 'taken' | 'kept';

export interface Hold extends EntitlementRef {
  status: HoldStatus;
  /** When the target was last read back in this status. */
  seenAt?: Instant;
  /** With `kept`: why the permission is still there. */
  keptBecause?: 'other-grant' | 'standing';
  /** The person had it before: given without touching the target. */
  standing?: boolean;
  /** Until then an unanswered call may still land at the target, so an absence seen earlier does not count. */
  unsettledUntil?: Instant;
}

/** When a grant that nobody uses ends before its time. */
export interface IdleRule {
  /** Not used for so long. */
  afterMs: Milliseconds;
  /** Since when that is counted, at the earliest: it became active, or its end was moved. Absent: not yet active. */
  since?: Instant;
  /** It ended so: the last use that is known, or since when none is. */
  unusedSince?: Instant;
}

export interface GrantState {
  id: string;
  workspace: string;
  requestId: string;
  access: string;
  person: PersonRef;
  status: GrantStatus;
  holds: readonly Hold[];
  /** When it was approved; the clock runs from here. */
  approvedAt: Instant;
  /** Written in the same transaction as the approval, before anything is given (invariant 4). */
  endsAt: Instant;
  /** How often the end was moved; absent: never. */
  extensions?: number;
  /** When its holder is to be warned of the end; absent: not yet active, warned already, or ending. */
  warnAt?: Instant;
  activatedAt?: Instant;
  /** Absent: it lasts until its end, used or not. */
  idle?: IdleRule;
  /** When it began to end, and why. */
  endingAt?: Instant;
  endReason?: EndReason;
  /** The person or rule that ended it early. */
  endedBy?: string;
  /** What stopped it, in a sentence, when the reason is `failed` or `policy`. */
  failure?: string;
  endedAt?: Instant;
  version: number;
}
