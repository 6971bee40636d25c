import type { ProblemCode } from '../../../src/policy/index.ts';
import { access } from '../support/world.ts';

/** One thing that is wrong, in a folder that is right otherwise. */
export interface Case {
  /** What is wrong, as a person would say it. */
  what: string;
  /** A file with the expected place of the one problem marked. */
  file: string;
  code: ProblemCode;
  /** What the sentence must tell. */
  says: RegExp;
  /** Files in the place of the usual directory and targets. */
  without?: 'directory' | 'targets';
}

export const steps = (inner: string): string => `[{name: normal, steps: [${inner}]}]`;
export const target = (inner: string): string => `version: 1\nkind: targets\ntargets:\n  extra: ${inner}\n`;
export const directory = (inner: string): string => `version: 1\nkind: directory\n${inner}\n`;
/** An access with a condition, as it would stand behind `when:`. */
export const flow = (when: string): string => access({ flows: `[{name: x, when: ${when}, auto_approve: true}]` });
export const settings = (inner: string): string => `version: 1\nkind: settings\n${inner}\n`;
