import { printable } from '../../policy/index.ts';
import { countsOf, type SuiteResult } from '../run-tests.ts';
import type { Failure } from '../test.ts';

const placeText = ({ place }: Failure): string => `${place.file}:${place.line}:${place.col}`;

/** What a failure says, line by line. */
export function failureLines(failure: Failure): string[] {
  const { what, expected, got, trace } = failure;
  return [
    `${placeText(failure)} ${what}`,
    `  expected: ${expected}`,
    `  got:      ${got}`,
    ...(trace.length === 0 ? [] : ['  how the policies came to it:']),
    ...trace.map(({ check, passed, detail, rule }) => {
      const by = rule === undefined ? '' : ` [${rule}]`;
      return `    ${passed ? '✓' : '✗'} ${check}: ${detail}${by}`;
    }),
  ].map(printable);
}

/** For people: files, documents, tests, and what failed where. */
export function treeReport(results: readonly SuiteResult[]): string {
  const lines: string[] = [];
  let file = '';
  for (const { suite, results: tests } of results) {
    if (suite.file !== file) {
      file = suite.file;
      lines.push(file);
    }
    if (suite.name !== file) lines.push(`  ${suite.name}`);
    for (const { test, failures } of tests) {
      lines.push(
        `    ${failures.length === 0 ? '✓' : '✗'} ${test.name}${test.scope === undefined ? '' : ` (${test.scope})`}`,
      );
      for (const failure of failures) lines.push(...failureLines(failure).map((line) => `        ${line}`));
    }
  }
  return `${lines.map(printable).join('\n')}\n`;
}

/** `12 passed, 1 failed` */
export function summary(results: readonly SuiteResult[]): string {
  const { passed, failed } = countsOf(results);
  return `${passed} passed, ${failed} failed`;
}
