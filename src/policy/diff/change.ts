import type { Milliseconds } from '../../domain/instant.ts';
import type { Place } from '../positions.ts';

/** Whether the new policies let more happen than the old ones, less, or neither can be said. */
export type Direction = 'wider' | 'narrower' | 'other';

export const DIRECTIONS: readonly Direction[] = ['wider', 'narrower', 'other'];

/** What became different. Stable codes: CI and the JSON carry them. */
export type ChangeKind =
  // who may ask
  | 'can-ask'
  | 'cannot-ask'
  | 'emergency'
  | 'longer'
  | 'shorter'
  // what it takes
  | 'automatic'
  | 'no-longer-automatic'
  | 'fewer-approvals'
  | 'more-approvals'
  | 'new-approvers'
  | 'fewer-approvers'
  | 'other-approvals'
  | 'escalation'
  | 'delegation'
  | 'timeout'
  // the rules of an access
  | 'gives'
  | 'reason'
  | 'rule'
  // the rules of an action
  | 'parameter'
  | 'usable'
  // who is who
  | 'identity'
  | 'account'
  | 'target';

/** From `from` to `to`, both included. */
export interface DurationRange {
  from: Milliseconds;
  to: Milliseconds;
}

/** One difference between two sets of policies, for everybody and every access that it is the same for. */
export interface Change {
  direction: Direction;
  kind: ChangeKind;
  /** By name; empty when it is about actions, or about people or targets alone. */
  accesses: readonly string[];
  /** By name, when it is about actions. */
  actions?: readonly string[];
  /** E-mails of those who ask, in the order of the alphabet. */
  people: readonly string[];
  /** Of actions, those who ask: `api-key:jenkins`, `callers of https://ci.example.com with repository=acme/api`. */
  callers?: readonly string[];
  /** The same in words: `group:backend (12 people)`. */
  who: string;
  /** When it is not so for everything that can be asked for: for how long, at what times, with which words. */
  when?: string;
  was?: string;
  now?: string;
  /** Who newly may approve, or no longer may: e-mails, or `manager`. */
  approvers?: readonly string[];
  /** What happened, as one sentence without the accesses. */
  sentence: string;
  /** Where the rules stand now; where they stood, for what is gone. */
  places: readonly Place[];
}

export interface PolicyDiff {
  changes: readonly Change[];
  /** What was compared. */
  compared: { accesses: number; actions: number; people: number };
  /** What the comparison could not look at, as sentences. */
  notes: readonly string[];
}

export const countOf = (changes: readonly Pick<Change, 'direction'>[]): Record<Direction, number> => {
  const counts: Record<Direction, number> = { wider: 0, narrower: 0, other: 0 };
  for (const { direction } of changes) counts[direction] += 1;
  return counts;
};

export const plural = (count: number, one: string, many = `${one}s`): string => `${count} ${count === 1 ? one : many}`;

/** `a, b and 3 more`. */
export function someOf(items: readonly string[], most: number, word: 'and' | 'or' = 'and'): string {
  if (items.length <= 1) return items.join('');
  const shown = items.length <= most ? items.slice(0, -1) : items.slice(0, most);
  const last = items.length <= most ? items.at(-1) : `${items.length - most} more`;
  return `${shown.join(', ')} ${word} ${last}`;
}
