/**
 * A moment in UTC as ISO 8601 text with milliseconds (`2026-03-03T09:00:00.000Z`), the one form used in state, events
 * and the audit log. Two instants compare as text. The domain is given instants, it never reads a clock (invariant 11).
 */
export type Instant = string;

/** A length of time in whole milliseconds. */
export type Milliseconds = number;

export const instantOf = (epochMs: number): Instant => new Date(epochMs).toISOString();

export const epochMs = (instant: Instant): number => Date.parse(instant);

export const plus = (instant: Instant, ms: Milliseconds): Instant => instantOf(epochMs(instant) + ms);

/** Milliseconds from `from` to `to`; negative when `to` is earlier. */
export const between = (from: Instant, to: Instant): Milliseconds => epochMs(to) - epochMs(from);
