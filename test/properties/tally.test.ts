import fc from 'fast-check';
import type { Flow, Step, Vote } from '../../src/domain/request.ts';
import { type Eligible, tally } from '../../src/domain/tally.ts';
import { NOON } from '../support/samples.ts';
import { holds } from './holds.ts';

const NAMES = ['bo', 'cy', 'dee', 'eli'] as const;
const name = fc.constantFrom(...NAMES);

const step = fc
  .record({ who: fc.subarray([...NAMES]), need: fc.integer({ min: 0, max: 3 }), delegation: fc.boolean() })
  .map(({ who, need, delegation }): Step => {
    const approvers = who.map((email) => ({ kind: 'user' as const, email }));
    return { need, approvers, ...(delegation ? { delegation: 'allowed' } : {}) };
  });
const flow = fc
  .array(step, { maxLength: 3 })
  .map((steps): Flow => ({ name: 'f', autoApprove: false, steps, timeoutMs: 1_000 }));
const votes = fc.array(
  fc
    .record({
      voter: name,
      onBehalfOf: fc.option(name, { nil: undefined, freq: 3 }),
      step: fc.integer({ min: 0, max: 3 }),
      verdict: fc.constantFrom('approve', 'approve', 'approve', 'deny' as const),
    })
    .map(({ onBehalfOf, ...vote }): Vote => {
      const whose = onBehalfOf === undefined || onBehalfOf === vote.voter ? {} : { onBehalfOf };
      return { ...vote, ...whose, slack: vote.voter, at: NOON };
    }),
  { maxLength: 7 },
);
const eligible: Eligible = (email, { approvers }) =>
  approvers.some((one) => one.kind === 'everyone' || (one.kind === 'user' && one.email === email));

holds<typeof tally>(
  'a seat is filled by an approval of somebody eligible for its step, who sits nowhere else (invariants 1 and 2)',
  (count) =>
    fc.property(flow, votes, (asked, cast) => {
      const { steps, open, filled } = count(asked, cast, eligible);
      expect(steps).toHaveLength(asked.steps.length);
      // Whoever voted, or was voted for, sits there and nowhere else.
      const people = new Set<string>();
      const sitting = new Map<string, Vote>();
      for (const vote of cast) {
        const behind = vote.onBehalfOf ?? vote.voter;
        if (vote.verdict !== 'approve' || people.has(vote.voter) || people.has(behind)) continue;
        people.add(vote.voter).add(behind);
        sitting.set(vote.voter, vote);
      }
      const seated = steps.flatMap(({ seats }) => seats);
      expect(seated).toHaveLength(new Set(seated).size);
      for (const [index, { need, seats, filled: full }] of steps.entries()) {
        const rule = asked.steps[index] as Step;
        expect(seats.length).toBeLessThanOrEqual(need);
        expect(full).toBe(need > 0 && seats.length === need);
        for (const voter of seats) {
          const vote = sitting.get(voter);
          expect(vote?.step).toBe(index);
          expect(eligible(vote?.onBehalfOf ?? voter, rule)).toBe(true);
          if (vote?.onBehalfOf !== undefined) expect(rule.delegation).toBe('allowed');
        }
      }
      const notFull = steps.findIndex((one) => !one.filled);
      expect(open).toBe(notFull === -1 ? steps.length : notFull);
      // Silence never approves: no steps, nothing filled.
      expect(filled).toBe(steps.length > 0 && notFull === -1);
    }),
  tally,
  {
    'one that counts one person twice': (asked, cast, may) => {
      const own = (email: string) => email.split('#')[0] as string;
      const { steps, ...rest } = tally(
        asked,
        cast.map((vote, index) => ({ ...vote, voter: `${vote.voter}#${index}` })),
        (email, rule) => may(own(email), rule),
      );
      return { ...rest, steps: steps.map((one) => ({ ...one, seats: one.seats.map(own) })) };
    },
    'one that counts people who may not approve': (asked, cast) => tally(asked, cast, () => true),
    'one that asks whether the voter may, and not for whom they vote': (asked, cast, may) =>
      tally(
        asked,
        cast.map(({ onBehalfOf: _, ...vote }) => vote),
        may,
      ),
    'one that lets votes be handed over everywhere': (asked, cast, may) =>
      tally({ ...asked, steps: asked.steps.map((rule) => ({ ...rule, delegation: 'allowed' })) }, cast, may),
    'one that counts a deny': (asked, cast, may) =>
      tally(
        asked,
        cast.map((vote) => ({ ...vote, verdict: 'approve' })),
        may,
      ),
    'one that counts a vote in another step': (asked, cast, may) =>
      tally(
        asked,
        cast.map((vote) => ({ ...vote, step: 0 })),
        may,
      ),
    'one for which no steps are all steps': (asked, cast, may) => {
      const counted = tally(asked, cast, may);
      return { ...counted, filled: counted.steps.every((one) => one.filled) };
    },
  },
);
