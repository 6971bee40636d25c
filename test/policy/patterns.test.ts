import fc from 'fast-check';
import { RE2JS } from 're2js';
import { roughSize } from '../../src/policy/pattern-size.ts';
import { compilePattern, MOST_INSTRUCTIONS } from '../../src/policy/patterns.ts';
import { cases } from '../support/cases.ts';

/** What was compiled, to the number of its instructions. */
const compiled: number[] = [];
const { compile } = RE2JS;
beforeEach(() => {
  compiled.length = 0;
  RE2JS.compile = (...given: Parameters<typeof compile>) => {
    const pattern = compile.apply(RE2JS, given);
    compiled.push(pattern.programSize());
    return pattern;
  };
});
afterEach(() => {
  RE2JS.compile = compile;
});

const tooLarge = { ok: false, why: expect.stringMatching(/too large.*use smaller counts/) };

describe('patterns as people write them', () => {
  it.each([
    ['^INC-\\d+$', 'INC-42'],
    ['^.{1,1000}$', 'x'],
    ['(?s)^.{20,1000}$', 'x'.repeat(20)],
    ['^\\p{L}{1,1000}$', 'é'],
    ['^[\\p{L}\\p{N} .,-]{1,500}$', 'a reason, in words.'],
    ['^[a-z]{1,200}@[a-z.]{1,200}$', 'ana@example.com'],
    ['^(\\d{1,3}\\.){3}\\d{1,3}$', '10.0.0.1'],
    ['^(?P<project>[A-Z]{2,10})-(?P<number>[0-9]{1,6})$', 'OPS-7'],
    ['^https://jira\\.example\\.com/browse/[A-Z]{2,10}-[0-9]{1,6}$', 'https://jira.example.com/browse/OPS-7'],
    ['^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$', '00000000-0000-0000-0000-000000000000'],
    [Array.from({ length: 100 }, (_, n) => 100 + n).join('|'), '142'],
    ['^[]{}]{5}$', ']{}]{'],
    ['^\\Q({1000}){1000}({1000})\\E$', '({1000}){1000}({1000})'],
    ['a{,5}', 'a{,5}'],
  ])('%s', (pattern, text) => {
    const made = compilePattern(pattern);
    expect(made.ok && made.test(text)).toBe(true);
  });
});

describe('patterns that would take long', () => {
  it.each([
    ['(.?){1000}'],
    ['(.*){1000}'],
    ['(?i)(\\pL\\pL\\pL\\pL){1000}'],
    ['(((((.))))){1000}'],
    ['(a{10}b{10}c{10}){90}'],
    ['(|){1000}'],
  ])('%s is refused', (pattern) => {
    expect(compilePattern(pattern)).toEqual(tooLarge);
  });

  it.each([
    ['(.?){1000} again and again', '(.?){1000}'.repeat(50)],
    ['a long one 1,000 times', `(${'.?'.repeat(240)}){1000}`],
    ['groups in groups 1,000 times', `${'('.repeat(200)}.${')'.repeat(200)}{1000}`],
    ['nothing or nothing 1,000 times', `(${'|'.repeat(400)}){1000}`],
    ['words 1,000 times', `(?i:\\Q[(\\E${'\\pL'.repeat(100)}[[:alpha:](]){1000}`],
    ['repetitions in repetitions', '(((.?){10}){10}){10}'.repeat(20)],
  ])('%s: refused without being compiled', (_, pattern) => {
    expect(pattern.length).toBeLessThanOrEqual(500);
    expect(compilePattern(pattern)).toEqual(tooLarge);
    expect(compiled).toEqual([]);
  });

  const piece = fc.constantFrom(
    ...[
      '.',
      'a',
      'ab',
      '\\pL',
      '\\p{Greek}',
      '[^a]',
      '[]{]',
      '[[:alpha:]x]',
      '\\b',
      '^',
      '\\Q[(\\E',
      '\\x{41}',
      '\\(',
      '{',
      '(',
    ],
    ...[
      '?',
      '*',
      '+',
      '|',
      '(?i)',
      '(?:',
      '(?P<n>',
      ')',
      ')?',
      '{1000}',
      '{0,1000}',
      '{500,}',
      '{30}',
      '{31,32}',
      '{2}',
    ],
  );
  const written = fc.array(piece, { maxLength: 40 }).map((pieces) => pieces.join(''));
  const whole = fc.letrec<{ one: string }>((tie) => ({
    one: fc.oneof(
      { depthSize: 'medium' },
      fc.constantFrom('.', 'a', '\\pL', '[]{(]', '[^[:alpha:])]', '\\Q(\\E', '\\)', ''),
      fc.tuple(tie('one'), tie('one')).map(([a, b]) => a + b),
      fc.tuple(tie('one'), tie('one')).map(([a, b]) => `(${a}|${b})`),
      fc
        .tuple(
          fc.constantFrom('', '?:', '?i:'),
          tie('one'),
          fc.constantFrom('?', '*', '{9}', '{0,30}', '{1000}', '{99,}'),
        )
        .map(([kind, a, times]) => `(${kind}${a})${times}`),
    ),
  })).one;

  it('whatever is written: none is accepted that is larger, and none compiled that is far larger', () => {
    fc.assert(
      fc.property(fc.oneof(written, whole), (pattern) => {
        compiled.length = 0;
        const made = compilePattern(pattern);
        for (const size of compiled)
          expect(size).toBeLessThanOrEqual(made.ok ? MOST_INSTRUCTIONS : 5 * MOST_INSTRUCTIONS);
      }),
      cases(2_000),
    );
  });

  it('the rough look sees no fewer instructions than there are', () => {
    fc.assert(
      fc.property(whole, (pattern) => {
        const rough = roughSize(pattern);
        fc.pre(pattern.length <= 500 && rough < 20_000);
        let size = 0;
        try {
          size = compile.call(RE2JS, pattern).programSize();
        } catch {
          // Repetitions of repetitions above 1,000: RE2 takes none.
        }
        expect(size).toBeLessThanOrEqual(rough + 10);
      }),
      cases(1_000),
    );
  });
});
