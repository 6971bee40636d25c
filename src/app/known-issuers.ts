import type { PolicySet } from '../policy/index.ts';

const issuersOf = new WeakMap<PolicySet, ReadonlySet<string>>();

/** The issuers whose tokens some action of these policies takes: no other is ever asked for its keys. */
export function knownIssuers(policies: PolicySet): ReadonlySet<string> {
  const known = issuersOf.get(policies) ?? new Set(named(policies));
  issuersOf.set(policies, known);
  return known;
}

const named = ({ actions }: PolicySet): string[] =>
  [...actions.values()].flatMap(({ callers }) =>
    callers.flatMap((caller) => (caller.kind === 'oidc' ? [caller.issuer] : [])),
  );
