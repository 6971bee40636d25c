import type { Condition } from '../conditions/condition.ts';
import { deepFreeze } from '../frozen.ts';
import type { ActionPolicy } from '../policy-set.ts';
import type { ActionDocument } from '../schema/action.ts';
import type { YamlDocument } from '../yaml/read-yaml.ts';
import { callerPolicy } from './callers.ts';
import { fieldPolicies, flowPlaces, flowPolicies } from './flows.ts';

/** A checked action document as a policy. */
export function actionPolicy(
  { positions }: YamlDocument,
  document: ActionDocument,
  conditions: readonly (Condition | undefined)[],
): ActionPolicy {
  const rulePlace = (key: string) => (positions.has([key]) ? positions.key([key]) : positions.value(['name']));
  return deepFreeze({
    name: document.name,
    title: document.title ?? document.name,
    labels: Object.assign(Object.create(null), document.labels),
    callers: document.callers.map(callerPolicy),
    parameters: fieldPolicies(document.parameters),
    reason: { required: document.reason.required, minLength: document.reason.min_length },
    flows: flowPolicies(document.flows, conditions),
    validForMs: document.valid_for,
    ...(document.channel === undefined ? {} : { channel: document.channel }),
    places: {
      action: positions.value(['name']),
      callers: rulePlace('callers'),
      eachCaller: document.callers.map((_caller, index) => positions.value(['callers', index])),
      parameters: rulePlace('parameters'),
      reason: rulePlace('reason'),
      validFor: rulePlace('valid_for'),
      flows: rulePlace('flows'),
      ...flowPlaces(document.flows, positions),
    },
  });
}
