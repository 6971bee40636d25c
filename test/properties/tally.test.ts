import fc from 'fast-check';
import type { Flow, Step, Vote } from '../../src/domain/request.ts';
import { type Eligible, tally } from '../../src/domain/tally.ts';
import { NOON } from '../support/samples.ts';
import { holds } from './holds.ts';

const NAMES = ['bo', 'cy', 'dee', 'eli'] as const;
const name = fc.constantFrom(...NAMES);

const step = fc
  .record({ who: fc.subarray([...NAMES]), need: fc.integer({ min: 0, max: 3 }) })
  .map(({ who, need }): Step => ({ need, approvers: who.map((email) => ({ kind: 'user', email })) }));
const flow = fc
  .array(step, { maxLength: 3 })
  .map((steps): Flow => ({ name: 'f', autoApprove: false, steps, timeoutMs: 1_000 }));
const votes = fc.array(
  fc
    .record({
      voter: name,
      step: fc.integer({ min: 0, max: 3 }),
      verdict: fc.constantFrom('approve', 'approve', 'approve', 'deny' as const),
    })
    .map((vote): Vote => ({ ...vote, slack: vote.voter, at: NOON })),
  { maxLength: 7 },
);
const eligible: Eligible = (email, { approvers }) =>
  approvers.some((one) => one.kind === 'user' && one.email === email);

holds<typeof tally>(
  'a seat is filled by an approval of somebody eligible for its step, who sits nowhere else (invariants 1 and 2)',
  (count) =>
    fc.property(flow, votes, (asked, cast) => {
      const { steps, open, filled } = count(asked, cast, eligible);
      expect(steps).toHaveLength(asked.steps.length);
      const seated = steps.flatMap(({ seats }) => seats);
      expect(seated).toHaveLength(new Set(seated).size);
      for (const [index, { need, seats, filled: full }] of steps.entries()) {
        const rule = asked.steps[index] as Step;
        expect(seats.length).toBeLessThanOrEqual(need);
        expect(full).toBe(need > 0 && seats.length === need);
        for (const voter of seats) {
          expect(eligible(voter, rule)).toBe(true);
          const first = cast.find((vote) => vote.voter === voter && vote.verdict === 'approve');
          expect(first?.step).toBe(index);
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
