import type { Principal } from '../../domain/principal.ts';
import type { AccessPolicy, Place } from '../../policy/index.ts';

export type Flow = AccessPolicy['flows'][number];
export type Step = Flow['steps'][number];

/** One rule made weaker, or taken away: a test must notice. */
export interface Mutant {
  access: string;
  /** What it does, for people. */
  what: string;
  place: Place;
  change(access: AccessPolicy): AccessPolicy;
}

/** A mutant of an access, or of a part of one. */
export interface Weakened<Rule> {
  what: string;
  change(rule: Rule): Rule;
}

export const EVERYONE: Principal = { kind: 'everyone' };
export const isEveryone = ({ kind }: Principal): boolean => kind === 'everyone';
export const without = <T>(items: readonly T[], index: number): T[] => items.toSpliced(index, 1);
