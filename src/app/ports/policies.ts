import type { Instant } from '../../domain/instant.ts';
import type { PolicySet } from '../../policy/index.ts';

/** The policies in force. Never empty: with no good set at start nothing is served. */
export interface Policies {
  current(): PolicySet;
  /** The last reload, if it was refused: the last good set is still in force (invariant 3). */
  rejected(): { at: Instant; problems: readonly string[] } | undefined;
}
