import { announcements } from './announcements.ts';
import { approve, currentlyAllowed } from './approve.ts';
import { refuseUnlessPending } from './decide-request.ts';
import { about, type Decided, refuse } from './decision.ts';
import { approvals, asCast, inForce, mayFill } from './delegation.ts';
import type { Effect } from './effects.ts';
import type { DomainEvent } from './events.ts';
import { currentFlowNow, flowNow, stepOpened } from './nudge.ts';
import type { PersonRef } from './person.ts';
import { principalText } from './principal.ts';
import type { RequestState, Verdict, Vote } from './request.ts';
import type { RequestFacts } from './request-facts.ts';
import { emptySeats, tally } from './tally.ts';
import { tellRequester } from './tell-requester.ts';

export interface CastVote {
  voter: PersonRef;
  verdict: Verdict;
  reason?: string;
}

/** One person's vote, checked in the order a person would want to be told what is wrong. */
export function decideVote(request: RequestState, command: CastVote, facts: RequestFacts): Decided {
  const closed = refuseUnlessPending(request, facts.now) ?? refuseUnlessRuns(request, facts);
  if (closed) return closed;
  const { voter, verdict } = command;
  const taken = refuseTakenSeat(request, voter);
  if (taken) return taken;

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
  const base = about(request, facts.now, voter.email);
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
    effects.push(...tellRequester(request, 'denied'));
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

/** NB. an approval that comes after the end must not raise an access that is over, whether or not the tick came by. */
function refuseUnlessRuns({ extension, access }: RequestState, { grant, now }: RequestFacts) {
  if (!extension || (grant?.id === extension.grantId && grant.status === 'active' && now < grant.endsAt))
    return undefined;
  return refuse('already-ending', `This ${access} is over or ending, so there is nothing left to extend.`);
}

/** The requester has no seat, and nobody a second one. */
function refuseTakenSeat(request: RequestState, voter: PersonRef) {
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
