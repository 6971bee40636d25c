import type { Refusal, RefusalCode } from '../../domain/refusal.ts';
import type { Place } from '../positions.ts';

/** What was looked at, in this order. */
export type Check =
  | 'person'
  | 'access'
  | 'deny'
  | 'requesters'
  | 'duration'
  | 'reason'
  | 'field'
  | 'when'
  | 'flow'
  | 'accounts'
  | 'approvers'
  // of callers, for an action
  | 'caller'
  | 'action'
  | 'parameter';

/** One rule that was looked at, and what came of it. The last one of a refusal is the one that refused. */
export interface TraceStep {
  check: Check;
  passed: boolean;
  /** For people. */
  detail: string;
  /** As `Refusal.rule`. */
  rule?: string;
}

/** Something that was written wrongly. */
export interface Wrong extends Refusal {
  /** The field that was filled in wrongly. */
  field?: string;
}

/** The first rule that says no; nothing is looked at behind it. */
export interface Refused {
  ok: false;
  refusal: Refusal;
  /** The field that was filled in wrongly. */
  field?: string;
  /** What else of what was written would have to be changed: told together, so that nobody mends one thing at a time. */
  others?: readonly Wrong[];
  trace: TraceStep[];
}

/** What the steps of one evaluation looked at, in their order. */
export class Trace {
  readonly steps: TraceStep[] = [];

  passed(check: Check, detail: string, rule?: string): void {
    this.looked(check, true, detail, rule);
  }

  looked(check: Check, passed: boolean, detail: string, rule?: string): void {
    this.steps.push(rule === undefined ? { check, passed, detail } : { check, passed, detail, rule });
  }

  refused(check: Check, code: RefusalCode, sentence: string, rule?: string): Refused {
    this.looked(check, false, sentence, rule);
    const refusal = rule === undefined ? { code, sentence } : { code, sentence, rule };
    return { ok: false, refusal, trace: this.steps };
  }
}

/** `prod-db-read: requesters (policies/databases.yaml:9)`. */
export const ruleText = (access: string, part: string, { file, line }: Place): string =>
  `${access}${part === '' ? '' : `: ${part}`} (${file}:${line})`;
