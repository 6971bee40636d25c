import type { Condition } from '../conditions/condition.ts';
import type { AccessPolicy } from '../policy-set.ts';

/** The conditions of an access's flows. */
export const conditionsOf = (flows: AccessPolicy['flows']): Condition[] => flows.flatMap(({ when }) => when ?? []);
