import type { Milliseconds } from '../domain/instant.ts';
import type { AccessPolicy } from './policy-set.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const USUAL: readonly Milliseconds[] = [
  ...[5, 15, 30].map((n) => n * MINUTE),
  ...[1, 2, 4, 8, 12].map((n) => n * HOUR),
  ...[1, 2, 3, 7, 14, 30, 90, 180].map((n) => n * DAY),
];

/** What a menu offers without becoming a search. */
const MOST = 12;

/** Durations for a menu: usual lengths up to the longest, always with the default and the longest; 12 at most, rising. */
export function durationChoices(access: Pick<AccessPolicy, 'duration'>): Milliseconds[] {
  const { defaultMs, maxMs } = access.duration;
  const always = new Set([defaultMs, maxMs]);
  const usual = USUAL.filter((ms) => ms < maxMs && !always.has(ms));
  // Of too many the shortest go: who may have it for months rarely wants five minutes.
  const offered = usual.slice(Math.max(0, usual.length - (MOST - always.size)));
  return [...always, ...offered].sort((a, b) => a - b);
}
