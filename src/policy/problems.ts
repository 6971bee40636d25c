import { byPlace, type Place } from './positions.ts';
import { printable } from './printable.ts';
import type { ProblemCode } from './problem-codes.ts';

/** One thing that somebody should look at in the policy files: where, what kind, and what to do. Lines and columns count from 1. */
export interface Finding {
  file: string;
  line: number;
  /** In UTF-16 code units, as editors count. */
  col: number;
  code: string;
  /** What was wrong and what would be right, for people. It never holds a secret. */
  sentence: string;
}

/** One thing to repair: with it nothing loads. */
export interface Problem extends Finding {
  code: ProblemCode;
}

/** More than this in one file is one mistake seen many times; the rest is counted, not listed. */
export const MOST_PROBLEMS_PER_FILE = 200;

export const problem = (place: Place, code: ProblemCode, sentence: string): Problem => ({
  file: place.file,
  line: place.line,
  col: place.col,
  code,
  sentence,
});

/** `policies/databases.yaml:9:3 unknown-key …`: the form that terminals and editors turn into a link. */
export const formatProblem = (found: Finding): string =>
  printable(`${found.file}:${found.line}:${found.col} ${found.code} ${found.sentence}`);

const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** By file, line and column. */
export const inOrder = (a: Finding, b: Finding): number =>
  byPlace(a, b) || compareText(a.code, b.code) || compareText(a.sentence, b.sentence);

/** By file, line and column, each once; a file with very many ends with one problem that says how many are left. */
export function sortProblems(problems: readonly Problem[]): Problem[] {
  const sorted = [...problems].sort(inOrder);
  const result: Problem[] = [];
  let last: Problem | undefined;
  let inFile = 0;
  let left = 0;
  let firstLeft: Problem | undefined;
  const closeFile = (): void => {
    if (firstLeft) {
      const rest = `${left} more problems from here on are not listed: repair the ones above first.`;
      result.push(problem(firstLeft, 'too-many-problems', rest));
    }
    inFile = 0;
    left = 0;
    firstLeft = undefined;
  };
  for (const found of sorted) {
    if (last && inOrder(last, found) === 0) continue;
    if (last && last.file !== found.file) closeFile();
    last = found;
    inFile += 1;
    if (inFile <= MOST_PROBLEMS_PER_FILE) result.push(found);
    else {
      left += 1;
      firstLeft ??= found;
    }
  }
  closeFile();
  return result;
}
