import { covers } from '../../policy/callers.ts';
import type { CallerPolicy } from '../../policy/policy-set.ts';
import { type Weakened, without } from './mutant.ts';

/** One of the callers weakened, or taken away. */
interface WeakenedCaller extends Weakened<readonly CallerPolicy[]> {
  index: number;
}

/** Without each caller, each of its claims, and each value of them; where another one lets the same in, no test could notice. */
export function* mutantsOfCallers(callers: readonly CallerPolicy[]): Iterable<WeakenedCaller> {
  for (const [index, caller] of callers.entries()) {
    const covered = (one: CallerPolicy): boolean => without(callers, index).some((other) => covers(other, one));
    const which = `caller ${index + 1}`;
    if (!covered(caller)) yield { index, what: `without ${which}`, change: (all) => without(all, index) };
    if (caller.kind === 'api-key') continue;
    const { claims } = caller;
    const changing = (changed: typeof claims): Pick<WeakenedCaller, 'index' | 'change'> => ({
      index,
      change: (all) => all.map((one, at) => (at === index ? { ...caller, claims: changed } : one)),
    });
    for (const [name, values] of Object.entries(claims)) {
      const { [name]: _, ...others } = claims;
      // A rule without claims lets nobody in: it is as without the caller.
      if (Object.keys(others).length > 0 && !covered({ ...caller, claims: others }))
        yield { ...changing(others), what: `without the claim \`${name}\` of ${which}` };
      for (const [at, value] of values.length > 1 ? values.entries() : []) {
        if (covered({ ...caller, claims: { ...claims, [name]: [value] } })) continue;
        yield {
          ...changing({ ...claims, [name]: without(values, at) }),
          what: `without ${JSON.stringify(value)} in the claim \`${name}\` of ${which}`,
        };
      }
    }
  }
}
