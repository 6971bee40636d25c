import { formatProblem, parsePolicies, parseWithFixtures } from '../../../src/policy/index.ts';
import { type Failure, readTests, runTests, type Suite } from '../../../src/policy-test/index.ts';
import { fakeProviders, filesOf, usual, type World } from '../../support/world.ts';

export const HEAD = 'version: 1\nkind: tests\nnow: 2026-03-03T09:00:00Z\n';

/** Reads a test file beside a world. */
export function read(text: string, world: World = usual) {
  const files = [...filesOf(world), { path: 'a.test.yaml', text }];
  const none = () => undefined;
  return readTests(files, (fixtures) =>
    fixtures ? parseWithFixtures(files, fixtures, fakeProviders, none) : parsePolicies(files, fakeProviders, none),
  );
}

/** Every problem of a test file, as a person is told. */
export function problemsIn(text: string, world: World = usual): string[] {
  const result = read(text, world);
  return result.ok ? [] : result.problems.map(formatProblem);
}

export function suitesIn(text: string, world: World = usual): Suite[] {
  const result = read(text, world);
  if (!result.ok) throw new Error(result.problems.map(formatProblem).join('\n'));
  return result.suites;
}

/** Runs a test file; the failures by test. */
export async function failuresIn(text: string, world: World = usual): Promise<Record<string, readonly Failure[]>> {
  const results = await runTests(suitesIn(text, world), { providers: fakeProviders });
  return Object.fromEntries(
    results.flatMap(({ results: tests }) => tests.map(({ test, failures }) => [test.name, failures])),
  );
}

/** One timeline with these steps, each written as the inside of a YAML mapping. */
export const timeline = (...steps: string[]): string =>
  `${HEAD}timelines:\n  - name: it\n    steps:\n${steps.map((step) => `      - {${step}}\n`).join('')}`;

/** What differs in the one timeline with these steps: `line key: expected → got`. */
export async function differences(steps: string[], world: World = usual): Promise<string[]> {
  return differencesIn(timeline(...steps), world);
}

/** The same of the test `it` of a whole file. */
export async function differencesIn(text: string, world: World = usual): Promise<string[]> {
  const { it: found = [] } = await failuresIn(text, world);
  return found.map(({ place, what, expected, got }) => `${place.line} ${what}: ${expected} → ${got}`);
}
