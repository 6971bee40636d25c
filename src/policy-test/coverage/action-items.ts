import type { ActionPolicy } from '../../policy/policy-set.ts';
import { asksReason } from '../askable.ts';
import { itemsOfFlow } from './flow-items.ts';
import { type ActionRule, callerKey, type Item, refusal, useKey } from './item.ts';

/** Everything that the policy of an action can decide. */
export function itemsOfAction(action: ActionPolicy): Item[] {
  const { name, callers, parameters, flows, places } = action;
  const rules: ActionRule[] = [
    'callers',
    ...(asksReason(action) ? (['reason'] as const) : []),
    ...(parameters.length > 0 ? (['parameters'] as const) : []),
  ];
  const item = (key: string, what: string, place = places.validFor): Item => ({ key, access: name, what, place });
  return [
    ...rules.map((rule) => refusal(name, rule, places[rule])),
    ...callers.map((_caller, index) =>
      item(callerKey(name, index), `caller ${index + 1} never asked`, places.eachCaller[index] ?? places.callers),
    ),
    ...flows.flatMap((_flow, index) => itemsOfFlow(action, index)),
    item(useKey(name, 'used'), 'no approval of it was used'),
    item(useKey(name, 'unused'), 'no approval of it was left unused'),
  ];
}
