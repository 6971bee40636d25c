import type { Condition } from '../../policy/conditions/condition.ts';
import { callersOf, OTHER, type Representative, representative } from '../../policy/diff/callers.ts';
import { literalsOf } from '../../policy/diff/circumstances.ts';
import type { ActionPolicy } from '../../policy/index.ts';

/** More callers than these are a statement that names too many claims at once. */
const MOST = 1_000;

/** What a condition reads of a token, by the names of its claims. */
export function claimsReadBy({ reads, claims, askedClaims }: Condition): ReadonlySet<string> {
  return new Set([...(reads.has('caller.subject') ? ['sub'] : []), ...claims, ...askedClaims]);
}

/**
 * Whether a condition can give one answer for the caller and another one for somebody whom it stands for, who says more. What
 * the statement reads itself is as the caller says it: others say something else.
 */
export function claimsMayDiffer(
  when: Condition,
  { caller, says }: Representative,
  stated: ReadonlySet<string>,
): boolean {
  if (caller.kind === 'api-key') return false;
  if (when.whole.has('caller.claims')) return true;
  return [...claimsReadBy(when)].some((name) => {
    const said = says.find((claim) => claim.name === name)?.value;
    // Any text stands for all that nothing mentions: they are alike for who asks whether it is one of those mentioned.
    const anyText = said === OTHER || (name === 'sub' && said === undefined);
    if (stated.has(name))
      return anyText && when.inPart.has(name === 'sub' ? 'caller.subject' : `caller.claims.${name}`);
    // A list lets its caller in as a text does, and is no claim that a condition could find.
    return when.askedClaims.has(name) || said === undefined;
  });
}

/**
 * The callers whom the rules of an action, its conditions and a statement can tell apart. Of a claim that the statement reads and
 * that no rule asks for there is no telling what the token says: none, each of the words, and another one, each with each.
 */
export function whoCouldAsk(
  { callers }: ActionPolicy,
  conditions: readonly Condition[],
  statement: Condition,
): { all: readonly Representative[]; cut: boolean } {
  const known = callersOf(callers, [...conditions, statement]);
  const stated = claimsReadBy(statement);
  const asked = conditions.filter((condition) => claimsReadBy(condition).size > 0);
  const words = new Set([...[...asked, statement].flatMap(({ source }) => literalsOf(source)), OTHER]);
  const found = new Map<string, Representative>();
  let { cut } = known;
  for (const one of known.all) {
    const { caller } = one;
    let alike = [one];
    for (const name of stated) {
      if (caller.kind !== 'oidc' || one.says.some((claim) => claim.name === name)) continue;
      const values = [...words].map((value) => ({ name, value, text: `${name}=${value}` }));
      alike = alike.flatMap((each) => [
        each,
        ...values.map((value) => representative({ issuer: caller.issuer, claims: [...each.says, value] })),
      ]);
      if (alike.length <= MOST) continue;
      cut = true;
      break;
    }
    for (const each of alike) {
      const key = JSON.stringify(each.caller);
      if (!found.has(key)) found.set(key, each);
    }
  }
  const all = [...found.values()];
  return { all: all.slice(0, MOST), cut: cut || all.length > MOST };
}
