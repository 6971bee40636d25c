import type fc from 'fast-check';

// How many cases the property tests look at, and which: every run meets new ones, a failure prints its seed and its path.

/** `npm run test:nightly` looks at so many times as many. */
export const FACTOR = Number(process.env.PROPERTY_FACTOR ?? 1);

export const SEED = Number(process.env.PROPERTY_SEED ?? Math.floor(Math.random() * 0x7fffffff));

/** For the product itself; twins always meet the same cases. */
export const cases = (numRuns: number): fc.Parameters<unknown> => ({
  numRuns: numRuns * FACTOR,
  seed: SEED,
  ...(process.env.PROPERTY_PATH === undefined ? {} : { path: process.env.PROPERTY_PATH }),
});

/** For a test that usually takes a small part of it. */
export const timeout = (ms: number): number => ms * FACTOR;
