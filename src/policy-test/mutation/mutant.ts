import type { Principal } from '../../domain/principal.ts';
import type { AccessPolicy, Place, PolicySet } from '../../policy/index.ts';

export type Flow = AccessPolicy['flows'][number];
export type Step = Flow['steps'][number];
export type Field = AccessPolicy['fields'][number];

/** One rule made weaker, or taken away: a test must notice. */
export interface Mutant {
  /** The name of the access or action. */
  access: string;
  /** What it does, for people. */
  what: string;
  place: Place;
  /** The policies with it; absent where they have no such access or action. */
  weakened(policies: PolicySet): PolicySet | undefined;
}

/** A weaker access or action, or a weaker part of one. */
export interface Weakened<Rule> {
  what: string;
  change(rule: Rule): Rule;
}

/** With the place of the rule. */
export interface WeakenedAt<Rule> extends Weakened<Rule> {
  place: Place;
}

export const EVERYONE: Principal = { kind: 'everyone' };
export const isEveryone = ({ kind }: Principal): boolean => kind === 'everyone';
export const without = <T>(items: readonly T[], index: number): T[] => items.toSpliced(index, 1);
