import { epochMs, type Instant, instantOf } from './instant.ts';
import { localTime, shiftDate } from './local-time.ts';

/** No time zone is further than this from UTC. */
const FURTHEST_MS = 26 * 3_600_000;

/** Is it a day of the calendar, written as `2026-12-01`? */
export function isDate(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  const at = Date.parse(`${text}T00:00:00.000Z`);
  return !Number.isNaN(at) && instantOf(at).startsWith(text);
}

/**
 * The first moment of a local date in an IANA time zone. Looked for and not computed, as a day need not begin at midnight:
 * where clocks go forward then, it begins at one.
 */
export function startOfDay(date: string, timeZone: string): Instant {
  const midnight = epochMs(`${date}T00:00:00.000Z`);
  let [before, after] = [midnight - FURTHEST_MS, midnight + FURTHEST_MS];
  while (after - before > 1) {
    const middle = Math.floor((before + after) / 2);
    if (localTime(instantOf(middle), timeZone).date >= date) after = middle;
    else before = middle;
  }
  return instantOf(after);
}

/** The moment at which a local date is over. */
export const endOfDay = (date: string, timeZone: string): Instant => startOfDay(shiftDate(date, 1), timeZone);
