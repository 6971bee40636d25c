import fc from 'fast-check';
import type { Flow, Step, Vote } from '../../src/domain/request.ts';
import { type Eligible, emptySeats, tally } from '../../src/domain/tally.ts';
import { cases } from '../support/cases.ts';

const NAMES = ['a', 'b', 'c', 'd', 'e'] as const;
const REQUESTER = 'a';

const flowOf = (steps: readonly { who: readonly string[]; need: number }[]): Flow => ({
  name: 'f',
  autoApprove: false,
  steps: steps.map(({ who, need }) => ({ need, approvers: who.map((email) => ({ kind: 'user' as const, email })) })),
  timeoutMs: 1,
});
const named = (step: Step, email: string) => step.approvers.some((one) => one.kind === 'user' && one.email === email);
const eligible: Eligible = (email, step) => email !== REQUESTER && named(step, email);
const vote = (voter: string, step: number, verdict: Vote['verdict'] = 'approve'): Vote => ({
  voter,
  slack: voter,
  verdict,
  step,
  at: '2026-03-03T09:00:00.000Z',
});

describe('the tally', () => {
  const flow = flowOf([
    { who: ['b', 'c'], need: 1 },
    { who: ['d', 'e'], need: 2 },
  ]);

  it('counts a vote in its own step, while its voter is eligible there', () => {
    expect(tally(flow, [vote('b', 0)], eligible)).toMatchObject({ open: 1, filled: false });
    expect(tally(flow, [vote('d', 0)], eligible)).toMatchObject({ open: 0 });
    expect(tally(flow, [vote('b', 0), vote('d', 1), vote('e', 1)], eligible)).toMatchObject({ open: 2, filled: true });
  });

  it('opens an earlier step again when its seat is empty', () => {
    const without: Eligible = (email, step) => email !== 'b' && eligible(email, step);
    const counted = tally(flow, [vote('b', 0), vote('d', 1)], without);
    expect(counted).toMatchObject({ open: 0, steps: [{ seats: [] }, { seats: ['d'] }] });
  });

  it('does not count a deny, and not more seats than are asked for', () => {
    expect(tally(flow, [vote('b', 0, 'deny')], eligible).open).toBe(0);
    expect(tally(flow, [vote('b', 0), vote('c', 0)], eligible).steps[0]?.seats).toEqual(['b']);
  });

  it('is never filled by nothing: no steps, or a step that needs nobody', () => {
    expect(tally(flowOf([]), [], eligible).filled).toBe(false);
    expect(tally(flowOf([{ who: ['b'], need: 0 }]), [], eligible).filled).toBe(false);
    expect(emptySeats(flowOf([]), ['b'], eligible)).toBeGreaterThan(0);
    expect(emptySeats(flowOf([{ who: ['b'], need: 0 }]), ['b'], eligible)).toBeGreaterThan(0);
  });

  it('of an automatic flow is filled', () => {
    const auto = { ...flowOf([]), autoApprove: true };
    expect([tally(auto, [], eligible).filled, emptySeats(auto, [], eligible)]).toEqual([true, 0]);
  });
});

/** The fewest seats left empty, by trying every way to seat the people. */
function byTrying(flow: Flow, people: readonly string[], may: Eligible): number {
  const seats = flow.steps.flatMap((step) => Array.from({ length: step.need }, () => step));
  const seat = (index: number, left: readonly string[]): number => {
    const step = seats[index];
    if (!step) return 0;
    const choices = left
      .filter((person) => may(person, step))
      .map((person) =>
        seat(
          index + 1,
          left.filter((one) => one !== person),
        ),
      );
    return Math.min(1 + seat(index + 1, left), ...choices);
  };
  return seat(0, [...new Set(people)]);
}

const steps = fc.array(fc.record({ who: fc.subarray([...NAMES]), need: fc.integer({ min: 1, max: 2 }) }), {
  minLength: 1,
  maxLength: 3,
});
const people = fc.array(fc.constantFrom(...NAMES), { maxLength: 7 });
const holds = (count: typeof emptySeats) =>
  fc.property(steps, people, (flow, who) => {
    expect(count(flowOf(flow), who, eligible)).toBe(byTrying(flowOf(flow), who, eligible));
  });
const caught = (count: typeof emptySeats) => fc.check(holds(count), { numRuns: 2_000, seed: 1 }).failed;

describe('empty seats', () => {
  it('are as few as can be, one seat a person', () => {
    fc.assert(holds(emptySeats), cases(2_000));
  });

  it('broken twins are caught: the first seat that fits, one person in many seats, the requester in one', () => {
    const greedy: typeof emptySeats = (flow, who, may) => {
      const left = [...new Set(who)];
      let empty = 0;
      for (const step of flow.steps.flatMap((one) => Array.from({ length: one.need }, () => one))) {
        const index = left.findIndex((person) => may(person, step));
        if (index === -1) empty += 1;
        else left.splice(index, 1);
      }
      return empty;
    };
    const twice: typeof emptySeats = (flow, who, may) =>
      flow.steps.reduce(
        (sum, step) => sum + Math.max(0, step.need - new Set(who.filter((one) => may(one, step))).size),
        0,
      );
    const self: typeof emptySeats = (flow, who) => emptySeats(flow, who, (email, step) => named(step, email));
    expect([greedy, twice, self].map(caught)).toEqual([true, true, true]);
  });
});

describe('separation of duties (invariant 2)', () => {
  const votes = fc.array(fc.record({ voter: fc.constantFrom(...NAMES), step: fc.nat(2) }), { maxLength: 8 });
  const holdsFor = (count: typeof tally) =>
    fc.property(steps, votes, (flow, cast) => {
      const counted = count(
        flowOf(flow),
        cast.map(({ voter, step }) => vote(voter, step)),
        eligible,
      );
      for (const { seats } of counted.steps) expect(seats).not.toContain(REQUESTER);
    });

  it('the requester sits nowhere, whatever was recorded', () => {
    fc.assert(holdsFor(tally), cases(100));
  });

  it('a tally that counts the requester is caught', () => {
    const twin: typeof tally = (flow, cast) => tally(flow, cast, (email, step) => named(step, email));
    expect(fc.check(holdsFor(twin), { seed: 1 }).failed).toBe(true);
  });
});
