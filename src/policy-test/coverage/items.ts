import type { AccessPolicy, Place, PolicySet } from '../../policy/index.ts';

/** One thing that a policy can decide, and that a test should have seen it decide. */
export interface Item {
  /** The same for the same thing in every policy set. */
  key: string;
  access: string;
  /** For people: what did not happen in any test. */
  what: string;
  place: Place;
}

export type RefusingRule = 'deny' | 'requesters' | 'duration' | 'reason' | 'fields';
/** What comes of `break_glass`. */
export type EmergencyItem = 'taken' | 'refused' | 'quota' | 'reviewed' | 'overdue';

const keyOf = (...parts: (string | number)[]): string => JSON.stringify(parts);
export const refusalKey = (access: string, rule: RefusingRule): string => keyOf(access, 'refusal', rule);
export const flowKey = (access: string, flow: string): string => keyOf(access, 'flow', flow);
export const conditionKey = (access: string, flow: string, holds: boolean): string =>
  keyOf(access, 'condition', flow, String(holds));
export const extensionKey = (access: string): string => keyOf(access, 'extension');
export const extensionsUsedKey = (access: string): string => keyOf(access, 'extensions used');
export const emergencyKey = (access: string, item: EmergencyItem): string => keyOf(access, 'emergency', item);
export const idleKey = (access: string): string => keyOf(access, 'idle');
export const stepKey = (access: string, flow: string, step: number): string => keyOf(access, 'step', flow, step);
export const delegationKey = (access: string, flow: string, step: number): string =>
  keyOf(access, 'delegation', flow, step);
export const escalationKey = (access: string, flow: string, step: number): string =>
  keyOf(access, 'escalation', flow, step);

/** Everything that the policies can decide, in the order of files and lines. */
export function itemsOf(policies: PolicySet): Item[] {
  const items = [...policies.accesses.values()].flatMap(itemsOfAccess);
  return items.sort((a, b) => compare(a.place, b.place));
}

function compare(a: Place, b: Place): number {
  if (a.file !== b.file) return a.file < b.file ? -1 : 1;
  return a.line - b.line || a.col - b.col;
}

function itemsOfAccess(access: AccessPolicy): Item[] {
  const { name, places } = access;
  const refusals = refusingRules(access).map(
    (rule): Item => ({
      key: refusalKey(name, rule),
      access: name,
      what: `nobody was refused by \`${rule}\``,
      place: places[rule],
    }),
  );
  const place = places.duration;
  const extensions: Item[] = [
    { key: extensionKey(name), access: name, what: 'nobody extended it', place },
    { key: extensionsUsedKey(name), access: name, what: 'nobody was refused one extension more than there are', place },
  ];
  const unused = 'it never ended because nobody used it';
  const idle: Item = { key: idleKey(name), access: name, what: unused, place: places.revokeOnIdle };
  return [
    ...refusals,
    ...(access.duration.extend ? extensions : []),
    ...(access.revokeOnIdleMs === undefined ? [] : [idle]),
    ...access.flows.flatMap((_flow, index) => itemsOfFlow(access, index)),
    ...itemsOfEmergency(access),
  ];
}

function itemsOfEmergency({ name, places, breakGlass }: AccessPolicy): Item[] {
  if (!breakGlass) return [];
  const { allow, quota } = breakGlass;
  const item = (of: EmergencyItem, what: string): Item => ({
    key: emergencyKey(name, of),
    access: name,
    what,
    place: places.breakGlass,
  });
  const everyone = allow.some(({ kind }) => kind === 'everyone');
  const refused = everyone ? [] : [item('refused', 'nobody was refused by `break_glass`')];
  if (allow.length === 0) return refused;
  return [
    item('taken', 'nobody took it in an emergency'),
    ...refused,
    ...(quota ? [item('quota', 'nobody was refused by the `quota` of `break_glass`')] : []),
    item('reviewed', 'no emergency was reviewed'),
    item('overdue', 'no review of an emergency was overdue'),
  ];
}

/** The rules that can refuse somebody. */
function refusingRules({ deny, requesters, reason, fields }: AccessPolicy): RefusingRule[] {
  const everyone = requesters.some(({ kind }) => kind === 'everyone');
  return [
    ...(deny.length > 0 ? (['deny'] as const) : []),
    ...(everyone ? [] : (['requesters'] as const)),
    'duration',
    ...(reason.required || reason.minLength > 0 ? (['reason'] as const) : []),
    ...(fields.length > 0 ? (['fields'] as const) : []),
  ];
}

function itemsOfFlow({ name: access, flows, places }: AccessPolicy, index: number): Item[] {
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
