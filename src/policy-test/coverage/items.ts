import type { AccessPolicy, Place, PolicySet } from '../../policy/index.ts';
import { asksReason } from '../askable.ts';
import { itemsOfAction } from './action-items.ts';
import { itemsOfFlow } from './flow-items.ts';
import {
  type AccessRule,
  type EmergencyItem,
  emergencyKey,
  extensionKey,
  extensionsUsedKey,
  type Item,
  idleKey,
  refusal,
} from './item.ts';

/** Everything that the policies can decide, in the order of files and lines. */
export function itemsOf(policies: PolicySet): Item[] {
  const items = [
    ...[...policies.accesses.values()].flatMap(itemsOfAccess),
    ...[...policies.actions.values()].flatMap(itemsOfAction),
  ];
  return items.sort((a, b) => compare(a.place, b.place));
}

function compare(a: Place, b: Place): number {
  if (a.file !== b.file) return a.file < b.file ? -1 : 1;
  return a.line - b.line || a.col - b.col;
}

function itemsOfAccess(access: AccessPolicy): Item[] {
  const { name, places } = access;
  const refusals = refusingRules(access).map((rule) => refusal(name, rule, places[rule]));
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
function refusingRules({ deny, requesters, reason, fields }: AccessPolicy): AccessRule[] {
  const everyone = requesters.some(({ kind }) => kind === 'everyone');
  return [
    ...(deny.length > 0 ? (['deny'] as const) : []),
    ...(everyone ? [] : (['requesters'] as const)),
    'duration',
    ...(asksReason({ reason }) ? (['reason'] as const) : []),
    ...(fields.length > 0 ? (['fields'] as const) : []),
  ];
}
