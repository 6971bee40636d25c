import type { CallerRef } from './caller.ts';
import type { Instant } from './instant.ts';

/**
 * What an action's request is about: a caller asks to do one thing once, with exactly the parameters that stand in the
 * request's `fields`. Its approval makes no grant: it may be used once, by this caller, for the request's `durationMs`.
 */
export interface ActionAsked {
  caller: CallerRef;
  /** Set by the approval: not used before then, it is worth nothing. */
  usableUntil?: Instant;
  usedAt?: Instant;
  /** When it was written down that nobody used it in time. */
  unusedAt?: Instant;
}
