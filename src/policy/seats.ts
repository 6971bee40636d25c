import type { Step } from '../domain/request.ts';
import { type ApprovalContext, candidates, type Who } from './eligibility.ts';

/** A step that cannot be filled, and how many people could sit in it when nothing else is looked at. */
export interface Unfillable {
  /** Index of the step. */
  step: number;
  eligible: number;
}

/**
 * Finds out whether all steps of a flow can be filled at once by different people, the requester left out. Somebody
 * who is the only approver of two steps can fill one of them: one person fills one seat in the whole request
 * (invariant 2), so a request under such a flow would only ever lapse.
 * @returns the first step that cannot be filled; undefined when all can.
 */
export function unfillable(
  who: Who,
  steps: readonly Step[],
  context: ApprovalContext,
  options: { disabledToo: boolean } = { disabledToo: false },
): Unfillable | undefined {
  const seats = steps.reduce((sum, step) => sum + step.need, 0);
  const eligible = steps.map((step) =>
    candidates(who, step, context, { most: seats, ...options }).map(({ email }) => email),
  );
  // A matching of seats to people, grown seat by seat; each new seat may ask people to move to another one of theirs.
  const seatOf = new Map<string, number>();
  const takeSeat = (step: number, asked: Set<string>): boolean => {
    for (const email of eligible[step] ?? []) {
      if (asked.has(email)) continue;
      asked.add(email);
      const sitsIn = seatOf.get(email);
      if (sitsIn === undefined || takeSeat(sitsIn, asked)) {
        seatOf.set(email, step);
        return true;
      }
    }
    return false;
  };
  for (const [index, step] of steps.entries()) {
    const people = eligible[index]?.length ?? 0;
    // With as many people as there are seats in all, whoever sits elsewhere leaves enough of them.
    if (people >= seats) continue;
    for (let seat = 0; seat < step.need; seat += 1) {
      if (!takeSeat(index, new Set())) return { step: index, eligible: people };
    }
  }
  return undefined;
}
