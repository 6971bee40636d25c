import { type Decided, type Outcome, refuse } from './decision.ts';
import type { Effect } from './effects.ts';
import type { DomainEvent } from './events.ts';
import type { EndReason, GrantState, Hold } from './grant.ts';
import { firstLook } from './idle.ts';
import type { Instant } from './instant.ts';
import type { PersonRef } from './person.ts';

const NOTHING: Outcome = { events: [], effects: [] };

const about = (grant: GrantState, now: Instant, actor = 'latchkey') => ({
  at: now,
  workspace: grant.workspace,
  actor,
  grantId: grant.id,
  access: grant.access,
});

/** Before the first change at a target: was the permission there already, so that it is not ours to take? */
export function decideBaseline(grant: GrantState, hold: Hold, standing: boolean, now: Instant): Outcome {
  return {
    events: [{ ...about(grant, now), type: 'EntitlementBaselined', key: hold.key, target: hold.target, standing }],
    effects: [],
  };
}

/**
 * One entitlement was read back at the target and is there. With the last one the grant is active, and only now may
 * anybody be told (invariant 6). A grant that began to end meanwhile records nothing: its revocation looks for itself.
 */
export function decideGiven(grant: GrantState, hold: Hold, standing: boolean, now: Instant): Outcome {
  if (grant.status !== 'provisioning' || hold.status !== 'pending') return NOTHING;
  const { key, target, system, provider, permission, account, label } = hold;
  const entitlement = { key, target, system, provider, permission, account, label };
  const events: DomainEvent[] = [{ ...about(grant, now), type: 'EntitlementGiven', entitlement, standing }];
  const effects: Effect[] = [];
  if (grant.holds.every((other) => other.key === key || other.status === 'given')) {
    const { requestId, approvedAt } = grant;
    events.push({ ...about(grant, now), type: 'GrantActivated', requestId, approvedAt });
    effects.push(
      { kind: 'refresh', requestId },
      { kind: 'story', requestId, beat: 'active' },
      { kind: 'tell-requester', requestId, news: 'active' },
      ...(grant.idle ? [firstLook(grant.id, now)] : []),
    );
  }
  return { events, effects };
}

/** The end time has come. Nothing happens before it, or when the grant is ending already. */
export function decideExpire(grant: GrantState, now: Instant): Outcome {
  if (now < grant.endsAt) return NOTHING;
  if (grant.status === 'active') return ending(grant, 'expired', now, 'latchkey');
  if (grant.status === 'provisioning') {
    const failure = 'The targets did not give it before its time was over.';
    return ending(grant, 'failed', now, 'latchkey', { failure });
  }
  return NOTHING;
}

/** The end is near: its holder is told, once for each end that it gets. Nothing happens when it is not time for it. */
export function decideWarn(grant: GrantState, now: Instant): Outcome {
  if (grant.status !== 'active' || grant.warnAt === undefined || now < grant.warnAt || now >= grant.endsAt) {
    return NOTHING;
  }
  const { requestId, endsAt } = grant;
  return {
    events: [{ ...about(grant, now), type: 'GrantWarned', endsAt }],
    effects: [{ kind: 'tell-requester', requestId, news: 'ending' }],
  };
}

/** The person who holds it gives it back early. */
export function decideRelease(grant: GrantState, by: PersonRef, now: Instant): Decided {
  // By either: the person may have a new e-mail in the directory since.
  if (by.email !== grant.person.email && by.slack !== grant.person.slack) {
    return refuse('not-your-grant', 'Only the person who holds an access can end it early.');
  }
  if (grant.status === 'revoking' || grant.status === 'ended') {
    return refuse(
      'already-ending',
      `Your ${grant.access} is already ${grant.status === 'ended' ? 'over' : 'being taken away'}.`,
    );
  }
  return { ok: true, ...ending(grant, 'released', now, by.email) };
}

/** Giving it cannot go on: a target refused for good (`failed`), or the current policies no longer allow it (`policy`). */
export function decideFailure(grant: GrantState, reason: 'failed' | 'policy', failure: string, now: Instant): Outcome {
  if (grant.status !== 'provisioning') return NOTHING;
  return ending(grant, reason, now, 'latchkey', { failure });
}

/** How one entitlement of an ending grant came to its end. */
export type HoldEnd = 'taken' | 'kept-for-other-grant' | 'kept-standing';

/** One entitlement is done with; with the last one the grant has ended (invariants 5 and 6). */
export function decideHoldEnd(grant: GrantState, hold: Hold, end: HoldEnd, now: Instant): Outcome {
  if (grant.status !== 'revoking' || isOver(hold)) return NOTHING;
  const { key, target } = hold;
  const events: DomainEvent[] = [
    end === 'taken'
      ? { ...about(grant, now), type: 'EntitlementTaken', key, target }
      : {
          ...about(grant, now),
          type: 'EntitlementKept',
          key,
          target,
          because: end === 'kept-standing' ? 'standing' : 'other-grant',
        },
  ];
  const effects: Effect[] = [];
  if (grant.holds.every((other) => other.key === key || isOver(other))) {
    const { requestId, endReason, endingAt } = grant;
    const reason = endReason ?? 'expired';
    // Lateness counts from when it had to be over: the end time, or the moment somebody ended it earlier. One that was
    // released or given up only after its end time is as late as if nobody had.
    const dueAt = endingAt !== undefined && endingAt < grant.endsAt ? endingAt : grant.endsAt;
    events.push({ ...about(grant, now), type: 'GrantEnded', requestId, reason, dueAt });
    effects.push({ kind: 'refresh', requestId }, { kind: 'story', requestId, beat: 'ended' });
    if (reason !== 'failed' && reason !== 'policy') effects.push({ kind: 'tell-requester', requestId, news: 'ended' });
  }
  return { events, effects };
}

const isOver = (hold: Hold): boolean => hold.status === 'taken' || hold.status === 'kept';

/** Nobody used it for so long: it is over before its time. */
export const decideUnused = (grant: GrantState, unusedSince: Instant, now: Instant): Outcome =>
  ending(grant, 'idle', now, 'latchkey', { unusedSince });

function ending(
  grant: GrantState,
  reason: EndReason,
  now: Instant,
  actor: string,
  why: { failure?: string; unusedSince?: Instant } = {},
): Outcome {
  const { requestId } = grant;
  const failed = reason === 'failed' || reason === 'policy';
  return {
    events: [
      {
        ...about(grant, now, actor),
        type: 'GrantEnding',
        requestId,
        reason,
        ...why,
      },
    ],
    effects: [
      ...grant.holds.map((hold): Effect => ({ kind: 'revoke', grantId: grant.id, key: hold.key })),
      { kind: 'refresh', requestId },
      ...(failed
        ? ([
            { kind: 'story', requestId, beat: 'failed' },
            { kind: 'tell-requester', requestId, news: 'failed' },
          ] satisfies Effect[])
        : []),
    ],
  };
}
