import type { Hold } from '../domain/grant.ts';
import { between, type Instant, type Milliseconds } from '../domain/instant.ts';

/**
 * How long after an unanswered call to a target its effect may still appear there: longer than proxies and servers keep a
 * request whose caller has gone (a minute is their usual limit). What lands even later is not seen any more.
 */
export const SETTLE_MS: Milliseconds = 120_000;

/** How long until no unanswered call of ours can land any more; 0 or less: now. */
export const settlesIn = ({ unsettledUntil }: Hold, now: Instant): Milliseconds =>
  unsettledUntil === undefined ? 0 : between(now, unsettledUntil);
