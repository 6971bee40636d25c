import type { ProblemCode } from './problem-codes.ts';
import { isRead } from './unread.ts';

/** Looks up an environment variable. The policy core never reads the process's environment itself. */
export type Env = (name: string) => string | undefined;

export interface SettingProblem {
  path: PropertyKey[];
  code: ProblemCode;
  sentence: string;
}

export interface Substituted {
  settings: Record<string, unknown>;
  problems: SettingProblem[];
  /** Settings that have a problem, or cannot be read. */
  broken: ReadonlySet<string>;
  /** Every value that came from the environment: none of them may reach a message. */
  values: readonly string[];
}

/** What a text must hold to be taken for a reference to the environment. */
export const ENV_MARK = '${env:';
const EXAMPLE = `'${ENV_MARK}NAME}'`;
const REFERENCE = /\$\{env:([^}]*)\}/g;
const WHOLE = /^\$\{env:[A-Za-z_][A-Za-z0-9_]*\}$/;
const VARIABLE = /^[A-Za-z_][A-Za-z0-9_]*$/;
// `scheme://user:password@host` with a password that is written out.
const PASSWORD_IN_URL = /^[a-z][a-z0-9+.-]*:\/\/[^/?#@:\s]*:(?!\$\{env:)[^/?#@\s]+@/i;

/**
 * Puts the environment's values into a target's settings, at any depth, and finds secrets that are written out.
 * NB. No sentence made here quotes a value: it may be the secret itself.
 */
export function substitute(
  settings: Readonly<Record<string, unknown>>,
  secrets: readonly string[],
  env: Env,
): Substituted {
  const problems: SettingProblem[] = [];
  const values: string[] = [];

  const text = (raw: string, path: PropertyKey[]): string => {
    if (PASSWORD_IN_URL.test(raw)) {
      const sentence = `A password is written into this address: put the whole address into an environment variable and write ${EXAMPLE}.`;
      problems.push({ path, code: 'secret-in-file', sentence });
    }
    const marks = raw.split(ENV_MARK).length - 1;
    const references = [...raw.matchAll(REFERENCE)];
    if (marks !== references.length || references.some(([, name]) => !VARIABLE.test(name ?? ''))) {
      const sentence = `Write ${EXAMPLE} with a name of letters, digits and _.`;
      problems.push({ path, code: 'bad-env', sentence });
      return '';
    }
    return raw.replace(REFERENCE, (_whole, name: string) => {
      const value = env(name);
      if (value === undefined || value === '') {
        const sentence = `The environment variable ${name} is not set, or empty: set it where Latchkey runs.`;
        problems.push({ path, code: 'missing-env', sentence });
        return '';
      }
      values.push(value);
      return value;
    });
  };

  const walk = (raw: unknown, path: PropertyKey[]): unknown => {
    if (typeof raw === 'string') return text(raw, path);
    if (Array.isArray(raw)) return raw.map((item, index) => walk(item, [...path, index]));
    if (typeof raw === 'object' && raw !== null) {
      return Object.fromEntries(Object.entries(raw).map(([key, value]) => [key, walk(value, [...path, key])]));
    }
    return raw;
  };

  const result: Record<string, unknown> = {};
  const unread: string[] = [];
  for (const [key, raw] of Object.entries(settings)) {
    if (!isRead(raw)) unread.push(key);
    else if (secrets.includes(key) && !(typeof raw === 'string' && WHOLE.test(raw))) {
      const sentence = `\`${key}\` is a secret and does not belong into a file: put it into an environment variable and write ${EXAMPLE} here. If it was a real one, replace it: files are remembered.`;
      problems.push({ path: [key], code: 'secret-in-file', sentence });
    } else result[key] = walk(raw, [key]);
  }
  const broken = new Set([...unread, ...problems.map(({ path }) => String(path[0]))]);
  return { settings: result, problems, broken, values };
}
