import { plural } from '../../../policy/diff/change.ts';
import { formatProblem } from '../../../policy/index.ts';
import { pagePath } from './pages.ts';
import { type Report, totals } from './report.ts';

/** For a terminal: a line a finding, and behind them what to read. */
export function asText({ folder, findings, loaded, assumed }: Report): { out: string; err: string } {
  const lines = findings.map(formatProblem);
  if (loaded) {
    const { accesses, actions, targets, digest } = loaded;
    const some = actions === 0 ? '' : `${plural(actions, 'action')}, `;
    lines.push(
      `${folder}: ${plural(accesses, 'access', 'accesses')}, ${some}${plural(targets, 'target')}, digest ${digest.slice(0, 12)}`,
    );
    if (assumed.length > 0) lines.push(`Not set here, and taken to be right where it runs: ${assumed.join(', ')}`);
  }
  return { out: lines.map((line) => `${line}\n`).join(''), err: legend(folder, findings) };
}

/** How many there are, and the page of each code. */
export function legend(folder: string, findings: Report['findings']): string {
  if (findings.length === 0) return '';
  const codes = [...new Set(findings.map(({ code }) => code))].sort();
  const width = Math.max(...codes.map((code) => code.length));
  const pages = codes.map((code) => `  ${code.padEnd(width)}  ${pagePath(code)}\n`).join('');
  return `${totals(findings)} in ${folder}. What the codes mean:\n${pages}`;
}
