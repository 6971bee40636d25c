import { formatDuration } from '../../domain/duration.ts';
import { type Principal, principalText } from '../../domain/principal.ts';
import type { Flow, Step } from '../../domain/request.ts';
import { type ChangeKind, type Direction, plural, someOf } from './change.ts';
import { type Approvers, NOBODY, type Outcome, type Side } from './side.ts';

/** One difference between two outcomes of one question. */
export interface Difference {
  kind: ChangeKind;
  direction: Direction;
  was: string;
  now: string;
  /** With `new-approvers` and `fewer-approvers`: e-mails, or `manager`. */
  approvers?: readonly string[];
}

/** Whose question it is, and what `manager` and `owner` refer to on either side. */
export interface Asker {
  /** Empty: anybody whom no difference is about. */
  email: string;
  managers: { was: string | undefined; now: string | undefined };
  targets: { was: readonly string[]; now: readonly string[] };
  /** Filled while comparing: for whom the answer would be another than for anybody. */
  alone: Set<string>;
}

export interface Sides {
  was: Side;
  now: Side;
}

export const askerOf = ({ was, now }: Sides, email: string, targets: Asker['targets']): Asker => ({
  email,
  managers: { was: was.managerOf(email), now: now.managerOf(email) },
  targets,
  alone: new Set(),
});

/** Everything that is different about how one question ends. */
export function differences(sides: Sides, asker: Asker, was: Outcome, now: Outcome): Difference[] {
  if (!was.ok && !now.ok) return [];
  const texts = () => ({ was: outcomeText(was), now: outcomeText(now) });
  if (!was.ok) return [{ kind: was.code === 'too-long' ? 'longer' : 'can-ask', direction: 'wider', ...texts() }];
  if (!now.ok) return [{ kind: now.code === 'too-long' ? 'shorter' : 'cannot-ask', direction: 'narrower', ...texts() }];
  if (was.flow.autoApprove && now.flow.autoApprove) return [];
  if (now.flow.autoApprove) return [{ kind: 'automatic', direction: 'wider', ...texts() }];
  if (was.flow.autoApprove) return [{ kind: 'no-longer-automatic', direction: 'narrower', ...texts() }];
  return approvalDifferences(sides, asker, was.flow, now.flow);
}

function approvalDifferences(sides: Sides, asker: Asker, was: Flow, now: Flow): Difference[] {
  const found: Difference[] = [];
  const texts = () => ({ was: approvalsText(was), now: approvalsText(now) });
  const before = seatsOf(sides.was, was, asker.managers.was, asker.targets.was);
  const after = seatsOf(sides.now, now, asker.managers.now, asker.targets.now);

  const needed = (seats: readonly Seats[]) => seats.reduce((sum, { need }) => sum + need, 0);
  const [neededBefore, neededAfter] = [needed(before), needed(after)];
  if (neededAfter < neededBefore) found.push({ kind: 'fewer-approvals', direction: 'wider', ...texts() });
  if (neededAfter > neededBefore) found.push({ kind: 'more-approvals', direction: 'narrower', ...texts() });

  // The requester is named with the others, although they never sit: else the same change would read differently for
  // each of the people whom it is about.
  const anyBefore = sides.was.mayApproveAny(was, asker.managers.was, asker.targets.was);
  const anyAfter = sides.now.mayApproveAny(now, asker.managers.now, asker.targets.now);
  const added = anyAfter.within(anyBefore, asker) ? [] : anyAfter.outside(anyBefore);
  const gone = anyBefore.within(anyAfter, asker) ? [] : anyBefore.outside(anyAfter);
  if (added.length > 0) {
    const approvers = byWord(added, asker.managers.now, now, was);
    found.push({ kind: 'new-approvers', direction: 'wider', ...texts(), approvers });
  }
  if (gone.length > 0) {
    const approvers = byWord(gone, asker.managers.was, was, now);
    found.push({ kind: 'fewer-approvers', direction: 'narrower', ...texts(), approvers });
  }
  if (found.length === 0) {
    // The same people and as many of them; but are they as free to sit where they like?
    const loosened = !suffices(after, before, asker);
    const tightened = !suffices(before, after, asker);
    if (loosened || tightened)
      found.push({ kind: 'other-approvals', direction: loosened ? 'wider' : 'narrower', ...texts() });
  }
  found.push(...escalationDifferences(sides, asker, was, now), ...delegationDifferences(was, now));
  if (was.timeoutMs !== now.timeoutMs) {
    const text = ({ timeoutMs }: Flow) => formatDuration(timeoutMs);
    found.push({ kind: 'timeout', direction: 'other', was: text(was), now: text(now) });
  }
  return found;
}

interface Seats {
  need: number;
  /** The requester may be among them and never sits. */
  people: Approvers;
}

const seatsOf = (side: Side, flow: Flow, manager: string | undefined, targets: readonly string[]): Seats[] =>
  flow.steps.map(({ need, approvers }) => ({ need, people: side.mayApprove(approvers, manager, targets) }));

/**
 * Whether whoever fills one flow fills the other, too, whatever people they are: each seat of `wanted` can be given a seat
 * of `filled` all of whose people may sit in it. NB. where that cannot be shown the answer is no: a change that we cannot
 * prove harmless is called wider.
 */
function suffices(filled: readonly Seats[], wanted: readonly Seats[], asker: Asker): boolean {
  const takers: (number | undefined)[] = filled.flatMap(({ need }) => Array.from({ length: need }, () => undefined));
  const seatOf = filled.flatMap(({ need }, step) => Array.from({ length: need }, () => step));
  const wants = wanted.flatMap(({ need }, step) => Array.from({ length: need }, () => step));
  const fits = wanted.map((want) => filled.map((have) => have.people.within(want.people, asker)));
  const place = (want: number, asked: Set<number>): boolean => {
    for (const [seat, step] of seatOf.entries()) {
      if (asked.has(seat) || !fits[wants[want] ?? -1]?.[step]) continue;
      asked.add(seat);
      const taker = takers[seat];
      if (taker === undefined || place(taker, asked)) {
        takers[seat] = want;
        return true;
      }
    }
    return false;
  };
  return wants.every((_step, want) => place(want, new Set()));
}

/** Whoever may approve only as the requester's manager is called that: a thousand managers are one change. */
function byWord(emails: readonly string[], manager: string | undefined, flow: Flow, other: Flow): string[] {
  const says = ({ steps }: Flow) => steps.some(({ approvers }) => approvers.some(({ kind }) => kind === 'manager'));
  // Where both flows say the word, it is the manager that changed, and the name says which.
  if (manager === undefined || !says(flow) || says(other)) return [...emails];
  return emails.map((email) => (email === manager ? 'manager' : email));
}

type Escalates = Pick<Step, 'escalate'>;

const escalationOf = ({ steps }: Flow, index: number): Escalates => steps[index] ?? {};

const escalationText = ({ escalate }: Escalates): string =>
  escalate ? `after ${formatDuration(escalate.afterMs)} to ${principalsText(escalate.to)}` : 'never';

function escalationDifferences(sides: Sides, asker: Asker, was: Flow, now: Flow): Difference[] {
  if ([...was.steps, ...now.steps].every(({ escalate }) => escalate === undefined)) return [];
  const steps = Array.from({ length: Math.max(was.steps.length, now.steps.length) }, (_, index) => index);
  return steps.flatMap((index): Difference[] => {
    const [before, after] = [escalationOf(was, index), escalationOf(now, index)];
    const to = before.escalate?.to ?? [];
    const toNow = after.escalate?.to ?? [];
    const texts = { was: escalationText(before), now: escalationText(after) };
    const people = sides.was.mayApprove(to, asker.managers.was, asker.targets.was);
    const peopleNow = sides.now.mayApprove(toNow, asker.managers.now, asker.targets.now);
    const anybody = !people.within(NOBODY, asker) || !peopleNow.within(NOBODY, asker);
    const same = people.within(peopleNow, asker) && peopleNow.within(people, asker);
    const sooner = (before.escalate?.afterMs ?? 0) !== (after.escalate?.afterMs ?? 0);
    if (!anybody || (same && !sooner)) return [];
    const more = !peopleNow.within(people, asker);
    const less = !people.within(peopleNow, asker);
    const earlier = (after.escalate?.afterMs ?? Infinity) < (before.escalate?.afterMs ?? Infinity);
    return [
      {
        kind: 'escalation',
        direction: more || (earlier && !peopleNow.within(NOBODY, asker)) ? 'wider' : less ? 'narrower' : 'other',
        ...texts,
      },
    ];
  });
}

/** Which steps take the votes of people who are away from somebody else. */
function delegationDifferences(was: Flow, now: Flow): Difference[] {
  const delegated = ({ steps }: Flow) => steps.flatMap(({ delegation }, index) => (delegation ? [index + 1] : []));
  const [before, after] = [delegated(was), delegated(now)];
  if (before.join() === after.join()) return [];
  const text = (steps: readonly number[]) => (steps.length === 0 ? 'no step' : `step ${someOf(steps.map(String), 10)}`);
  const direction = after.some((step) => !before.includes(step)) ? 'wider' : 'narrower';
  return [{ kind: 'delegation', direction, was: text(before), now: text(after) }];
}

const principalsText = (principals: readonly Principal[], word: 'and' | 'or' = 'and'): string =>
  someOf([...new Set(principals.map(principalText))], 6, word);

const stepText = ({ approvers, need }: Step): string => `${need} of ${principalsText(approvers, 'or')}`;

/** `2 approvals (1 of group:dba, then 1 of manager and group:security)`. */
function approvalsText({ steps }: Flow): string {
  const needed = steps.reduce((sum, { need }) => sum + need, 0);
  return `${plural(needed, 'approval')} (${steps.map(stepText).join(', then ')})`;
}

export function outcomeText(outcome: Outcome): string {
  if (!outcome.ok) return `refused (${outcome.code})`;
  return outcome.flow.autoApprove ? 'automatic' : approvalsText(outcome.flow);
}
