import type { Fixtures } from '../policy/compile/documents.ts';
import type { ParsedPolicies, PolicyFile, PolicySet } from '../policy/index.ts';
import { isTestPath } from '../policy/policy-files.ts';
import type { Path } from '../policy/positions.ts';
import { type Problem, problem, sortProblems } from '../policy/problems.ts';
import { problemsOf } from '../policy/schema/issues.ts';
import { readYaml, type YamlDocument } from '../policy/yaml/read-yaml.ts';
import { callersIn } from './grammar/callers.ts';
import { Names } from './grammar/names.ts';
import { type TestsDocument, testsSchema } from './grammar/tests-schema.ts';
import { matrixTest } from './matrix.ts';
import { neverTest, type WrittenStatement } from './never/never.ts';
import type { Suite, Test } from './test.ts';
import { timelineTest } from './timeline.ts';

export type ReadTests = { ok: true; suites: Suite[]; policies: PolicySet } | { ok: false; problems: Problem[] };

/** The policies of a document: the folder's, or with fixtures in and beside them. */
export type Load = (fixtures?: Fixtures) => ParsedPolicies;

/**
 * Reads the tests among a folder's files, with every problem of all of them and of the policies at once.
 * @param load is asked once for the folder, and once for each document with fixtures.
 */
export function readTests(files: readonly PolicyFile[], load: Load): ReadTests {
  const problems: Problem[] = [];
  const suites: Suite[] = [];
  const folder = load();
  if (!folder.ok) problems.push(...folder.problems);
  for (const { path, text } of files.filter((file) => isTestPath(file.path))) {
    const file = readYaml(path, text);
    problems.push(...file.problems);
    for (const document of file.documents.filter(({ flawed }) => !flawed)) {
      const fixtures = fixturesOf(document);
      const loaded = fixtures && folder.ok ? load(fixtures) : folder;
      if (!loaded.ok && folder.ok) problems.push(...loaded.problems);
      const read = readDocument(document, path, loaded.ok ? loaded.policies : undefined);
      problems.push(...read.problems);
      if (read.suite) suites.push(read.suite);
    }
  }
  if (problems.length > 0 || !folder.ok) return { ok: false, problems: sortProblems(problems) };
  return { ok: true, suites, policies: folder.policies };
}

function readDocument(
  document: YamlDocument,
  file: string,
  policies: Suite['policies'] | undefined,
): { suite?: Suite; problems: Problem[] } {
  const names = new Names(policies, callersIn(document.value));
  const schema = testsSchema(names);
  const parsed = schema.safeParse(document.value);
  if (!parsed.success) return { problems: problemsOf(document, schema, parsed.error.issues) };
  const { name = file, now, timelines, matrices, never } = parsed.data;
  const problems: Problem[] = [];
  const tests: Test[] = [];
  const keep = (made: { test?: Test; problems: Problem[] }): void => {
    problems.push(...made.problems);
    if (made.test) tests.push(made.test);
  };
  for (const [index, timeline] of timelines.entries())
    keep(timelineTest(document, ['timelines', index], timeline, now));
  if (policies) {
    for (const [index, matrix] of matrices.entries())
      keep(
        matrixTest(document, ['matrices', index], matrix, { now: matrix.now ?? now, policies, callers: names.callers }),
      );
    for (const { path, ...statement } of statementsOf(never))
      keep(neverTest(document, path, statement, { now, policies }));
  }
  problems.push(...repeatedNames(tests));
  return problems.length > 0 || !policies ? { problems } : { suite: { name, file, policies, tests }, problems };
}

/** The statements with where they stand: one, or a list of them. */
function statementsOf(never: TestsDocument['never']): (WrittenStatement & { path: Path })[] {
  return (Array.isArray(never) ? never : [never]).map((each, index) => {
    const path = Array.isArray(never) ? ['never', index] : ['never'];
    return typeof each === 'string'
      ? { text: each, path }
      : { name: each.name, text: each.that, path: [...path, 'that'] };
  });
}

function repeatedNames(tests: readonly Test[]): Problem[] {
  const seen = new Map<string, Test>();
  return tests.flatMap((test) => {
    const before = seen.get(test.name);
    seen.set(test.name, before ?? test);
    if (!before) return [];
    const sentence = `A test of this document at line ${before.place.line} has this name already: rename one, so that a failure names its test.`;
    return [problem(test.place, 'duplicate-test', sentence)];
  });
}

/** What a document puts in the place of people and groups of the folder, and beside its policies. */
function fixturesOf({ positions, value }: YamlDocument): Fixtures | undefined {
  const { fixtures } = value;
  if (typeof fixtures !== 'object' || fixtures === null || Array.isArray(fixtures)) return undefined;
  const { policies, ...people } = fixtures;
  const directory = { positions: positions.below(['fixtures']), value: { version: 1, kind: 'directory', ...people } };
  const documents: YamlDocument[] = Object.keys(people).length === 0 ? [] : [directory];
  for (const [index, policy] of (Array.isArray(policies) ? policies : []).entries()) {
    if (typeof policy !== 'object' || policy === null || Array.isArray(policy)) continue;
    documents.push({
      positions: positions.below(['fixtures', 'policies', index]),
      value: { version: 1, ...policy },
    });
  }
  return { documents };
}
