import type { CallerRef } from '../domain/caller.ts';

export type Claims = Extract<CallerRef, { kind: 'oidc' }>['claims'];

/** All names and values together, in UTF-16 units. Those of pipelines have less than 3,000. */
export const CLAIMS_LIMIT = 16_384;

/** Not about the caller but about the token, who signed it and for whom; and the subject, which stands beside the claims. */
const NOT_KEPT = new Set(['sub', 'iss', 'aud', 'exp', 'nbf', 'iat', 'jti']);

/**
 * What a token says of its caller, as far as policies can ask for it: texts, numbers and truth values as text, and lists of
 * them. What is nested is left out, as no rule can match it. Undefined: more than may be kept, or texts that are none.
 */
export function claimsOf(payload: Readonly<Record<string, unknown>>): Claims | undefined {
  const kept: [string, string | string[]][] = [];
  let size = 0;
  for (const [name, value] of Object.entries(payload)) {
    if (NOT_KEPT.has(name)) continue;
    const text = Array.isArray(value) ? listOf(value) : scalar(value);
    if (text === undefined) continue;
    const texts = typeof text === 'string' ? [name, text] : [name, ...text];
    if (!texts.every(isPlain)) return undefined;
    size += texts.reduce((sum, one) => sum + one.length + 1, 0);
    // NB. never cut: a claim that is not there, or not whole, could be what a rule asks for.
    if (size > CLAIMS_LIMIT) return undefined;
    kept.push([name, text]);
  }
  return Object.fromEntries(kept);
}

/**
 * Text that can be stored, hashed and shown on one line. NB. it is drawn for approvers, and a line feed in the name of a branch
 * could write a line of its own.
 */
export const isPlain = (text: string): boolean => text.isWellFormed() && !/[\p{Cc}\u2028\u2029]/u.test(text);

function scalar(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  if (typeof value === 'boolean') return String(value);
  // NB. two ids beyond 2^53 are one number here: a rule for one would let the other in.
  if (typeof value === 'number' && (Number.isSafeInteger(value) || !Number.isInteger(value))) return String(value);
  return undefined;
}

function listOf(values: readonly unknown[]): string[] | undefined {
  const texts = values.map(scalar);
  return texts.every((text) => text !== undefined) ? texts : undefined;
}
