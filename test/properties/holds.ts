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
  { timeoutMs = 60_000, twinRuns = TWIN_RUNS }: Options = {},
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
        const { failed } = await fc.check(property(twins[name] as Subject) as fc.IAsyncProperty<unknown>, {
          numRuns: twinRuns,
          seed: 42,
          endOnFailure: true,
        });
        expect(failed).toBe(true);
      },
      timeoutMs,
    );
  });
}
