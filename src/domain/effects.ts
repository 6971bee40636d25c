import type { Instant } from './instant.ts';
import type { PersonRef } from './person.ts';

/** Where a message goes: a channel (name or id) or a person's direct messages (Slack id). */
export type Place = { channel: string } | { person: string };

/** One line of a request's story, posted as a thread reply under every copy of the approver message. */
export type StoryBeat =
  | 'vote'
  | 'reminder'
  | 'escalated'
  | 'cancelled'
  | 'lapsed'
  | 'active'
  | 'extended'
  | 'failed'
  | 'ended'
  | 'reviewed'
  | 'review-overdue'
  /** An action's approval was used, or can be used no more. */
  | 'used'
  | 'unused'
  | 'late';

/** What a direct message to the requester is about. */
export type News = 'denied' | 'lapsed' | 'active' | 'extended' | 'ending' | 'reviewed' | 'failed' | 'ended';

/** `handed` and `returned` are for whose votes they are, `received` and `over` for whoever votes for them. */
export type DelegationNews = 'handed' | 'received' | 'over' | 'returned';

/** One piece of outside work, written down in the outbox before it is done (invariant 8). */
export type Effect =
  /** Ask the approvers: post the approver message at a place. */
  | { kind: 'announce'; requestId: string; place: Place }
  /** Rebuild every copy of the request's messages from the database. */
  | { kind: 'refresh'; requestId: string }
  /**
   * Reply in the thread of every copy, or of the one that `posting` names. `voter` names the vote of a `vote` beat,
   * `failure` the trouble of a `late` one, `step` the step of a `reminder` or `escalated` one.
   */
  | {
      kind: 'story';
      requestId: string;
      beat: StoryBeat;
      voter?: string;
      failure?: string;
      step?: number;
      posting?: string;
    }
  /** Tell the audit channel that a revocation keeps failing. */
  | { kind: 'alarm'; requestId: string; failure: string }
  | { kind: 'tell-requester'; requestId: string; news: News }
  /** Tells one of the two people of a delegation, `to` by their Slack id. */
  | {
      kind: 'tell-delegation';
      news: DelegationNews;
      to: string;
      delegator: PersonRef;
      delegate: PersonRef;
      until: Instant;
    }
  | { kind: 'provision'; grantId: string; key: string }
  | { kind: 'revoke'; grantId: string; key: string }
  /**
   * See whether a grant is still used. It comes round until the grant is over, and carries what the looks so far came to:
   * the last use that is known, and when it was looked last.
   */
  | { kind: 'watch'; grantId: string; usedAt: Instant; lookedAt: Instant }
  /** The daily digest for a local date `YYYY-MM-DD`, over events from `from` up to `to`. */
  | { kind: 'digest'; date: string; from: Instant; to: Instant };

export type EffectKind = Effect['kind'];

export type EffectOf<Kind extends EffectKind> = Extract<Effect, { kind: Kind }>;

/**
 * Target work, Slack work and looking whether what was given is used are worked off separately: a rate limit at Slack never
 * delays a revocation, and neither do many looks at a target that is down.
 */
export const LANES = ['slack', 'target', 'watch'] as const;
export type Lane = (typeof LANES)[number];

export function laneOf({ kind }: Effect): Lane {
  if (kind === 'watch') return 'watch';
  return kind === 'provision' || kind === 'revoke' ? 'target' : 'slack';
}

/** Effects of one order are done one at a time, oldest first: per entitlement at targets, per request in Slack. */
export function orderOf(effect: Effect): string {
  switch (effect.kind) {
    case 'provision':
    case 'revoke':
      return `entitlement:${effect.key}`;
    case 'watch':
      return `watch:${effect.grantId}`;
    case 'digest':
      return 'digest';
    // Its own order: a channel that cannot be posted to must not keep the outcome from the person who asked.
    case 'tell-requester':
      return `requester:${effect.requestId}`;
    case 'tell-delegation':
      return `person:${effect.to}`;
    case 'alarm':
      return `alarm:${effect.requestId}`;
    default:
      return `request:${effect.requestId}`;
  }
}
