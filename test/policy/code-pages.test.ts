import {
  formatProblem,
  PROBLEM_CODES,
  type ProblemCode,
  parsePolicies,
  parseWithFixtures,
} from '../../src/policy/index.ts';
import { review } from '../../src/policy/review/review.ts';
import { WARNING_CODES } from '../../src/policy/review/warnings.ts';
import { readTests } from '../../src/policy-test/index.ts';
import { providers } from '../../src/providers/registry.ts';
import { ACCESS, ACTION, INDEX, PAGES, SURROUNDINGS, whole } from './support/code-pages.ts';

/** Codes about the folder, or that no few lines can show; their own tests are elsewhere. */
const WITHOUT_EXAMPLES: readonly ProblemCode[] = [
  'unreadable',
  'link-leaves-folder',
  'file-too-large',
  'folder-too-large',
  'not-utf-8',
  'empty-file',
  'no-policies',
  'too-many-problems',
  'too-many-usergroups',
];

const ENV: Readonly<Record<string, string>> = {
  PROD_POSTGRES_URL: 'postgresql://latchkey:secret@db.example.com/app',
  SCIM_TOKEN: 'a-token-of-at-least-some-letters',
  IDP_HOST: 'idp.example.com',
};

/** What a check says about an example in its surroundings, as lines; of the example's own lines only. */
function found(example: string): { errors: string[]; warnings: string[] } {
  const text = whole(example);
  const isTest = /^kind: tests$/m.test(text);
  const own = isTest ? 'example.test.yaml' : 'example.yaml';
  const files = [
    { path: own, text },
    { path: 'a-surroundings.yaml', text: isTest ? [SURROUNDINGS, ACCESS, ACTION].join('---\n') : SURROUNDINGS },
  ];
  const env = (name: string) => ENV[name];
  const parsed = parsePolicies(files, providers, env);
  if (!parsed.ok) return { errors: parsed.problems.map(formatProblem), warnings: [] };
  if (isTest) {
    const read = readTests(files, (fixtures) =>
      fixtures ? parseWithFixtures(files, fixtures, providers, env) : parsePolicies(files, providers, env),
    );
    return { errors: read.ok ? [] : read.problems.map(formatProblem), warnings: [] };
  }
  const warnings = review(parsed.policies).filter(({ file }) => file === own);
  return { errors: [], warnings: warnings.map(formatProblem) };
}

const codesOf = (lines: readonly string[]): string[] => [...new Set(lines.map((line) => line.split(' ')[1] ?? ''))];

describe('docs/policy-codes', () => {
  it('has a page for each code, and for nothing else', () => {
    const codes = [...Object.keys(PROBLEM_CODES), ...Object.keys(WARNING_CODES)].sort();
    expect(PAGES.map(({ code }) => code)).toEqual(codes);
    expect(codes.length).toBe(new Set(codes).size);
  });

  it('lists them all, with what each means', () => {
    for (const [code, meaning] of Object.entries({ ...PROBLEM_CODES, ...WARNING_CODES }))
      expect(INDEX).toContain(`- [${code}](${code}.md): ${meaning}\n`);
  });

  describe.each(PAGES.map((page) => [page.code, page] as const))('%s', (code, { text, wrong, right }) => {
    it('says what it means', () => {
      expect(text).toMatch(new RegExp(`^# ${code}\n\n\\S.{40}`));
      expect(text.includes('A warning.')).toBe(code in WARNING_CODES);
      for (const line of text.split('\n')) expect(line.length).toBeLessThanOrEqual(125);
    });

    if (WITHOUT_EXAMPLES.some((each) => each === code)) return;

    it('has a wrong example, which gives this code and no other problem', () => {
      expect(wrong).not.toEqual([]);
      for (const example of wrong) {
        const { errors, warnings } = found(example);
        if (code in WARNING_CODES)
          expect({ errors, codes: codesOf(warnings) }).toMatchObject({
            errors: [],
            codes: expect.arrayContaining([code]),
          });
        else expect({ errors, codes: codesOf(errors) }).toEqual({ errors, codes: [code] });
      }
    });

    it('has a right example, which gives no problem, and no warning in the page of one', () => {
      expect(right).not.toEqual([]);
      for (const example of right) {
        const { errors, warnings } = found(example);
        expect(errors).toEqual([]);
        if (code in WARNING_CODES) expect(warnings).toEqual([]);
      }
    });
  });
});
