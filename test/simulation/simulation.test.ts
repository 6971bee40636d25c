import fc from 'fast-check';
import { FACTOR } from '../support/cases.ts';
import { play, story } from './simulation.ts';

/** `SIMULATION_RUNS=20000` for a long look. */
const RUNS = Number(process.env.SIMULATION_RUNS ?? 300 * FACTOR);

describe('whatever people do and whatever fails', () => {
  it(
    `the invariants hold (${RUNS} stories)`,
    async () => {
      await fc.assert(
        fc.asyncProperty(story, (one) => play(one)),
        { numRuns: RUNS },
      );
    },
    60_000 + RUNS * 1_000,
  );
});
