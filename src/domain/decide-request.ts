import { type Decided, refuse } from './decision.ts';
import { approvals, asCast, type DelegationState, inForce, mayFill } from './delegation.ts';
import type { Effect, Place } from './effects.ts';
import type { Emergency } from './emergency.ts';
import type { EntitlementRef } from './entitlement.ts';
import type { DomainEvent } from './events.ts';
import type { GrantState } from './grant.ts';
import { shorterIdle } from './idle.ts';
import { type Instant, type Milliseconds, plus } from './instant.ts';
import { currentFlowNow, flowNow, hasNudges, stepOpened } from './nudge.ts';
import type { PersonRef } from './person.ts';
import { type Principal, principalText } from './principal.ts';
import type { Refusal } from './refusal.ts';
import type { Extension, Flow, PolicyRevision, RequestState, Verdict, Vote } from './request.ts';
import { type Eligible, emptySeats, tally } from './tally.ts';

/** What the current policies say of a request that was opened earlier. */
export type CurrentRule =
  | { ok: true; flow: Flow; entitlements: readonly EntitlementRef[]; idleAfterMs?: Milliseconds }
  | { ok: false; refusal: Refusal };

/** What a decision about a request is given beside the request: the facts of now. */
export interface RequestFacts {
  now: Instant;
  eligible: Eligible;
  current: CurrentRule;
  policy: PolicyRevision;
  /** The grant that an extension is about, as it was read in this transaction. */
  grant?: GrantState;
  /** Where those are asked, besides, to whom these people handed their votes. */
  placesForDelegates?(step: number, joining?: readonly Principal[]): readonly Place[];
  /** Delegations in force, the voter's among them, where the request allows any. */
  delegations?: readonly DelegationState[];
  /** The id for the grant, should this decision make one. */
  grantId: string;
  /**
   * Where the approvers of a step are asked one by one. With `joining`: only those among them who have not been asked, as
   * they are not the step's approvers yet.
   */
  placesFor(step: number, joining?: readonly Principal[]): readonly Place[];
}

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

export interface CastVote {
  voter: PersonRef;
  verdict: Verdict;
  reason?: string;
}

/** One person's vote, checked in the order a person would want to be told what is wrong. */
export function decideVote(request: RequestState, command: CastVote, facts: RequestFacts): Decided {
  const closed = refuseUnlessPending(request, facts.now);
  if (closed) return closed;
  const { voter, verdict } = command;
  const over = refuseUnlessRuns(request, facts);
  if (over) return over;
  // NB. compared by directory identity and by Slack id: one person with two entries must not approve themselves.
  if (voter.email === request.requester.email || voter.slack === request.requester.slack) {
    return refuse(
      'own-request',
      'This is your own request: nobody approves for themselves. To withdraw it, use `/access revoke`.',
    );
  }
  if (request.votes.some((vote) => vote.voter === voter.email || vote.slack === voter.slack)) {
    return refuse('already-voted', 'Your vote is already recorded: one person fills one seat in a request.');
  }
  const represented = request.votes.find((vote) => vote.onBehalfOf === voter.email);
  if (represented) {
    const sentence = `${represented.voter} has voted for you: one person fills one seat in a request.`;
    return refuse('already-voted', sentence);
  }

  const before = tally(flowNow(request), request.votes, facts.eligible);
  const own = seatFor(request, { voter: voter.email }, before.open, facts);
  const delegator = own.ok ? undefined : representable(request, voter, before.open, facts);
  if (!own.ok && delegator === undefined) return own;
  if (verdict === 'approve' && !facts.current.ok) {
    const { sentence, rule } = facts.current.refusal;
    return refuse('policy-changed', `This was possible when it was asked for, and is refused now: ${sentence}`, rule);
  }

  const vote: Vote = {
    voter: voter.email,
    slack: voter.slack,
    ...(delegator === undefined ? {} : { onBehalfOf: delegator }),
    verdict,
    step: before.open,
    ...(command.reason === undefined ? {} : { reason: command.reason }),
    at: facts.now,
  };
  const base = {
    at: facts.now,
    workspace: request.workspace,
    actor: voter.email,
    requestId: request.id,
    access: request.access,
  };
  const events: DomainEvent[] = [{ ...base, type: 'VoteCast', vote, policy: facts.policy }];
  const effects: Effect[] = [
    { kind: 'refresh', requestId: request.id },
    { kind: 'story', requestId: request.id, beat: 'vote', voter: voter.email },
  ];
  if (verdict === 'deny') {
    events.push({
      ...base,
      type: 'RequestDenied',
      openedAt: request.openedAt,
      ...(command.reason === undefined ? {} : { reason: command.reason }),
    });
    effects.push({ kind: 'tell-requester', requestId: request.id, news: 'denied' });
    return { ok: true, events, effects };
  }

  const votes = [...request.votes, vote];
  const after = tally(flowNow(request), votes, facts.eligible);
  if (after.filled && currentlyAllowed(request, votes, facts).ok) {
    const approved = approve(request, voter.email, facts);
    events.push(...approved.events);
    effects.push(...approved.effects);
  } else {
    events.push(...stepOpened(request, after.open, facts.now));
    if (after.open > before.open && after.open < after.steps.length) {
      effects.push(...announcements(request, facts, after.open));
    }
  }
  return { ok: true, events, effects };
}

/** The requester takes the request back. */
export function decideCancel(request: RequestState, by: PersonRef, now: Instant): Decided {
  if (by.email !== request.requester.email) {
    return refuse('not-your-grant', 'Only the person who asked can withdraw a request; approvers deny it.');
  }
  const closed = refuseUnlessPending(request, now);
  if (closed) return closed;
  const base = {
    at: now,
    workspace: request.workspace,
    actor: by.email,
    requestId: request.id,
    access: request.access,
  };
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
  const base = {
    at: now,
    workspace: request.workspace,
    actor: 'latchkey',
    requestId: request.id,
    access: request.access,
  };
  return {
    ok: true,
    events: [{ ...base, type: 'RequestLapsed' }],
    effects: [
      { kind: 'refresh', requestId: request.id },
      { kind: 'story', requestId: request.id, beat: 'lapsed' },
      { kind: 'tell-requester', requestId: request.id, news: 'lapsed' },
    ],
  };
}

/**
 * Do both the flow the request was opened under and the current policies allow giving it, with the votes there are
 * (Meaning 9)? Asked at the last vote and again right before anything is given.
 */
export function currentlyAllowed(
  request: RequestState,
  votes: readonly Vote[],
  facts: Pick<RequestFacts, 'now' | 'eligible' | 'current'>,
): { ok: true } | { ok: false; refusal: Refusal } {
  const { current } = facts;
  if (!current.ok) return current;
  // NB. an access redefined meanwhile must not give what the current policy no longer lists.
  const listed = new Set(current.entitlements.map((entitlement) => entitlement.key));
  const unlisted = request.entitlements.find((entitlement) => !listed.has(entitlement.key));
  if (unlisted) {
    return refuse('policy-changed', `${request.access} no longer gives ${unlisted.label} at ${unlisted.target}.`);
  }
  if (!tally(flowNow(request), votes, facts.eligible).filled) {
    return refuse('policy-changed', 'Somebody who approved may not approve this any more, so a seat is empty again.');
  }
  const counted = approvals(votes);
  const voters = counted.map(({ voter }) => voter);
  const flow = currentFlowNow(current.flow, request.escalations, facts.now);
  const missing = emptySeats(flow, voters, asCast(counted, facts.eligible));
  if (missing > 0) {
    return refuse(
      'policy-changed',
      `The current policies ask for ${missing} more ${missing === 1 ? 'approval' : 'approvals'}.`,
    );
  }
  return { ok: true };
}

/** An extension is worth nothing once its access is over, however long its flow would wait. */
function lapseOf({ flow, extension }: OpenRequest, { now, grant }: RequestFacts): Instant {
  const lapse = plus(now, flow.timeoutMs);
  return extension && grant && grant.endsAt < lapse ? grant.endsAt : lapse;
}

/** NB. an approval that comes after the end must not raise an access that is over, whether or not the tick came by. */
function refuseUnlessRuns({ extension, access }: RequestState, { grant, now }: RequestFacts) {
  if (!extension || (grant?.id === extension.grantId && grant.status === 'active' && now < grant.endsAt))
    return undefined;
  return refuse('already-ending', `This ${access} is over or ending, so there is nothing left to extend.`);
}

function refuseUnlessPending(request: RequestState, now: Instant) {
  if (request.status === 'lapsed' || (request.status === 'pending' && now >= request.lapsesAt)) {
    return refuse('request-lapsed', 'Nobody answered in time, so this request has lapsed. It can be asked again.');
  }
  if (request.status !== 'pending') {
    const by = request.decidedBy ? ` by ${request.decidedBy}` : '';
    return refuse('already-decided', `This request was already ${request.status}${by}.`);
  }
  return undefined;
}

/** May this person vote now? In the open step; or, when only a tightened policy is unmet, if they help to meet it. */
function seatFor(request: RequestState, cast: Pick<Vote, 'voter' | 'onBehalfOf'>, open: number, facts: RequestFacts) {
  const { steps } = flowNow(request);
  const step = steps[open];
  if (!step) {
    const counted = approvals(request.votes);
    const voters = counted.map(({ voter }) => voter);
    const eligible = asCast([...counted, { ...cast, verdict: 'approve', step: open, at: facts.now }], facts.eligible);
    const { current } = facts;
    if (current.ok) {
      const flow = currentFlowNow(current.flow, request.escalations, facts.now);
      const empty = emptySeats(flow, voters, eligible);
      const helps = emptySeats(flow, [...voters, cast.voter], eligible) < empty;
      // Nothing is missing any more, as the policies were relaxed again: any of their approvers may say the last word.
      const relaxed = empty === 0 && flow.steps.some((one) => mayFill(cast, one, facts.eligible));
      if (helps || relaxed) return { ok: true } as const;
    }
    return refuse('not-an-approver', 'You are not among the people whose approval is still missing.');
  }
  if (mayFill(cast, step, facts.eligible)) return { ok: true } as const;
  const who = step.approvers.map(principalText).join(', ');
  const rule = `${request.access}: flow ${request.flow.name}, step ${open + 1}`;
  if (steps.slice(open + 1).some((later) => mayFill(cast, later, facts.eligible))) {
    return refuse('step-not-open', `Step ${open + 1} (${who}) comes first; your step opens after it.`, rule);
  }
  return refuse('not-an-approver', `Step ${open + 1} is open to ${who}, and you are not among them.`, rule);
}

/**
 * For whom may this person vote now, if not for themselves? The first who handed them their votes, may vote here, and has
 * not. NB. the requester is nobody's delegator here: who asks must not approve through somebody else (invariant 2).
 */
function representable(request: RequestState, voter: PersonRef, open: number, facts: RequestFacts): string | undefined {
  const { requester, votes } = request;
  return (facts.delegations ?? [])
    .filter((delegation) => {
      const { delegate, delegator } = delegation;
      if (delegate.email !== voter.email || !inForce(delegation, facts.now)) return false;
      return delegator.email !== requester.email && delegator.slack !== requester.slack;
    })
    .map(({ delegator }) => delegator.email)
    .find(
      (email) =>
        !votes.some((vote) => vote.voter === email || vote.onBehalfOf === email) &&
        seatFor(request, { voter: voter.email, onBehalfOf: email }, open, facts).ok,
    );
}

function approve(request: RequestState, by: string, facts: RequestFacts): { events: DomainEvent[]; effects: Effect[] } {
  if (request.extension) return extend(request, request.extension, by, facts);
  const { current } = facts;
  const afterMs = shorterIdle(request.idleAfterMs, current.ok ? current.idleAfterMs : undefined);
  const grant: Omit<GrantState, 'version'> = {
    id: facts.grantId,
    workspace: request.workspace,
    requestId: request.id,
    access: request.access,
    person: request.requester,
    status: 'provisioning',
    holds: request.entitlements.map((entitlement) => ({ ...entitlement, status: 'pending' })),
    approvedAt: facts.now,
    // Invariant 4: the end is committed with the approval, before any effect can give anything.
    endsAt: plus(facts.now, request.durationMs),
    ...(afterMs === undefined ? {} : { idle: { afterMs } }),
  };
  return {
    events: [
      {
        type: 'RequestApproved',
        at: facts.now,
        workspace: request.workspace,
        actor: by,
        requestId: request.id,
        access: request.access,
        openedAt: request.openedAt,
        grant,
        policy: facts.policy,
      },
    ],
    effects: grant.holds.map((hold): Effect => ({ kind: 'provision', grantId: grant.id, key: hold.key })),
  };
}

/** Invariant 4: the new end is committed with the approval. What was given stays as it is, so nothing else happens. */
function extend(
  { id: requestId, workspace, access, openedAt }: RequestState,
  { grantId, until }: Extension,
  by: string,
  { now, policy, grant }: RequestFacts,
): { events: DomainEvent[]; effects: Effect[] } {
  if (!grant) throw new Error(`the grant of extension ${requestId} was not read`);
  return {
    events: [
      {
        type: 'GrantExtended',
        at: now,
        workspace,
        actor: by,
        requestId,
        grantId,
        access,
        openedAt,
        endsAt: until,
        policy,
      },
    ],
    effects: [
      { kind: 'refresh', requestId: grant.requestId },
      { kind: 'story', requestId: grant.requestId, beat: 'extended' },
      { kind: 'tell-requester', requestId, news: 'extended' },
    ],
  };
}

function announcements(
  request: { id: string; channel?: string; emergency?: Emergency },
  facts: RequestFacts,
  step: number,
): Effect[] {
  const requestId = request.id;
  const ask = (place: Place): Effect => ({ kind: 'announce', requestId, place });
  // An emergency is told to everybody at once, wherever they are, and nobody votes on it.
  if (request.emergency) return facts.placesFor(step).map(ask);
  // Who votes for somebody else may not be in the channel, so they are asked directly all the same.
  const delegates = (facts.placesForDelegates?.(step) ?? []).map(ask);
  if (request.channel === undefined) return [...facts.placesFor(step).map(ask), ...delegates];
  return step === 0 ? [ask({ channel: request.channel }), ...delegates] : delegates;
}
