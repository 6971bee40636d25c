import { announcements } from './announcements.ts';
import { approve } from './approve.ts';
import { about, type Decided, refuse } from './decision.ts';
import type { Effect } from './effects.ts';
import type { DomainEvent } from './events.ts';
import { type Instant, plus } from './instant.ts';
import { hasNudges } from './nudge.ts';
import type { PersonRef } from './person.ts';
import type { RequestState, Vote } from './request.ts';
import type { RequestFacts } from './request-facts.ts';
import { tellRequester } from './tell-requester.ts';

/** What a new request is made of; its standing, its clock and its votes begin here. */
export interface OpenRequest
  extends Pick<
    RequestState,
    | 'id'
    | 'workspace'
    | 'access'
    | 'title'
    | 'requester'
    | 'durationMs'
    | 'reason'
    | 'fields'
    | 'flow'
    | 'entitlements'
    | 'channel'
    | 'idleAfterMs'
    | 'extension'
    | 'emergency'
    | 'action'
  > {
  /** Who asks, when it is not the requester in Slack. */
  actor?: string;
}

/** Opens a request that the policies allow; an automatic flow approves it in the same breath, as a recorded vote. */
export function decideOpen({ actor, ...command }: OpenRequest, facts: RequestFacts): Decided {
  const { now } = facts;
  const request: Omit<RequestState, 'version'> = {
    ...command,
    status: 'pending',
    policy: facts.policy,
    openedAt: now,
    lapsesAt: lapseOf(command, facts),
    votes: [],
    ...(hasNudges(command.flow) ? { waiting: { step: 0, since: now } } : {}),
  };
  const base = { at: now, workspace: command.workspace };
  const events: DomainEvent[] = [{ ...base, type: 'RequestOpened', actor: actor ?? command.requester.email, request }];
  const effects: Effect[] = announcements(command, facts, 0);
  if (command.flow.autoApprove) {
    const voter = `policy:${command.access}/${command.flow.name}`;
    const vote: Vote = { voter, verdict: 'approve', step: 0, at: now };
    events.push({
      ...base,
      type: 'VoteCast',
      actor: voter,
      requestId: command.id,
      access: command.access,
      vote,
      policy: facts.policy,
    });
    const approved = approve({ ...request, version: 0 }, voter, facts);
    events.push(...approved.events);
    effects.push(...approved.effects);
  }
  return { ok: true, events, effects };
}

/** Whoever asked takes the request back: a person, or a caller by its name. */
export function decideCancel(request: RequestState, by: Pick<PersonRef, 'email'>, now: Instant): Decided {
  if (by.email !== request.requester.email) {
    if (request.action) {
      return refuse('not-your-request', 'Only the caller that asked can withdraw a request; approvers deny it.');
    }
    return refuse('not-your-grant', 'Only the person who asked can withdraw a request; approvers deny it.');
  }
  const closed = refuseUnlessPending(request, now);
  if (closed) return closed;
  const base = about(request, now, by.email);
  return {
    ok: true,
    events: [{ ...base, type: 'RequestCancelled' }],
    effects: [
      { kind: 'refresh', requestId: request.id },
      { kind: 'story', requestId: request.id, beat: 'cancelled' },
    ],
  };
}

/** Nobody answered in time. Nothing happens when it is not due or not pending any more, so it can be tried freely. */
export function decideLapse(request: RequestState, now: Instant): Decided {
  if (request.status !== 'pending' || now < request.lapsesAt) return { ok: true, events: [], effects: [] };
  const base = about(request, now, 'latchkey');
  return {
    ok: true,
    events: [{ ...base, type: 'RequestLapsed' }],
    effects: [
      { kind: 'refresh', requestId: request.id },
      { kind: 'story', requestId: request.id, beat: 'lapsed' },
      ...tellRequester(request, 'lapsed'),
    ],
  };
}

/** An extension is worth nothing once its access is over, however long its flow would wait. */
function lapseOf({ flow, extension }: OpenRequest, { now, grant }: RequestFacts): Instant {
  const lapse = plus(now, flow.timeoutMs);
  return extension && grant && grant.endsAt < lapse ? grant.endsAt : lapse;
}

export function refuseUnlessPending(request: RequestState, now: Instant) {
  if (request.status === 'lapsed' || (request.status === 'pending' && now >= request.lapsesAt)) {
    const anew = request.action ? 'Its caller can ask again.' : 'It can be asked again.';
    return refuse('request-lapsed', `Nobody answered in time, so this request has lapsed. ${anew}`);
  }
  if (request.status !== 'pending') {
    const by = request.decidedBy ? ` by ${request.decidedBy}` : '';
    return refuse('already-decided', `This request was already ${request.status}${by}.`);
  }
  return undefined;
}
