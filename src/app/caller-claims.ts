import type { CallerRef } from '../domain/caller.ts';
import type { ActionPolicy, PolicySet } from '../policy/index.ts';
import type { ClaimView } from './messages.ts';

/** What a caller's token says of it, first what a rule of the action's current policy looks at, in the order of the rules. */
export function claimsOf(
  { actions }: Pick<PolicySet, 'actions'>,
  action: string,
  caller: CallerRef,
): ClaimView[] | undefined {
  if (caller.kind !== 'oidc') return undefined;
  const { claims, issuer } = caller;
  const policy = actions.get(action);
  const looked = policy ? lookedAt(policy, issuer, Object.keys(claims)) : [];
  const view = (name: string, decides: boolean): ClaimView => {
    const value = claims[name] ?? '';
    return { name, value: typeof value === 'string' ? value : value.join(', '), decides };
  };
  const others = Object.keys(claims).filter((name) => !looked.includes(name));
  return [...looked.map((name) => view(name, true)), ...others.map((name) => view(name, false))];
}

/** Those that a caller rule of this issuer compares, and those that a `when` names. */
function lookedAt({ callers, flows }: ActionPolicy, issuer: string, names: readonly string[]): string[] {
  const compared = callers.flatMap((rule) =>
    rule.kind === 'oidc' && rule.issuer === issuer ? Object.keys(rule.claims) : [],
  );
  const read = flows.flatMap(({ when }) => (when ? [...when.claims, ...when.askedClaims] : []));
  return [...new Set([...compared, ...read])].filter((name) => names.includes(name));
}
