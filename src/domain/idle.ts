import type { Effect, EffectOf } from './effects.ts';
import type { GrantState } from './grant.ts';
import { between, type Instant, type Milliseconds, plus } from './instant.ts';

/** The shortest that a policy may say: people read, think and are on the phone in between. */
export const SHORTEST_IDLE_MS: Milliseconds = 10 * 60_000;
/** How often it is looked: a use that begins and ends in between may stay unseen where a target keeps no history. */
const LOOK_EVERY_MS: Milliseconds = 60_000;
/** Not looked for longer than this, nobody can say that it was not used meanwhile. */
const MOST_BLIND_MS: Milliseconds = 3 * LOOK_EVERY_MS;

/** What a target knows of the use of a permission. As lengths of time by its own clock, for ours may be another. */
export interface Use {
  /** How long ago the account last used it; 0: it is in use now. Absent: no use is known. */
  usedMsAgo?: Milliseconds;
  /** How far back a use would be known; 0: only this moment is seen. What was used and left before that is not told. */
  knownMs: Milliseconds;
}

/** What the looks so far came to. */
export type Watched = Pick<EffectOf<'watch'>, 'usedAt' | 'lookedAt'>;

/** NB. a policy that was tightened while somebody waited for an approval holds for what that gives (invariant 3). */
export function shorterIdle(one: Milliseconds | undefined, other: Milliseconds | undefined): Milliseconds | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  return Math.min(one, other);
}

/** Being given counts as use. */
export const firstLook = (grantId: string, now: Instant): Effect => ({
  kind: 'watch',
  grantId,
  usedAt: now,
  lookedAt: now,
});

/**
 * What a look at every target of a grant comes to: the last use that there may have been, and when it is looked next; or
 * that it has not been used for so long that it is over.
 *
 * NB. a wrong ending takes access away from somebody in the middle of their work, and a missing one leaves it until its end,
 * which was approved. So whatever may have been a use is one: the time in which nobody looked and no target remembers (we
 * stood still, a target did not answer, a clock was moved) counts as used.
 * @param askedAt before the targets were asked
 */
export function judgeUse(
  { idle, status, endsAt }: GrantState,
  past: Watched,
  told: readonly Use[],
  { askedAt, now }: { askedAt: Instant; now: Instant },
): { unusedSince: Instant } | (Watched & { nextAt: Instant }) {
  const seen = told.flatMap(({ usedMsAgo }) => (usedMsAgo === undefined ? [] : [plus(now, -Math.max(0, usedMsAgo))]));
  const blind = told.flatMap(({ knownMs }) => {
    // By the clock no time passed, or it ran back: how long it was really, nobody can say.
    if (askedAt < past.lookedAt) return [now];
    const knownFrom = plus(askedAt, -Math.max(0, Math.min(knownMs, between(past.lookedAt, askedAt))));
    return between(past.lookedAt, knownFrom) > MOST_BLIND_MS ? [knownFrom] : [];
  });
  const usedAt = [past.usedAt, idle?.since ?? past.usedAt, ...seen, ...blind].sort().at(-1) ?? past.usedAt;
  const afterMs = idle?.afterMs ?? Number.POSITIVE_INFINITY;
  if (status === 'active' && now < endsAt && between(usedAt, now) >= afterMs) return { unusedSince: usedAt };
  const left = Math.max(0, afterMs - between(usedAt, now));
  return { usedAt, lookedAt: askedAt, nextAt: plus(now, Math.min(LOOK_EVERY_MS, left || LOOK_EVERY_MS)) };
}
