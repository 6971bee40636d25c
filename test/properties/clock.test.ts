import fc from 'fast-check';
import type { Clock } from '../../src/app/ports/clock.ts';
import { instantOf } from '../../src/domain/instant.ts';
import { SystemClock } from '../../src/system-clock.ts';
import { holds } from './holds.ts';

const START = Date.parse('2026-03-03T09:00:00.000Z');
type Make = (wall: () => number, counter: () => number) => Clock;

/** Time passes, and meanwhile the machine's clock is set by this much. */
const turns = fc.array(
  fc.record({
    passes: fc.integer({ min: 0, max: 5_000 }),
    set: fc.oneof(fc.constant(0), fc.integer({ min: -5_000, max: 5_000 })),
  }),
  { maxLength: 20 },
);

holds<Make>(
  'time goes on at least as fast as it passes, and no further than the machine’s clock ever was (invariant 11)',
  (make) =>
    fc.property(turns, (all) => {
      let wall = START;
      let counter = 0;
      const clock = make(
        () => wall,
        () => counter,
      );
      let last = clock.now();
      let furthest = START;
      for (const { passes, set } of all) {
        counter += passes;
        wall += passes + set;
        furthest = Math.max(furthest + passes, wall);
        const now = clock.now();
        // Neither back, nor slower than what has passed: a clock that waits would make every grant longer.
        expect(Date.parse(now) - Date.parse(last)).toBeGreaterThanOrEqual(passes);
        expect(now).toBe(instantOf(furthest));
        last = now;
      }
    }),
  (wall, counter) => new SystemClock(wall, counter),
  {
    'the bare machine’s clock': (wall) => ({ now: () => instantOf(wall()) }),
    'a clock that stands while the machine’s is behind': (wall) => {
      let last = 0;
      return {
        now: () => {
          last = Math.max(last, wall());
          return instantOf(last);
        },
      };
    },
    'a clock that only counts': (wall, counter) => {
      const began = wall() - counter();
      return { now: () => instantOf(began + counter()) };
    },
  },
);
