import fc from 'fast-check';

// How many cases the property tests look at, and which: every run meets new ones, a failure prints its seed and its path.

/** `npm run test:nightly` looks at so many times as many. */
export const FACTOR = Number(process.env.PROPERTY_FACTOR ?? 1);

export const SEED = Number(process.env.PROPERTY_SEED ?? Math.floor(Math.random() * 0x7fffffff));

/** For the product itself; twins always meet the same cases. With a path it is that one case, and no other. */
export function cases(numRuns: number): fc.Parameters<unknown> {
  const path = process.env.PROPERTY_PATH;
  return path === undefined ? { numRuns: numRuns * FACTOR, seed: SEED } : { numRuns: 1, seed: SEED, path };
}

/** For a test that usually takes a small part of it. */
export const timeout = (ms: number): number => ms * FACTOR;

/** As many as that, where an array would often be shorter; a counterexample is left with those that matter. */
export const exactly = <T>(count: number, arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T[]> =>
  fc
    .tuple(
      ...Array.from({ length: count }, () =>
        fc.option(
          arbitrary.map((one) => [one]),
          { freq: 1_000, nil: [] },
        ),
      ),
    )
    .map((all) => all.flat());
