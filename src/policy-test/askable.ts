import type { AccessPolicy } from '../policy/index.ts';
import type { ActionPlaces } from '../policy/policy-set.ts';

/** What an access and an action have alike. */
export interface Askable extends Pick<AccessPolicy, 'name' | 'reason' | 'flows'> {
  readonly places: Pick<ActionPlaces, 'reason' | 'flows' | 'conditions' | 'eachFlow' | 'steps'>;
}

export const asksReason = ({ reason }: Pick<Askable, 'reason'>): boolean => reason.required || reason.minLength > 0;
