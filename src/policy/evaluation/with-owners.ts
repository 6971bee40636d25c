import type { Principal } from '../../domain/principal.ts';
import type { Flow } from '../../domain/request.ts';
import { deepFreeze } from '../frozen.ts';
import type { AccessPolicy, FlowPolicy, PolicySet } from '../policy-set.ts';

/**
 * `owner` by name. NB. a request keeps its flow: were the word kept, a later change of the owner would let somebody approve
 * whom the policies did not name when it was asked (invariant 3).
 */
export function withOwners(
  policies: PolicySet,
  access: Pick<AccessPolicy, 'targets'>,
  { when: _, ...flow }: FlowPolicy,
): Flow {
  if (!flow.steps.some(({ approvers, escalate }) => approvers.some(isOwner) || escalate?.to.some(isOwner)))
    return Object.freeze(flow);
  const owners = access.targets.flatMap((name) => policies.targets.get(name)?.owner ?? []);
  const named = (principals: readonly Principal[]) => principals.flatMap((one) => (isOwner(one) ? owners : [one]));
  const steps = flow.steps.map(({ approvers, escalate, ...step }) => ({
    ...step,
    approvers: named(approvers),
    ...(escalate ? { escalate: { ...escalate, to: named(escalate.to) } } : {}),
  }));
  return deepFreeze({ ...flow, steps });
}

const isOwner = ({ kind }: Principal): boolean => kind === 'owner';
