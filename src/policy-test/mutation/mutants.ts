import type { AccessPolicy, PolicySet } from '../../policy/index.ts';
import { mutantsOfAction } from './action-mutants.ts';
import { mutantsOfEmergency } from './emergency-mutants.ts';
import { mutantsOfFlow } from './flow-mutants.ts';
import { mutantsOfLimits } from './limit-mutants.ts';
import type { Mutant, WeakenedAt } from './mutant.ts';
import { askingFor, whoIsDenied, whoMayAsk } from './who.ts';

/** All mutants of the policies that a test can notice, in the order of the accesses and then of the actions. */
export const mutantsOf = (policies: PolicySet): Mutant[] => [
  ...[...policies.accesses.values()].flatMap((access) =>
    [...mutantsOfAccess(policies, access)].map(({ change, ...mutant }): Mutant => {
      const weakened = (those: PolicySet): PolicySet | undefined => {
        const accesses = replaced(those.accesses, access.name, change);
        return accesses && { ...those, accesses };
      };
      return { access: access.name, ...mutant, weakened };
    }),
  ),
  ...[...policies.actions.values()].flatMap((action) =>
    [...mutantsOfAction(policies, action)].map(({ change, ...mutant }): Mutant => {
      const weakened = (those: PolicySet): PolicySet | undefined => {
        const actions = replaced(those.actions, action.name, change);
        return actions && { ...those, actions };
      };
      return { access: action.name, ...mutant, weakened };
    }),
  ),
];

function replaced<Policy>(
  all: ReadonlyMap<string, Policy>,
  name: string,
  change: (policy: Policy) => Policy,
): ReadonlyMap<string, Policy> | undefined {
  const policy = all.get(name);
  return policy === undefined ? undefined : new Map(all).set(name, change(policy));
}

function* mutantsOfAccess(policies: PolicySet, access: AccessPolicy): Iterable<WeakenedAt<AccessPolicy>> {
  const { places } = access;
  for (const { what, change } of whoMayAsk(policies, access))
    yield { place: places.requesters, what, change: (each) => ({ ...each, requesters: change(each.requesters) }) };
  for (const { what, change } of whoIsDenied(policies, access))
    yield { place: places.deny, what, change: (each) => ({ ...each, deny: change(each.deny) }) };
  yield* mutantsOfLimits(access);
  const asking = askingFor(policies, access);
  for (const index of access.flows.keys()) yield* mutantsOfFlow(asking, access, index);
  yield* mutantsOfEmergency(policies, access);
}
