import { countsOf, type SuiteResult } from '../run-tests.ts';
import { failureLines } from './tree.ts';

/** JUnit's XML, as CI services read it. */
export function junitReport(results: readonly SuiteResult[]): string {
  const { passed, failed } = countsOf(results);
  const lines = [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="latchkey policy test" tests="${passed + failed}" failures="${failed}">`,
  ];
  for (const { suite, results: tests } of results) {
    const failures = tests.filter((one) => one.failures.length > 0).length;
    lines.push(`  <testsuite ${attributes({ name: suite.name, tests: tests.length, failures, file: suite.file })}>`);
    for (const { test, failures: found } of tests) {
      const { file, line } = test.place;
      const named = attributes({ name: test.name, classname: suite.name, file, line });
      const [first] = found;
      if (!first) {
        lines.push(`    <testcase ${named}/>`);
        continue;
      }
      const message = `${first.what}: expected ${first.expected}, got ${first.got}`;
      const text = found.flatMap(failureLines).join('\n');
      lines.push(
        `    <testcase ${named}>`,
        `      <failure ${attributes({ message })}>${escaped(text)}</failure>`,
        '    </testcase>',
      );
    }
    lines.push('  </testsuite>');
  }
  lines.push('</testsuites>');
  return `${lines.join('\n')}\n`;
}

const attributes = (values: Record<string, string | number>): string =>
  Object.entries(values)
    .map(([name, value]) => `${name}="${escaped(String(value))}"`)
    .join(' ');

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

// What XML 1.0 cannot hold at all, even escaped: one such character and no reader takes the file.
const UNWRITABLE = /[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/gu;

const escaped = (text: string): string =>
  text.replace(UNWRITABLE, '\uFFFD').replace(/[&<>"]/g, (character) => ENTITIES[character] ?? character);
