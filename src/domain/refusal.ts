/** The stable codes of every refusal. Messages, tests, metrics and the audit log carry the code. */
export type RefusalCode =
  // the rules (policy-language, Meaning)
  | 'unknown-person'
  | 'unknown-access'
  | 'denied-by-policy'
  | 'not-eligible'
  | 'too-long'
  | 'invalid-duration'
  | 'invalid-field'
  | 'policy-error'
  | 'directory-unavailable'
  | 'no-flow'
  | 'no-approvers'
  | 'no-account'
  | 'already-pending'
  // votes
  | 'not-an-approver'
  | 'own-request'
  | 'already-voted'
  | 'step-not-open'
  | 'already-decided'
  | 'request-lapsed'
  | 'unknown-request'
  | 'policy-changed'
  | 'invalid-delegation'
  // grants
  | 'not-your-grant'
  | 'no-such-grant'
  | 'already-ending'
  | 'not-extendable'
  | 'no-extensions-left'
  // actions
  | 'unknown-action'
  | 'too-many-pending'
  | 'not-your-request'
  | 'not-approved'
  | 'already-used'
  | 'approval-over'
  | 'parameters-differ'
  // emergencies
  | 'quota-used'
  | 'quota-unknown'
  | 'not-reviewable'
  | 'already-reviewed';

/** A refusal is a value: a code for machines, a sentence for the person who asked, and the rule that said no. */
export interface Refusal {
  code: RefusalCode;
  /** What was wrong and what would be right, in plain text. It may quote untrusted input: escape it when rendering. */
  sentence: string;
  /** The rule, for example `prod-db-write: requesters (policies/databases.yaml:9)`. */
  rule?: string;
}
