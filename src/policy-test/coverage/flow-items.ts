import type { Askable } from '../askable.ts';
import { conditionKey, delegationKey, escalationKey, flowKey, type Item, stepKey } from './item.ts';

/** What one flow can decide, of an access or an action. */
export function itemsOfFlow({ name: access, flows, places }: Askable, index: number): Item[] {
  const flow = flows[index];
  const place = places.eachFlow[index];
  if (!flow || !place) return [];
  const items: Item[] = [
    { key: flowKey(access, flow.name), access, what: `the flow “${flow.name}” never decided`, place },
  ];
  for (const holds of flow.when ? [true, false] : []) {
    const what = `the condition of the flow “${flow.name}” was never ${holds}`;
    items.push({ key: conditionKey(access, flow.name, holds), access, what, place: places.conditions[index] ?? place });
  }
  for (const [step, { escalate, delegation }] of flow.steps.entries()) {
    const at = places.steps[index]?.[step] ?? place;
    const which = `step ${step + 1} of the flow “${flow.name}”`;
    items.push({ key: stepKey(access, flow.name, step), access, what: `${which} was never filled`, place: at });
    if (delegation === 'allowed')
      items.push({
        key: delegationKey(access, flow.name, step),
        access,
        what: `nobody voted for somebody else in ${which}`,
        place: at,
      });
    if (escalate)
      items.push({ key: escalationKey(access, flow.name, step), access, what: `${which} never escalated`, place: at });
  }
  return items;
}
