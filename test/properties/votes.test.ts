import fc from 'fast-check';
import { decideVote } from '../../src/domain/decide-vote.ts';
import type { DomainEvent } from '../../src/domain/events.ts';
import { emptyWorld, fold } from '../../src/domain/fold.ts';
import { instantOf, plus } from '../../src/domain/instant.ts';
import type { Flow, RequestState, Step, Vote } from '../../src/domain/request.ts';
import type { CurrentRule, RequestFacts } from '../../src/domain/request-facts.ts';
import type { Eligible } from '../../src/domain/tally.ts';
import { anEntitlementRef, aRequest, NOON, opened } from '../support/samples.ts';
import { holds } from './holds.ts';

const NAMES = ['ana', 'bo', 'cy', 'dee', 'eli'] as const;
const TIMEOUT = 1_000;
const email = (name: string) => `${name}@example.com`;

// The requester is named as an approver too: a directory that says so must not help them.
const step = fc
  .record({ who: fc.subarray([...NAMES], { minLength: 1 }), need: fc.integer({ min: 1, max: 2 }) })
  .map(({ who, need }): Step => ({ need, approvers: who.map((name) => ({ kind: 'user', email: email(name) })) }));
const flow = fc
  .array(step, { maxLength: 3 })
  .map((steps): Flow => ({ name: 'normal', autoApprove: false, steps, timeoutMs: TIMEOUT }));
const command = fc.record({
  voter: fc.constantFrom(...NAMES),
  verdict: fc.constantFrom('approve', 'approve', 'approve', 'approve', 'deny' as const),
  passes: fc.constantFrom(0, 0, 0, 1, 499, 999),
  /** People who are out of every group from now on. */
  leaves: fc.option(fc.constantFrom(...NAMES), { freq: 6, nil: undefined }),
  /** The policies change: to another flow, to give less, or to refuse. */
  policies: fc.oneof(
    { weight: 6, arbitrary: fc.constant(undefined) },
    { weight: 1, arbitrary: flow },
    { weight: 1, arbitrary: fc.constantFrom('as before', 'gives nothing', 'refuses' as const) },
  ),
});

/** Can these people take all seats, each one seat? By trying. */
function seated(steps: readonly Step[], people: readonly string[], may: Eligible): boolean {
  const [seat, ...rest] = steps.flatMap((one) => Array.from({ length: one.need }, () => ({ ...one, need: 1 })));
  if (!seat) return true;
  return people.some(
    (person) =>
      may(person, seat) &&
      seated(
        rest,
        people.filter((one) => one !== person),
        may,
      ),
  );
}

/** Why this approval should not have been: what is written in the invariants, said another way than the code does. */
function wrongs(request: RequestState, votes: readonly Vote[], facts: RequestFacts): string[] {
  const said: string[] = [];
  const who = votes.map(({ voter }) => voter);
  const standing = votes.filter(({ voter, step: index }) => {
    const own = request.flow.steps[index];
    return own === undefined || facts.eligible(voter, own);
  });
  if (who.includes(request.requester.email)) said.push('the requester approved');
  if (new Set(who).size !== who.length) said.push('somebody counts twice');
  if (votes.some(({ verdict }) => verdict === 'deny')) said.push('somebody denied it');
  if (facts.now >= request.lapsesAt) said.push('it had lapsed');
  if (request.flow.steps.length === 0) said.push('nobody was asked');
  for (const [index, { need }] of request.flow.steps.entries())
    if (standing.filter((vote) => vote.step === index).length < need) said.push(`step ${index + 1} is not filled`);
  const { current } = facts;
  if (!current.ok) said.push('the policies refuse it');
  else {
    if (current.flow.steps.length === 0) said.push('the policies ask nobody');
    if (!seated(current.flow.steps, who, facts.eligible)) said.push('the policies ask for more');
    if (current.entitlements.length === 0) said.push('the policies give less');
  }
  return said;
}

holds<typeof decideVote>(
  'whatever is voted, whoever leaves and however the policies change: no approval, no access (invariants 1 to 3)',
  (decide) =>
    fc.property(flow, fc.array(command, { maxLength: 12 }), (asked, commands) => {
      const first = aRequest({
        id: 'req_1',
        requester: { email: email('ana'), slack: 'U0ana' },
        flow: asked,
        lapsesAt: plus(NOON, TIMEOUT),
      });
      const world = emptyWorld();
      fold(world, opened(first));
      const gone = new Set<string>();
      let current: CurrentRule = { ok: true, flow: asked, entitlements: first.entitlements };
      let now = NOON;
      let approvals = 0;
      for (const { voter, verdict, passes, leaves, policies } of commands) {
        now = plus(now, passes);
        if (leaves) gone.add(email(leaves));
        if (policies === 'as before') current = { ok: true, flow: asked, entitlements: first.entitlements };
        else if (policies === 'gives nothing') current = { ok: true, flow: asked, entitlements: [] };
        else if (policies === 'refuses') current = { ok: false, refusal: { code: 'not-eligible', sentence: 'No.' } };
        else if (policies) current = { ok: true, flow: policies, entitlements: [anEntitlementRef()] };

        const request = world.requests.get('req_1') as RequestState;
        const facts: RequestFacts = {
          now,
          eligible: (who, { approvers }) =>
            !gone.has(who) && approvers.some((one) => one.kind === 'user' && one.email === who),
          current,
          policy: request.policy,
          grantId: 'grt_1',
          placesFor: () => [],
        };
        const decided = decide(request, { voter: { email: email(voter), slack: `U0${voter}` }, verdict }, facts);
        if (!decided.ok) continue;
        expect(request.status).toBe('pending');
        for (const event of decided.events) fold(world, event);
        const votes = (world.requests.get('req_1') as RequestState).votes;
        const approved = decided.events.find((event: DomainEvent) => event.type === 'RequestApproved');
        if (!approved) {
          expect(decided.effects.filter(({ kind }) => kind === 'provision')).toEqual([]);
          continue;
        }
        approvals += 1;
        expect(wrongs(request, votes, facts)).toEqual([]);
        expect(world.grants.get('grt_1')?.endsAt).toBe(instantOf(Date.parse(now) + first.durationMs));
      }
      expect(approvals).toBeLessThanOrEqual(1);
    }),
  decideVote,
  {
    'one in which the requester may vote': (request, vote, facts) =>
      decideVote({ ...request, requester: { email: 'nobody@example.com', slack: 'U0nobody' } }, vote, facts),
    'one that lets a person vote twice': (request, vote, facts) => {
      const own = (voter: string) => voter.split('#')[0] as string;
      const votes = request.votes.map(({ slack: _, ...rest }, index) => ({ ...rest, voter: `${rest.voter}#${index}` }));
      return decideVote({ ...request, votes }, vote, { ...facts, eligible: (who, at) => facts.eligible(own(who), at) });
    },
    'one that counts those who left': (request, vote, facts) =>
      decideVote(request, vote, {
        ...facts,
        eligible: (who, { approvers }) => approvers.some((one) => one.kind === 'user' && one.email === who),
      }),
    'one that does not read the current policies': (request, vote, facts) =>
      decideVote(request, vote, {
        ...facts,
        current: { ok: true, flow: request.flow, entitlements: request.entitlements },
      }),
    'one that reads the current flow only': (request, vote, facts) =>
      decideVote(facts.current.ok ? { ...request, flow: facts.current.flow } : request, vote, facts),
    'one that gives what the policies no longer list': (request, vote, facts) =>
      decideVote(request, vote, {
        ...facts,
        current: facts.current.ok ? { ...facts.current, entitlements: request.entitlements } : facts.current,
      }),
    'one that takes votes for as long as they come': (request, vote, facts) =>
      decideVote(request, vote, { ...facts, now: request.openedAt }),
    'one that lapses a moment late': (request, vote, facts) =>
      decideVote(request, vote, facts.now === request.lapsesAt ? { ...facts, now: plus(facts.now, -1) } : facts),
  },
  2_000,
);
