import fc from 'fast-check';
import { cases, SEED, timeout } from '../support/cases.ts';

/** Twins that are rarely seen get this many cases to be caught in. */
const TWIN_RUNS = 5_000;

type Options = { timeoutMs?: number; twinRuns?: number };

/**
 * A property of the product, and twins of it that are broken on purpose: each must be caught, or the property proves
 * nothing. The product meets new cases with every run (a failure prints its seed); the twins always meet the same.
 */
export function holds<Subject>(
  what: string,
  property: (subject: Subject) => fc.IProperty<unknown> | fc.IAsyncProperty<unknown>,
  subject: Subject,
  twins: Readonly<Record<string, Subject>>,
  numRuns = 1_000,
  { timeoutMs = 240_000, twinRuns = TWIN_RUNS }: Options = {},
): void {
  describe(what, () => {
    const parameters = cases(numRuns);
    it(
      `holds (${parameters.numRuns} cases, seed ${SEED})`,
      async () => {
        await fc.assert(property(subject) as fc.IAsyncProperty<unknown>, parameters);
      },
      timeout(timeoutMs),
    );

    it.each(Object.keys(twins))(
      'is broken by %s',
      async (name) => {
        await firstFailure(property(twins[name] as Subject), twinRuns);
      },
      timeoutMs,
    );
  });
}

/** How a twin of the product is caught, which always meets the same cases; fails when it is not caught at all. */
export async function firstFailure(
  property: fc.IProperty<unknown> | fc.IAsyncProperty<unknown>,
  numRuns: number,
): Promise<string> {
  const result = await fc.check(property as fc.IAsyncProperty<unknown>, { numRuns, seed: 42, endOnFailure: true });
  expect(result.failed).toBe(true);
  return result.errorInstance instanceof Error ? result.errorInstance.message : '';
}
