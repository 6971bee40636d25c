import { isAbsolute, join, relative, resolve, sep } from 'node:path';
import type { Finding } from '../../../policy/problems.ts';

export type Severity = 'error' | 'warning';

export interface Reported extends Finding {
  severity: Severity;
  /** The file from where the command runs, or absolute when it is elsewhere: what editors and CI can open. */
  path: string;
}

/** What a check found, for any of the formats. */
export interface Report {
  /** As it was named. */
  folder: string;
  findings: readonly Reported[];
  /** What the folder holds, when it loads. */
  loaded?: { accesses: number; targets: number; digest: string };
  /** Variables that are not set here and were taken to be right. */
  assumed: readonly string[];
}

/** Findings name files from the policy folder on, `policies/a.yaml`; editors and CI need the way to the folder too. */
export function reported(folder: string, severity: Severity, findings: readonly Finding[]): Reported[] {
  const root = resolve(folder);
  const from = relative('', root);
  const base = from === '..' || from.startsWith(`..${sep}`) || isAbsolute(from) ? root : from;
  return findings.map((found) => {
    const inner = found.file.split('/').slice(1);
    return {
      ...found,
      severity,
      path: join(base, ...inner)
        .split(sep)
        .join('/'),
    };
  });
}

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
