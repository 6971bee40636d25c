import type { Instant } from '../../domain/instant.ts';
import type { PolicySet } from '../../policy/index.ts';

/**
 * The policies in force. Broken since the start: a set without any access, under which nothing can be asked, approved or
 * given, and what is due is taken away all the same.
 */
export interface Policies {
  current(): PolicySet;
  /**
   * The last reading, if it was refused: the last good set is still in force (invariant 3). `nothingServed`: there has
   * been no good set since the start.
   */
  rejected(): RejectedPolicies | undefined;
}

export interface RejectedPolicies {
  at: Instant;
  problems: readonly string[];
  nothingServed?: true;
}
