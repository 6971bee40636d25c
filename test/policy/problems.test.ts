import { PROBLEM_CODES, type ProblemCode } from '../../src/policy/index.ts';
import { ACTION_CONDITIONS, ACTIONS, API_KEYS, CALLERS } from './problems/actions.ts';
import type { Case } from './problems/case.ts';
import { CONDITIONS } from './problems/conditions.ts';
import { EXTENSIONS_AND_EMERGENCIES } from './problems/extensions-and-emergencies.ts';
import { FIELDS_AND_SCHEDULES } from './problems/fields-and-schedules.ts';
import { LIVE_SOURCES } from './problems/live-sources.ts';
import { NAMES } from './problems/names.ts';
import { SECRETS } from './problems/secrets.ts';
import { SENSE } from './problems/sense.ts';
import { SHAPE } from './problems/shape.ts';
import { STEPS } from './problems/steps.ts';
import { WORDS } from './problems/words.ts';
import { YAML } from './problems/yaml.ts';
import { DIRECTORY, parse, TARGETS, unmark } from './support/world.ts';

/** The folder's own codes have their tests in read-folder.test.ts, the bound on problems in all-problems.test.ts. */
const ELSEWHERE: readonly ProblemCode[] = [
  'unreadable',
  'link-leaves-folder',
  'file-too-large',
  'folder-too-large',
  'not-utf-8',
  'empty-file',
  'no-policies',
  'too-many-problems',
  // Of tests: test/policy-test/.
  'bad-instant',
  'bad-do',
  'missing-now',
  'time-runs-back',
  'unknown-access',
  'unknown-action',
  'unknown-caller',
  'duplicate-test',
  'bad-statement',
  'mixed-statement',
];

const CASES: readonly Case[] = [
  ...STEPS,
  ...YAML,
  ...SHAPE,
  ...EXTENSIONS_AND_EMERGENCIES,
  ...CONDITIONS,
  ...ACTIONS,
  ...CALLERS,
  ...API_KEYS,
  ...ACTION_CONDITIONS,
  ...FIELDS_AND_SCHEDULES,
  ...WORDS,
  ...LIVE_SOURCES,
  ...NAMES,
  ...SECRETS,
  ...SENSE,
];

const usual = ({ without }: Case): Record<string, string> => ({
  ...(without === 'directory' ? {} : { 'a-directory.yaml': DIRECTORY }),
  ...(without === 'targets' ? {} : { 'a-targets.yaml': TARGETS }),
});

describe('a problem in the policies', () => {
  it.each(CASES)('$code: $what', (each) => {
    const { text, line, col } = unmark(each.file);
    const parsed = parse({ ...usual(each), 'extra.yaml': text });
    expect(parsed).toEqual({
      ok: false,
      problems: [{ file: 'extra.yaml', line, col, code: each.code, sentence: expect.stringMatching(each.says) }],
    });
  });

  it('has a test for every code', () => {
    const tested = new Set([...CASES.map(({ code }) => code), ...ELSEWHERE]);
    expect([...tested].sort()).toEqual(Object.keys(PROBLEM_CODES).sort());
  });

  it('is a whole sentence', () => {
    for (const each of CASES) {
      const parsed = parse({ ...usual(each), 'extra.yaml': unmark(each.file).text });
      if (parsed.ok) throw new Error(each.what);
      for (const { sentence } of parsed.problems) expect(sentence).toMatch(/^[\p{L}`].{10,}[.?]$/su);
    }
  });
});
