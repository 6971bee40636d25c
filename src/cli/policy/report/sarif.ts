import { pathToFileURL } from 'node:url';
import { PROBLEM_CODES } from '../../../policy/index.ts';
import { WARNING_CODES } from '../../../policy/review/warnings.ts';
import { pageText } from './pages.ts';
import type { Report, Severity } from './report.ts';

/** SARIF 2.1.0: what code scanning reads. The rules carry their pages, so that nothing has to be fetched. */
export function asSarif({ findings }: Report): string {
  const codes = [...new Set(findings.map(({ code }) => code))].sort();
  const severities = new Map(findings.map(({ code, severity }) => [code, severity]));
  const log = {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: 'latchkey policy check',
            rules: codes.map((code) => rule(code, severities.get(code) ?? 'error')),
          },
        },
        columnKind: 'utf16CodeUnits',
        results: findings.map(({ code, severity, sentence, file, line, col }) => ({
          ruleId: code,
          ruleIndex: codes.indexOf(code),
          level: severity,
          message: { text: plain(sentence) },
          locations: [
            {
              physicalLocation: {
                artifactLocation: { uri: uriOf(file) },
                region: { startLine: line, startColumn: col },
              },
            },
          ],
        })),
      },
    ],
  };
  return `${JSON.stringify(log, null, 2)}\n`;
}

/**
 * NB. `[here](https://…)` in a message is a link, in plain text, too (§3.11.6): whoever can name a flow or a group could
 * put one into the findings that a reviewer reads.
 */
const plain = (text: string): string => text.replace(/[\\[\]]/g, '\\$&');

function rule(code: string, level: Severity): object {
  const meanings: Readonly<Record<string, string>> = { ...PROBLEM_CODES, ...WARNING_CODES };
  const meaning = meanings[code] ?? code;
  const page = pageText(code);
  return {
    id: code,
    shortDescription: { text: meaning },
    // No `helpUri`: it must be an address that opens wherever the log is read, and the pages are on this machine only.
    help: page === '' ? { text: meaning } : { text: page, markdown: page },
    defaultConfiguration: { level },
  };
}

/** A relative path as a relative reference, an absolute one as a whole address. */
const uriOf = (path: string): string =>
  path.startsWith('/') || /^[A-Za-z]:/.test(path)
    ? pathToFileURL(path).href
    : path.split('/').map(encodeURIComponent).join('/');
