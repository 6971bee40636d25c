import type { Instant, Milliseconds } from './instant.ts';
import type { PersonRef } from './person.ts';
import type { RequestState, Step, Vote } from './request.ts';
import type { Eligible } from './tally.ts';

/** Somebody who is away has handed their votes to one other person, until then. One a person; a new one takes its place. */
export interface DelegationState {
  workspace: string;
  delegator: PersonRef;
  delegate: PersonRef;
  since: Instant;
  /** Always bounded: a delegation that somebody forgot ends by itself. */
  until: Instant;
  endedAt?: Instant;
  endedBecause?: DelegationEnd;
  version: number;
}

/** `time`: its end had come. `person`: its owner ended it. `replaced`: its owner chose somebody else or another time. */
export type DelegationEnd = 'time' | 'person' | 'replaced';

/** Longer than a holiday or a leave is a change of the groups. */
export const LONGEST_DELEGATION_MS: Milliseconds = 90 * 86_400_000;

/** Whether votes may be cast on it now; by the clock, whether or not its end is written down yet. */
export const inForce = ({ since, until, endedAt }: DelegationState, now: Instant): boolean =>
  endedAt === undefined && since <= now && now < until;

/** Whether votes on behalf of others mean anything to a request. */
export const delegable = ({ flow }: Pick<RequestState, 'flow'>): boolean =>
  flow.steps.some(({ delegation }) => delegation === 'allowed');

/** Everybody in the directory who may vote at all; the requester never is. */
const ANYBODY: Step = { approvers: [{ kind: 'everyone' }], need: 1 };

/**
 * May a vote, cast by one person for themselves or on behalf of another, fill a seat of a step now? On behalf, it counts as
 * that other person's would, and only where the step allows it. NB. whoever cast it must still be somebody: the vote of a
 * delegate who has left counts no more than any other vote of theirs. Delegations are no chains: the delegate's own one is
 * never looked at.
 */
export function mayFill(vote: Pick<Vote, 'voter' | 'onBehalfOf'>, step: Step, eligible: Eligible): boolean {
  const { voter, onBehalfOf } = vote;
  if (onBehalfOf === undefined) return eligible(voter, step);
  return step.delegation === 'allowed' && eligible(onBehalfOf, step) && eligible(voter, ANYBODY);
}

/**
 * The approvals that may fill seats: of each person one, whether they cast it or it was cast on their behalf. NB. however a
 * second one came to be recorded, nobody fills two seats (invariant 2).
 */
export function approvals(votes: readonly Vote[]): Vote[] {
  const seated = new Set<string>();
  return votes.filter(({ verdict, voter, onBehalfOf = voter }) => {
    if (verdict !== 'approve' || seated.has(voter) || seated.has(onBehalfOf)) return false;
    seated.add(voter).add(onBehalfOf);
    return true;
  });
}

/** Eligibility of the people behind some votes, by the e-mail of the voter: each as their vote was cast. */
export function asCast(votes: readonly Vote[], eligible: Eligible): Eligible {
  const byVoter = new Map(votes.map((vote) => [vote.voter, vote]));
  return (email, step) => mayFill(byVoter.get(email) ?? { voter: email }, step, eligible);
}
