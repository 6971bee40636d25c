import { approvals, mayFill } from './delegation.ts';
import type { Flow, Step, Vote } from './request.ts';

/** Is this person among the step's approvers now, by the current directory? Never true for the requester. */
export type Eligible = (email: string, step: Step) => boolean;

export interface StepTally {
  need: number;
  /** Who fills the step's seats: distinct people, in the order they voted. */
  seats: readonly string[];
  filled: boolean;
}

export interface Tally {
  steps: readonly StepTally[];
  /** Index of the first step that is not filled; the number of steps when all are. */
  open: number;
  filled: boolean;
}

/**
 * Counts the approvals of a request towards its own flow. A vote counts in the step it was cast in, while its voter is
 * still eligible for that step; so somebody who lost eligibility leaves the seat, and an earlier step can open again.
 * A flow without steps that is not automatic is never filled: silence never approves (Meaning 7 and 8).
 */
export function tally(flow: Flow, votes: readonly Vote[], eligible: Eligible): Tally {
  const counted = approvals(votes);
  const steps = flow.steps.map((step, index): StepTally => {
    const seats = counted
      .filter((vote) => vote.step === index && mayFill(vote, step, eligible))
      .map((vote) => vote.voter)
      .slice(0, step.need);
    return { need: step.need, seats, filled: step.need > 0 && seats.length >= step.need };
  });
  const firstOpen = steps.findIndex((step) => !step.filled);
  const open = firstOpen === -1 ? steps.length : firstOpen;
  return { steps, open, filled: flow.autoApprove || (steps.length > 0 && open === steps.length) };
}

/**
 * Could these people fill every seat of a flow, each person one seat? Used for the current policies, whose steps may
 * differ from those the request was opened under, so that a changed policy can tighten it (invariant 3). A maximum
 * matching of people to seats (Kuhn's algorithm), so that a person who fits two steps is used where needed.
 *
 * @returns how many seats stay empty; 0 when all are filled.
 */
export function emptySeats(flow: Flow, people: readonly string[], eligible: Eligible): number {
  if (flow.autoApprove) return 0;
  const seats = flow.steps.flatMap((step) => Array.from({ length: step.need }, () => step));
  // NB. no seats at all must not read as "all filled".
  if (seats.length === 0) return 1;
  const holder = new Map<number, string>();
  const place = (person: string, tried: Set<number>): boolean => {
    for (const [seat, step] of seats.entries()) {
      if (tried.has(seat) || !eligible(person, step)) continue;
      tried.add(seat);
      const current = holder.get(seat);
      if (current === undefined || place(current, tried)) {
        holder.set(seat, person);
        return true;
      }
    }
    return false;
  };
  for (const person of new Set(people)) place(person, new Set());
  return seats.length - holder.size;
}
