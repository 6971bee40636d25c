import type { Finding } from '../../../policy/problems.ts';

export type Severity = 'error' | 'warning';

export interface Reported extends Finding {
  severity: Severity;
}

/** What a check found, for any of the formats. */
export interface Report {
  /** As it was named. */
  folder: string;
  findings: readonly Reported[];
  /** What the folder holds, when it loads. */
  loaded?: { accesses: number; actions: number; targets: number; digest: string };
  /** Variables that are not set here and were taken to be right. */
  assumed: readonly string[];
}

export const reported = (severity: Severity, findings: readonly Finding[]): Reported[] =>
  findings.map((found) => ({ ...found, severity }));

export const count = (findings: readonly Reported[], severity: Severity): number =>
  findings.filter((found) => found.severity === severity).length;

/** `2 problems and 1 warning`. */
export function totals(findings: readonly Reported[]): string {
  const of = (severity: Severity, word: string): string[] => {
    const many = count(findings, severity);
    return many === 0 ? [] : [`${many} ${word}${many === 1 ? '' : 's'}`];
  };
  return [...of('error', 'problem'), ...of('warning', 'warning')].join(' and ');
}
