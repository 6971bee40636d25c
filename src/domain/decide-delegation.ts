import { type Decided, type Outcome, refuse } from './decision.ts';
import { type DelegationEnd, type DelegationState, inForce, LONGEST_DELEGATION_MS } from './delegation.ts';
import type { Effect } from './effects.ts';
import type { DelegationEnded } from './events.ts';
import { between, type Instant } from './instant.ts';
import type { PersonRef } from './person.ts';

export interface Delegate {
  workspace: string;
  delegator: PersonRef;
  delegate: PersonRef;
  until: Instant;
}

/** Hands somebody's votes to another person until then, in the place of whatever they had handed over before. */
export function decideDelegate(before: DelegationState | undefined, command: Delegate, now: Instant): Decided {
  const { workspace, delegator, delegate, until } = command;
  // NB. compared by directory identity and by Slack id: one person with two entries would vote twice.
  if (delegator.email === delegate.email || delegator.slack === delegate.slack) {
    return refuse('invalid-delegation', 'You cannot hand your votes to yourself: name somebody else.');
  }
  if (until <= now) return refuse('invalid-delegation', 'That time is over already: choose a later one.');
  if (between(now, until) > LONGEST_DELEGATION_MS) {
    return refuse('invalid-delegation', 'Votes can be handed over for at most 90 days: choose an earlier end.');
  }
  const replaced = before && inForce(before, now) ? ended(before, 'replaced', delegator.email, now) : NOTHING;
  const told = { delegator, delegate, until };
  return {
    ok: true,
    events: [
      ...replaced.events,
      { type: 'DelegationSet', at: now, workspace, actor: delegator.email, delegator, delegate, until },
    ],
    effects: [
      ...replaced.effects,
      { kind: 'tell-delegation', news: 'handed', to: delegator.slack, ...told },
      { kind: 'tell-delegation', news: 'received', to: delegate.slack, ...told },
    ],
  };
}

/** Its owner is back. */
export function decideBack(delegation: DelegationState | undefined, by: PersonRef, now: Instant): Decided {
  if (!delegation || !inForce(delegation, now) || delegation.delegator.email !== by.email) {
    return refuse('invalid-delegation', 'You have handed your votes to nobody, so there is nothing to end.');
  }
  return { ok: true, ...ended(delegation, 'person', by.email, now) };
}

/** Its time is over. Nothing happens before, or again, so it can be tried freely. */
export function decideDelegationOver(delegation: DelegationState, now: Instant): Outcome {
  if (delegation.endedAt !== undefined || now < delegation.until) return NOTHING;
  const { delegator, delegate, until } = delegation;
  const { events, effects } = ended(delegation, 'time', 'latchkey', now);
  // Who was away may still be, and believe that somebody votes for them.
  const told: Effect = { kind: 'tell-delegation', news: 'returned', to: delegator.slack, delegator, delegate, until };
  return { events, effects: [...effects, told] };
}

const NOTHING: Outcome = { events: [], effects: [] };

function ended(delegation: DelegationState, because: DelegationEnd, actor: string, now: Instant): Outcome {
  const { workspace, delegator, delegate, until } = delegation;
  const event: DelegationEnded = {
    type: 'DelegationEnded',
    at: now,
    workspace,
    actor,
    delegator: delegator.email,
    delegate: delegate.email,
    because,
  };
  const told: Effect = { kind: 'tell-delegation', news: 'over', to: delegate.slack, delegator, delegate, until };
  return { events: [event], effects: [told] };
}
