import type { Place } from '../positions.ts';
import type { Finding } from '../problems.ts';

/**
 * Every code of a warning: what a careful reviewer would ask about in policies that load. Stable, like the codes of
 * problems, and never one of those.
 */
export const WARNING_CODES = {
  'unreachable-flow': 'a flow that no request can reach, because an earlier one always decides',
  'unfillable-step': 'a step that cannot be filled for some of those who may ask',
  'approvers-include-requesters': 'everybody who may ask may also approve: a circle of peers',
  'unlimited-auto-approval': 'an automatic approval whose `when` sets no limit on the duration',
  'unconditional-auto-approval': 'an action that the policy approves every time',
  'long-high-risk': 'more than a day of an access that is labelled `risk: high`',
  'no-flows': 'an access or an action whose every request is refused, because it has no flow',
  'nobody-may-request': 'an access or an action that nobody may ask for',
  'unused-group': 'a group that no rule names',
  'unused-api-key': 'an API key that no action names',
  'repeated-caller': 'a caller whom another entry of the list lets in already',
  'claims-of-anybody': 'claims that everybody who uses the issuer can have',
  'claims-of-api-key': 'a condition on claims where API keys call, which have none',
  'literal-wildcard': 'a `*` or `?` in a claim, which is nothing but that character',
  'partial-pattern': 'a pattern of a parameter that anything may stand around',
  'break-glass-without-quota': 'emergency access as often as anybody likes',
  'optional-field-read': 'a condition that has no answer when an optional field or parameter is left empty',
  'look-alike-names': 'two names that a person can hardly tell apart',
} as const;

export type WarningCode = keyof typeof WARNING_CODES;

/** One thing to think about: the policies load, and may do what nobody meant. */
export interface Warning extends Finding {
  code: WarningCode;
}

export const warning = (place: Place, code: WarningCode, sentence: string): Warning => ({
  file: place.file,
  line: place.line,
  col: place.col,
  code,
  sentence,
});
