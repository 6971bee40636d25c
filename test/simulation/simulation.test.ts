import fc from 'fast-check';
import { cases, SEED, timeout } from '../support/cases.ts';
import { play } from './simulation.ts';
import { story } from './some-stories.ts';

/** `SIMULATION_RUNS=20000` for a long look. */
const RUNS = Number(process.env.SIMULATION_RUNS ?? 300);
const parameters = cases(RUNS);

describe('whatever people do and whatever fails', () => {
  it(
    `the invariants hold (${parameters.numRuns} stories, seed ${SEED})`,
    async () => {
      await fc.assert(
        fc.asyncProperty(story, (one) => play(one)),
        parameters,
      );
    },
    timeout(240_000 + RUNS * 1_000),
  );
});
