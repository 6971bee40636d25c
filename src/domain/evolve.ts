import type { ActionAsked } from './action.ts';
import type { DelegationState } from './delegation.ts';
import type { EntitlementState } from './entitlement.ts';
import type { DomainEvent } from './events.ts';
import type { GrantState, Hold } from './grant.ts';
import { between, type Instant, type Milliseconds } from './instant.ts';
import type { RequestState } from './request.ts';
import { warningBefore } from './warning.ts';

/**
 * The state after an event. The rows are nothing but the fold of the events with these three functions, and
 * `latchkey audit verify` proves it (invariant 7). `version` counts writes of the row, not events, and is left alone.
 */
export function evolveRequest(state: RequestState | undefined, event: DomainEvent): RequestState | undefined {
  if (event.type === 'RequestOpened') return { ...event.request, version: 0 };
  if (!state || !('requestId' in event) || event.requestId !== state.id) return state;
  const decided = { decidedAt: event.at, decidedBy: event.actor };
  switch (event.type) {
    case 'VoteCast':
      return { ...state, votes: [...state.votes, event.vote] };
    case 'ApproversAskedDirectly': {
      const { channel: _, ...without } = state;
      return without;
    }
    case 'StepOpened':
      return { ...state, waiting: { step: event.step, since: event.at } };
    case 'StepReminded':
      return { ...state, waiting: { step: event.step, since: event.openedAt, remindedAt: event.at } };
    case 'StepEscalated': {
      const { step, to, at, openedAt } = event;
      return {
        ...state,
        waiting: { step, since: openedAt, remindedAt: at },
        escalations: [...(state.escalations ?? []), { step, to, at, openedAt }],
      };
    }
    case 'ReviewClosed':
      return state.emergency ? { ...state, emergency: { ...state.emergency, review: event.review } } : state;
    case 'ReviewOverdue':
      return state.emergency ? { ...state, emergency: { ...state.emergency, overdueAt: event.at } } : state;
    case 'RequestApproved':
      return { ...state, ...decided, status: 'approved', grantId: event.grant.id };
    case 'GrantExtended':
      return { ...state, ...decided, status: 'approved', grantId: event.grantId };
    case 'ActionApproved':
      return withAction({ ...state, ...decided, status: 'approved' }, { usableUntil: event.usableUntil });
    case 'ActionUsed':
      return withAction(state, { usedAt: event.at });
    case 'ActionUnused':
      return withAction(state, { unusedAt: event.at });
    case 'RequestDenied':
      return {
        ...state,
        ...decided,
        status: 'denied',
        ...(event.reason === undefined ? {} : { decisionReason: event.reason }),
      };
    case 'RequestCancelled':
      return { ...state, ...decided, status: 'cancelled' };
    case 'RequestLapsed':
      return { ...state, status: 'lapsed', decidedAt: event.at };
    default:
      return state;
  }
}

const withAction = (state: RequestState, change: Partial<ActionAsked>): RequestState =>
  state.action ? { ...state, action: { ...state.action, ...change } } : state;

export function evolveGrant(state: GrantState | undefined, event: DomainEvent): GrantState | undefined {
  if (event.type === 'RequestApproved') return { ...event.grant, version: 0 };
  if (!state || !('grantId' in event) || event.grantId !== state.id) return state;
  switch (event.type) {
    case 'EntitlementGiven':
      return withHold(state, event.entitlement.key, (hold) => ({
        ...hold,
        status: 'given',
        seenAt: event.at,
        ...(event.standing ? { standing: true } : {}),
      }));
    case 'GrantActivated':
      return armed(
        counted({ ...state, status: 'active', activatedAt: event.at }, event.at),
        between(state.approvedAt, state.endsAt),
        event.at,
      );
    case 'GrantExtended':
      return armed(
        counted({ ...state, endsAt: event.endsAt, extensions: (state.extensions ?? 0) + 1 }, event.at),
        between(state.endsAt, event.endsAt),
        event.at,
      );
    case 'GrantWarned':
      return unarmed(state);
    case 'GrantEnding':
      return {
        ...unarmed(state),
        status: 'revoking',
        endingAt: event.at,
        endReason: event.reason,
        endedBy: event.actor,
        ...(event.failure === undefined ? {} : { failure: event.failure }),
        ...(state.idle && event.unusedSince !== undefined
          ? { idle: { ...state.idle, unusedSince: event.unusedSince } }
          : {}),
      };
    case 'EntitlementTaken':
      return withHold(state, event.key, (hold) => ({ ...hold, status: 'taken', seenAt: event.at }));
    case 'EntitlementKept':
      return withHold(state, event.key, (hold) => ({
        ...hold,
        status: 'kept',
        seenAt: event.at,
        keptBecause: event.because,
      }));
    case 'GrantEnded':
      return { ...state, status: 'ended', endedAt: event.at };
    case 'EffectFailed': {
      const { key, unsettledUntil } = event;
      if (key === undefined || unsettledUntil === undefined) return state;
      return withHold(state, key, (hold) => ({ ...hold, unsettledUntil }));
    }
    default:
      return state;
  }
}

export function evolveEntitlement(
  state: EntitlementState | undefined,
  event: DomainEvent,
): EntitlementState | undefined {
  if (event.type === 'EntitlementBaselined') {
    const { workspace, key, target, standing } = event;
    return { workspace, key, target, status: standing ? 'standing' : 'ours', version: state?.version ?? 0 };
  }
  if (!state || !('key' in event) || event.key !== state.key) return state;
  if (event.type === 'EntitlementTaken') return { ...state, status: 'unheld' };
  // Kept as standing: no grant holds it any more. Kept for another grant: nothing changes.
  if (event.type === 'EntitlementKept' && event.because === 'standing') return { ...state, status: 'unheld' };
  return state;
}

/** With the warning before its end, counted by how much time was given. One that would be late already is left out. */
function armed(state: GrantState, given: Milliseconds, now: Instant): GrantState {
  const warnAt = warningBefore(state.endsAt, given);
  return warnAt > now ? { ...state, warnAt } : unarmed(state);
}

/** Whether it is used is asked from now on: who was just given it, or asked to keep it longer, needs it. */
const counted = (state: GrantState, since: Instant): GrantState =>
  state.idle ? { ...state, idle: { ...state.idle, since } } : state;

function unarmed({ warnAt: _, ...state }: GrantState): GrantState {
  return state;
}

export function evolveDelegation(state: DelegationState | undefined, event: DomainEvent): DelegationState | undefined {
  if (event.type === 'DelegationSet') {
    const { workspace, delegator, delegate, at: since, until } = event;
    return { workspace, delegator, delegate, since, until, version: state?.version ?? 0 };
  }
  if (!state || event.type !== 'DelegationEnded' || event.delegator !== state.delegator.email) return state;
  return { ...state, endedAt: event.at, endedBecause: event.because };
}

function withHold(state: GrantState, key: string, change: (hold: Hold) => Hold): GrantState {
  return { ...state, holds: state.holds.map((hold) => (hold.key === key ? change(hold) : hold)) };
}
