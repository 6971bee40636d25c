import fc from 'fast-check';
import { nearest } from '../../src/policy/index.ts';
import { cases } from '../support/cases.ts';

/** The distance as the textbook has it, with the whole table. */
function slips(a: string, b: string): number {
  const table = Array.from({ length: a.length + 1 }, (_, i) => Array.from({ length: b.length + 1 }, (_, j) => i + j));
  for (let i = 1; i <= a.length; i += 1) {
    for (let j = 1; j <= b.length; j += 1) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1;
      let least = Math.min(table[i - 1]![j]! + 1, table[i]![j - 1]! + 1, table[i - 1]![j - 1]! + same);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        least = Math.min(least, table[i - 2]![j - 2]! + 1);
      table[i]![j] = least;
    }
  }
  return table[a.length]![b.length]!;
}

describe('the nearest name', () => {
  const names = ['prod-db-read', 'prod-db-write', 'staging-admin', 'dba'];

  it.each([
    ['prod-db-raed', 'prod-db-read'],
    ['prod-db-wriet', 'prod-db-write'],
    ['PROD-DB-READ', 'prod-db-read'],
    ['stagingadmin', 'staging-admin'],
    ['dbs', 'dba'],
    ['db', 'dba'],
  ])('to %s is %s', (typed, meant) => {
    expect(nearest(typed, names)).toBe(meant);
  });

  it('is none when nothing is near', () => {
    expect(nearest('kubernetes', names)).toBeUndefined();
    expect(nearest('', names)).toBeUndefined();
    expect(nearest('x', [])).toBeUndefined();
    expect(nearest('p'.repeat(100_000), names)).toBeUndefined();
  });

  it('does not depend on the order of the candidates', () => {
    expect(nearest('ab', ['ac', 'aa', 'ad'])).toBe('aa');
    expect(nearest('ab', ['ad', 'ac', 'aa'])).toBe('aa');
  });

  it('is what the textbook says', () => {
    const word = fc.string({ unit: fc.constantFrom('a', 'b', 'c', '-'), minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(word, fc.array(word, { maxLength: 6 }), (typed, candidates) => {
        const allowed = Math.min(3, Math.max(1, Math.floor(typed.length / 3)));
        const best = [...new Set(candidates)]
          .map((name) => ({ name, off: slips(typed, name) }))
          .filter(({ off }) => off <= allowed)
          .sort((a, b) => a.off - b.off || (a.name < b.name ? -1 : 1))[0];
        expect(nearest(typed, candidates)).toBe(best?.name);
      }),
      cases(2000),
    );
  });
});
