import fc from 'fast-check';

/**
 * A property of the product, and twins of it that are broken on purpose: each must be caught, or the property proves
 * nothing. The product meets new cases with every run (a failure prints its seed); the twins always meet the same.
 */
export function holds<Subject>(
  what: string,
  property: (subject: Subject) => fc.IProperty<unknown>,
  subject: Subject,
  twins: Readonly<Record<string, Subject>>,
  numRuns = 1_000,
): void {
  describe(what, () => {
    it('holds', () => {
      fc.assert(property(subject), { numRuns });
    });

    it.each(Object.keys(twins))('is broken by %s', (name) => {
      const { failed } = fc.check(property(twins[name] as Subject), { numRuns: 5_000, seed: 42, endOnFailure: true });
      expect(failed).toBe(true);
    });
  });
}
