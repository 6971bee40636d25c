import type { Principal } from '../../domain/principal.ts';
import { mayGrow } from '../gaps.ts';
import type { AccessPolicy, PolicySet } from '../policy-set.ts';

/** Whether some principals name people whom the files do not tell, as the members of a Slack user group: nothing is said of those. */
export const unknownMembers = (
  policies: PolicySet,
  access: Pick<AccessPolicy, 'targets'>,
  principals: readonly Principal[],
): boolean => mayGrow(policies, principals, access.targets);
