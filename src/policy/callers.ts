import type { CallerRef } from '../domain/caller.ts';
import type { ActionPolicy, CallerPolicy, PolicySet } from './policy-set.ts';

/** Whether a rule of an action names a caller. */
export const mayCall = (
  policies: Pick<PolicySet, 'settings'>,
  action: Pick<ActionPolicy, 'callers'>,
  caller: CallerRef,
): boolean => callersRule(policies, action, caller) >= 0;

/** Whether any action has a rule that names a caller; one whom none does is a stranger. */
export const knownCaller = (policies: Pick<PolicySet, 'settings' | 'actions'>, caller: CallerRef): boolean => {
  for (const action of policies.actions.values()) if (mayCall(policies, action, caller)) return true;
  return false;
};

/** The first rule of an action that names a caller; -1: none does. */
export const callersRule = (
  { settings }: Pick<PolicySet, 'settings'>,
  { callers }: Pick<ActionPolicy, 'callers'>,
  caller: CallerRef,
): number =>
  callers.findIndex((rule) => {
    if (rule.kind === 'api-key')
      return caller.kind === 'api-key' && caller.name === rule.name && settings.apiKeys.has(rule.name);
    return isOf(rule, caller) && missingIn(rule, caller).length === 0;
  });

type OidcPolicy = Extract<CallerPolicy, { kind: 'oidc' }>;
type OidcCaller = Extract<CallerRef, { kind: 'oidc' }>;

const isOf = (rule: CallerPolicy, caller: CallerRef): caller is OidcCaller =>
  rule.kind === 'oidc' && caller.kind === 'oidc' && caller.issuer === rule.issuer;

/** A claim, and the values of which it would have to be one. */
export interface MissingClaim {
  readonly name: string;
  readonly values: readonly string[];
}

/** What a caller's token lacks for the rule of its issuer that it comes closest to; nothing when no rule is of its issuer. */
export function missingClaims({ callers }: Pick<ActionPolicy, 'callers'>, caller: CallerRef): readonly MissingClaim[] {
  const each = callers.flatMap((rule) => (rule.kind === 'oidc' && isOf(rule, caller) ? [missingIn(rule, caller)] : []));
  return each.reduce((best, one) => (one.length < best.length ? one : best), each[0] ?? []);
}

/** NB. every claim of the rule has to be there and to be one of its values, letter by letter: no pattern, no part of it. */
export function missingIn({ claims }: OidcPolicy, caller: OidcCaller): MissingClaim[] {
  const rules = Object.entries(claims).map(([name, values]) => ({ name, values }));
  // A rule without claims would be everybody there. The loader refuses it, and so does this.
  if (rules.length === 0) return [{ name: 'sub', values: [] }];
  return rules.filter(({ name, values }) => {
    const claim = claimOf(caller, name);
    return !(typeof claim === 'string' ? [claim] : claim).some((text) => values.includes(text));
  });
}

function claimOf({ subject, claims }: OidcCaller, name: string): string | readonly string[] {
  if (name === 'sub') return subject;
  return (Object.hasOwn(claims, name) ? claims[name] : undefined) ?? [];
}

/** Whether a rule lets in everybody whom another one does. */
export function covers(rule: CallerPolicy, other: CallerPolicy): boolean {
  if (rule.kind === 'api-key') return other.kind === 'api-key' && rule.name === other.name;
  if (other.kind === 'api-key' || rule.issuer !== other.issuer) return false;
  return Object.entries(rule.claims).every(([name, values]) => {
    const there = Object.hasOwn(other.claims, name) ? other.claims[name] : undefined;
    return there?.every((value) => values.includes(value)) ?? false;
  });
}
