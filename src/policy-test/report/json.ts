import { countsOf, type SuiteResult } from '../run-tests.ts';

/** For programs: every test with its place, and every failure with its trace. */
export function jsonReport(results: readonly SuiteResult[], more: Readonly<Record<string, unknown>> = {}): string {
  const tests = results.flatMap(({ suite, results: tests }) =>
    tests.map(({ test, failures }) => ({
      file: suite.file,
      suite: suite.name,
      name: test.name,
      kind: test.kind,
      ...(test.scope === undefined ? {} : { scope: test.scope }),
      line: test.place.line,
      passed: failures.length === 0,
      failures,
    })),
  );
  return `${JSON.stringify({ ...countsOf(results), tests, ...more }, null, 2)}\n`;
}
