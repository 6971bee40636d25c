import type { Instant } from '../../domain/instant.ts';
import { localTime, shiftDate, type Weekday } from '../../domain/local-time.ts';

/** Hours of a week, by the wall clock of the settings' time zone. */
export interface Schedule {
  /** The days on which it begins. */
  readonly days: readonly Weekday[];
  /** `HH:MM`, the first minute in it. */
  readonly from: string;
  /** `HH:MM`, the first minute after it; not later than `from`: on the next day. */
  readonly to: string;
}

/**
 * Whether an instant lies in a schedule. By what a clock on the wall shows, so that nine o'clock is nine o'clock on both
 * sides of a daylight-saving change; an hour that happens twice counts twice, one that is skipped not at all.
 */
export function inSchedule({ days, from, to }: Schedule, instant: Instant, timeZone: string): boolean {
  const { date, time, weekday } = localTime(instant, timeZone);
  if (from < to) return days.includes(weekday) && from <= time && time < to;
  if (from <= time) return days.includes(weekday);
  return time < to && days.includes(weekdayOf(shiftDate(date, -1)));
}

const WEEK: readonly Weekday[] = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];

const weekdayOf = (date: string): Weekday => WEEK[new Date(`${date}T00:00:00.000Z`).getUTCDay()] ?? 'sun';
