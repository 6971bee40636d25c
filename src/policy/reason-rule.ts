import { LIMITS } from './limits.ts';
import type { AccessPolicy } from './policy-set.ts';

// Control characters but newline and tab, and halves of surrogate pairs, which the audit log could not hold.
const FORBIDDEN = /[^\P{Cc}\n\t]|\p{Cs}/u;

/**
 * What is wrong with a reason under an access's rule, in a sentence; undefined when nothing is. Blanks around it do not
 * count, characters are code points, and a reason that is not required may be left out, but not be half given.
 */
export function reasonProblem(rule: AccessPolicy['reason'], reason: string): string | undefined {
  const text = reason.trim();
  const length = [...text].length;
  if (length > LIMITS.reasonChars) {
    return `The reason has ${length} characters, and at most ${LIMITS.reasonChars} are kept: write it shorter.`;
  }
  if (FORBIDDEN.test(text)) return 'The reason holds control characters: write it as plain text.';
  if (length === 0) {
    if (!rule.required) return undefined;
    return rule.minLength > 1
      ? `A reason of at least ${rule.minLength} characters is required.`
      : 'A reason is required.';
  }
  if (length < rule.minLength) {
    return `The reason has ${length} ${length === 1 ? 'character' : 'characters'}, and at least ${rule.minLength} are required: say why it is needed.`;
  }
  return undefined;
}
