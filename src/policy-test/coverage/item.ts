import type { Place } from '../../policy/index.ts';

/** One thing that a policy can decide, and that a test should have seen it decide. */
export interface Item {
  /** The same for the same thing in every policy set. */
  key: string;
  /** The name of the access or action. */
  access: string;
  /** For people: what did not happen in any test. */
  what: string;
  place: Place;
}

/** The rules of an access, and of an action, that can refuse somebody. */
export type AccessRule = 'deny' | 'requesters' | 'duration' | 'reason' | 'fields';
export type ActionRule = 'callers' | 'reason' | 'parameters';
/** What comes of `break_glass`. */
export type EmergencyItem = 'taken' | 'refused' | 'quota' | 'reviewed' | 'overdue';

const keyOf = (...parts: (string | number)[]): string => JSON.stringify(parts);
export const refusalKey = (access: string, rule: AccessRule | ActionRule): string => keyOf(access, 'refusal', rule);
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

export const callerKey = (action: string, caller: number): string => keyOf(action, 'caller', caller);
/** What came of an approval. */
export const useKey = (action: string, came: 'used' | 'unused'): string => keyOf(action, came);

export const refusal = (access: string, rule: AccessRule | ActionRule, place: Place): Item => ({
  key: refusalKey(access, rule),
  access,
  what: `nobody was refused by \`${rule}\``,
  place,
});
