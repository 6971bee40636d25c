import type { WarningCode } from '../../../src/policy/review/warnings.ts';

/** Something that a reviewer asks about, or does not. */
export interface Case {
  what: string;
  code: WarningCode;
  /** A file with the expected place marked; without a mark the code must not be given. */
  file: string;
  says?: RegExp;
}
