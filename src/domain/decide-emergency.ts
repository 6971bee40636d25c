import { decideOpen, type OpenRequest } from './decide-request.ts';
import { type Decided, type Outcome, refuse } from './decision.ts';
import { formatDuration } from './duration.ts';
import type { Emergency, EmergencyQuota, ReviewVerdict } from './emergency.ts';
import { type Instant, plus } from './instant.ts';
import type { PersonRef } from './person.ts';
import type { RequestState } from './request.ts';
import type { RequestFacts } from './request-facts.ts';

/** An emergency of the past, for the quota. */
export interface PastEmergency {
  number: number;
  /** Absent: somebody broke its row, and nobody knows. */
  openedAt?: Instant;
}

/**
 * Why the quota allows no emergency now, with when it does; undefined: it does. `past`: newest first. NB. one of which nobody
 * knows when it was counts as one of just now.
 */
export function quotaRefusal(
  access: string,
  past: readonly PastEmergency[],
  quota: EmergencyQuota | undefined,
  now: Instant,
): (Decided & { ok: false }) | undefined {
  const oldest = quota && past[quota.times - 1];
  if (!quota || !oldest) return undefined;
  if (oldest.openedAt === undefined) {
    return refuse(
      'quota-unknown',
      `An earlier emergency of yours for ${access} cannot be read, so nobody knows whether you have one left until it is mended. Ask for it with /access ${access} instead.`,
    );
  }
  const free = plus(oldest.openedAt, quota.perMs);
  if (free <= now) return undefined;
  const times = `${quota.times} ${quota.times === 1 ? 'emergency' : 'emergencies'} in ${formatDuration(quota.perMs)}`;
  return refuse(
    'quota-used',
    `You have used your ${times} for ${access}: the next one is possible from ${free}. Ask for it with /access ${access} instead.`,
  );
}

/** Gives at once, by the recorded vote of the policy, and opens the review. The quota was asked before. */
export function decideEmergency(
  command: OpenRequest & { emergency: Emergency },
  facts: RequestFacts,
): Decided & { ok: true } {
  const opened = decideOpen(command, facts);
  if (!opened.ok) throw new Error('an emergency that the policies allow can be opened');
  const { id: requestId, workspace, access, emergency, requester } = command;
  const { number, reviewBy } = emergency;
  opened.events.push({
    type: 'EmergencyTaken',
    at: facts.now,
    workspace,
    actor: command.actor ?? requester.email,
    requestId,
    access,
    person: requester,
    number,
    reviewBy,
    policy: facts.policy,
  });
  return opened;
}

export interface CloseReview {
  by: PersonRef;
  verdict: ReviewVerdict;
  note: string;
}

/** Somebody who could have approved it looked at it. Once; and never the person themselves. */
export function decideReview(request: RequestState, { by, verdict, note }: CloseReview, facts: RequestFacts): Decided {
  const { emergency, requester } = request;
  if (!emergency) return refuse('not-reviewable', 'This was no emergency, so there is nothing to review.');
  // NB. by directory identity and by Slack id, as when voting: nobody judges their own emergency.
  if (by.email === requester.email || by.slack === requester.slack) {
    return refuse('own-request', 'This was your own emergency: somebody else reviews it.');
  }
  if (emergency.review) {
    return refuse('already-reviewed', `${emergency.review.by.email} has reviewed this already.`);
  }
  if (!facts.eligible(by.email, { approvers: emergency.reviewers, need: 1 })) {
    return refuse(
      'not-an-approver',
      `Those who approve ${request.access} review its emergencies, and you are not among them.`,
    );
  }
  const { id: requestId, workspace, access } = request;
  return {
    ok: true,
    events: [
      {
        type: 'ReviewClosed',
        at: facts.now,
        workspace,
        actor: by.email,
        requestId,
        access,
        review: { verdict, note, by, at: facts.now },
      },
    ],
    effects: [
      { kind: 'refresh', requestId },
      { kind: 'story', requestId, beat: 'reviewed' },
      { kind: 'tell-requester', requestId, news: 'reviewed' },
    ],
  };
}

/** The review is late: said once, and from then on every day in the digest. Nothing happens when it is not. */
export function decideReviewOverdue({ emergency, ...request }: RequestState, now: Instant): Outcome {
  if (!emergency || emergency.review || emergency.overdueAt !== undefined || now < emergency.reviewBy) {
    return { events: [], effects: [] };
  }
  const { id: requestId, workspace, access } = request;
  return {
    events: [
      {
        type: 'ReviewOverdue',
        at: now,
        workspace,
        actor: 'latchkey',
        requestId,
        access,
        reviewBy: emergency.reviewBy,
      },
    ],
    effects: [
      { kind: 'refresh', requestId },
      { kind: 'story', requestId, beat: 'review-overdue' },
    ],
  };
}
