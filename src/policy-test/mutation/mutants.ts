import type { AccessPolicy, PolicySet } from '../../policy/index.ts';
import { mutantsOfEmergency } from './emergency-mutants.ts';
import { mutantsOfFlow } from './flow-mutants.ts';
import { mutantsOfLimits } from './limit-mutants.ts';
import type { Mutant } from './mutant.ts';
import { whoIsDenied, whoMayAsk } from './who.ts';

/** All mutants of the policies that a test can notice, in the order of the accesses. */
export const mutantsOf = (policies: PolicySet): Mutant[] =>
  [...policies.accesses.values()].flatMap((access) => [...mutantsOfAccess(policies, access)]);

function* mutantsOfAccess(policies: PolicySet, access: AccessPolicy): Iterable<Mutant> {
  const { name, places } = access;
  for (const { what, change } of whoMayAsk(policies, access)) {
    const changed: Mutant['change'] = (each) => ({ ...each, requesters: change(each.requesters) });
    yield { access: name, place: places.requesters, what, change: changed };
  }
  for (const { what, change } of whoIsDenied(policies, access)) {
    const changed: Mutant['change'] = (each) => ({ ...each, deny: change(each.deny) });
    yield { access: name, place: places.deny, what, change: changed };
  }
  yield* mutantsOfLimits(access);
  for (const index of access.flows.keys()) yield* mutantsOfFlow(policies, access, index);
  yield* mutantsOfEmergency(policies, access);
}
