import type { DelegationState } from './delegation.ts';
import type { Place } from './effects.ts';
import type { EntitlementRef } from './entitlement.ts';
import type { GrantState } from './grant.ts';
import type { Instant, Milliseconds } from './instant.ts';
import type { Principal } from './principal.ts';
import type { Refusal } from './refusal.ts';
import type { Flow, PolicyRevision } from './request.ts';
import type { Eligible } from './tally.ts';

/** What the current policies say of a request that was opened earlier. */
export type CurrentRule =
  | {
      ok: true;
      flow: Flow;
      entitlements: readonly EntitlementRef[];
      idleAfterMs?: Milliseconds;
      /** Of an action: how long its approval may be used. */
      validForMs?: Milliseconds;
    }
  | { ok: false; refusal: Refusal };

/** What a decision about a request is given beside the request: the facts of now. */
export interface RequestFacts {
  now: Instant;
  eligible: Eligible;
  current: CurrentRule;
  policy: PolicyRevision;
  /** The grant that an extension is about, as it was read in this transaction. */
  grant?: GrantState;
  /** Where those are asked, besides, to whom these people handed their votes. */
  placesForDelegates?(step: number, joining?: readonly Principal[]): readonly Place[];
  /** Delegations in force, the voter's among them, where the request allows any. */
  delegations?: readonly DelegationState[];
  /** The id for the grant, should this decision make one. */
  grantId: string;
  /**
   * Where the approvers of a step are asked one by one. With `joining`: only those among them who have not been asked, as
   * they are not the step's approvers yet.
   */
  placesFor(step: number, joining?: readonly Principal[]): readonly Place[];
}
