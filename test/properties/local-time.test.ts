import fc from 'fast-check';
import { type Instant, instantOf, plus } from '../../src/domain/instant.ts';
import { type LocalTime, localTime, WEEKDAYS } from '../../src/domain/local-time.ts';
import { holds } from './holds.ts';

const MINUTE = 60_000;

/** 01:00 UTC on the last Sunday of a month: when the European Union's clocks change. */
const change = (year: number, month: number): number => {
  const last = new Date(Date.UTC(year, month + 1, 0, 1));
  return last.getTime() - last.getUTCDay() * 24 * 60 * MINUTE;
};
const summerInBerlin = (ms: number): boolean => {
  const year = new Date(ms).getUTCFullYear();
  return ms >= change(year, 2) && ms < change(year, 9);
};
/** By the rule that has been law since 1996, without a time-zone database. */
function byTheLaw(ms: number): LocalTime {
  const shown = instantOf(ms + (summerInBerlin(ms) ? 120 : 60) * MINUTE);
  const weekday = WEEKDAYS[(new Date(shown).getUTCDay() + 6) % 7];
  return { date: shown.slice(0, 10), time: shown.slice(11, 16), weekday: weekday ?? 'mon' };
}

const from = Date.UTC(2000, 0, 1);
const to = Date.UTC(2040, 0, 1);
/** Any instant; or one within two hours of a change. */
const instant = fc.oneof(
  fc.integer({ min: from, max: to }),
  fc
    .tuple(fc.integer({ min: 2000, max: 2039 }), fc.constantFrom(2, 9), fc.integer({ min: -120, max: 120 }))
    .map(([year, month, minutes]) => change(year, month) + minutes * MINUTE),
);

holds<(at: Instant, zone: string) => LocalTime>(
  'a clock in Berlin shows what the law says, through every change',
  (show) =>
    fc.property(instant, (ms) => {
      expect(show(instantOf(ms), 'Europe/Berlin')).toEqual(byTheLaw(ms));
    }),
  localTime,
  {
    'one that knows no summer time': (at) => localTime(plus(at, 60 * MINUTE), 'UTC'),
    'one that changes a minute late': (at, zone) => {
      const { date, weekday } = localTime(at, zone);
      return { date, weekday, time: localTime(plus(at, -MINUTE), zone).time };
    },
    'one that changes at local midnight': (at) => {
      const summer = summerInBerlin(new Date(`${at.slice(0, 10)}T00:00:00Z`).getTime());
      return localTime(plus(at, (summer ? 120 : 60) * MINUTE), 'UTC');
    },
  },
  2_000,
);
