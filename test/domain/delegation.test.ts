import { currentlyAllowed } from '../../src/domain/approve.ts';
import { decideBack, decideDelegate, decideDelegationOver } from '../../src/domain/decide-delegation.ts';
import { decideVote } from '../../src/domain/decide-vote.ts';
import type { Decided, Outcome } from '../../src/domain/decision.ts';
import { approvals, type DelegationState, inForce } from '../../src/domain/delegation.ts';
import { evolveDelegation } from '../../src/domain/evolve.ts';
import { plus } from '../../src/domain/instant.ts';
import type { Flow, RequestState, Step, Verdict } from '../../src/domain/request.ts';
import type { RequestFacts } from '../../src/domain/request-facts.ts';
import { tally } from '../../src/domain/tally.ts';
import { aRequest, aVote, HOUR, MINUTE, NOON, WORKSPACE } from '../support/samples.ts';

const DAY = 24 * HOUR;
const person = (name: string) => ({ email: `${name}@example.com`, slack: `U0${name.toUpperCase()}` });
const [ANA, BEN, CY, DEE] = ['ana', 'ben', 'cy', 'dee'].map(person) as [
  ReturnType<typeof person>,
  ReturnType<typeof person>,
  ReturnType<typeof person>,
  ReturnType<typeof person>,
];

const handed = (
  delegator: typeof BEN,
  delegate: typeof BEN,
  values: Partial<DelegationState> = {},
): DelegationState => ({
  workspace: WORKSPACE,
  delegator,
  delegate,
  since: NOON,
  until: plus(NOON, 3 * DAY),
  version: 1,
  ...values,
});
const types = (decided: Decided | Outcome): string[] =>
  'events' in decided ? decided.events.map(({ type }) => type) : [];

describe('handing one’s votes over', () => {
  const command = { workspace: WORKSPACE, delegator: CY, delegate: BEN, until: plus(NOON, 3 * DAY) };

  it('is recorded with its end, and both are told', () => {
    const decided = decideDelegate(undefined, command, NOON);
    expect(decided).toMatchObject({
      events: [{ type: 'DelegationSet', actor: CY.email, delegator: CY, delegate: BEN, until: command.until }],
      effects: [
        { kind: 'tell-delegation', news: 'handed', to: CY.slack },
        { kind: 'tell-delegation', news: 'received', to: BEN.slack },
      ],
    });
    const event = decided.ok ? decided.events[0] : undefined;
    expect(event && evolveDelegation(undefined, event)).toEqual({ ...handed(CY, BEN), version: 0 });
  });

  it('takes the place of what was handed over before, whose delegate is told', () => {
    const decided = decideDelegate(handed(CY, DEE), command, NOON);
    expect(types(decided)).toEqual(['DelegationEnded', 'DelegationSet']);
    expect(decided).toMatchObject({
      events: [{ because: 'replaced', delegate: DEE.email }, {}],
      effects: [{ news: 'over', to: DEE.slack }, {}, {}],
    });
    // What was over is over.
    expect(types(decideDelegate(handed(CY, DEE, { endedAt: NOON }), command, NOON))).toEqual(['DelegationSet']);
  });

  it.each<[string, Partial<typeof command>, RegExp]>([
    ['to oneself', { delegate: CY }, /yourself/],
    ['to oneself under a second entry', { delegate: { email: 'cy.admin@example.com', slack: CY.slack } }, /yourself/],
    ['until a time that is over', { until: NOON }, /over already/],
    ['for more than 90 days', { until: plus(NOON, 90 * DAY + 1) }, /at most 90 days/],
  ])('%s is refused', (_how, values, says) => {
    expect(decideDelegate(undefined, { ...command, ...values }, NOON)).toMatchObject({
      refusal: { code: 'invalid-delegation', sentence: expect.stringMatching(says) },
    });
  });

  it('ends when its owner is back, once, and its delegate is told', () => {
    const decided = decideBack(handed(CY, BEN), CY, plus(NOON, 1));
    expect(decided).toMatchObject({
      events: [{ type: 'DelegationEnded', because: 'person', actor: CY.email }],
      effects: [{ news: 'over', to: BEN.slack }],
    });
    const event = decided.ok ? decided.events[0] : undefined;
    const after = event && evolveDelegation(handed(CY, BEN), event);
    expect(after).toMatchObject({ endedBecause: 'person', endedAt: plus(NOON, 1) });
    expect(decideBack(after, CY, plus(NOON, 2))).toMatchObject({ refusal: { code: 'invalid-delegation' } });
    expect(decideBack(handed(CY, BEN), BEN, NOON)).toMatchObject({ refusal: { code: 'invalid-delegation' } });
  });

  it('ends at its time, once, and not before', () => {
    const delegation = handed(CY, BEN);
    expect(types(decideDelegationOver(delegation, plus(delegation.until, -1)))).toEqual([]);
    expect(types(decideDelegationOver(delegation, delegation.until))).toEqual(['DelegationEnded']);
    expect(types(decideDelegationOver({ ...delegation, endedAt: NOON }, delegation.until))).toEqual([]);
  });

  it('is in force from then until its end, whether or not that is written down', () => {
    const at = (minutes: number, values: Partial<DelegationState> = {}) =>
      inForce(handed(CY, BEN, { until: plus(NOON, HOUR), ...values }), plus(NOON, minutes * MINUTE));
    expect([at(-1), at(0), at(59), at(60), at(30, { endedAt: NOON })]).toEqual([false, true, true, false, false]);
  });
});

const users = (...names: string[]) => names.map((name) => ({ kind: 'user' as const, email: person(name).email }));
const step = (names: string[], values: Partial<Step> = {}): Step => ({
  need: 1,
  approvers: users(...names),
  delegation: 'allowed',
  ...values,
});
const flowOf = (...steps: Step[]): Flow => ({ name: 'normal', autoApprove: false, steps, timeoutMs: 4 * HOUR });
const now = plus(NOON, MINUTE);

/** Ana asks; everybody is in the directory but those who are gone. */
const factsOf = (request: RequestState, values: Partial<RequestFacts> = {}, gone: string[] = []): RequestFacts => ({
  now,
  eligible: (email, { approvers }) =>
    email !== request.requester.email &&
    !gone.includes(email) &&
    approvers.some((one) => one.kind === 'everyone' || (one.kind === 'user' && one.email === email)),
  current: { ok: true, flow: request.flow, entitlements: request.entitlements },
  policy: { digest: 'b'.repeat(64) },
  grantId: 'grt_1',
  placesFor: () => [],
  delegations: [handed(CY, BEN)],
  ...values,
});
const vote = (
  request: RequestState,
  who: typeof BEN,
  values: Partial<RequestFacts> = {},
  verdict: Verdict = 'approve',
) => decideVote(request, { voter: who, verdict }, factsOf(request, values));
const codeOf = (decided: Decided) => (decided.ok ? 'ok' : decided.refusal.code);
const cast = (decided: Decided) => {
  const event = decided.ok ? decided.events[0] : undefined;
  return event?.type === 'VoteCast' ? event.vote : undefined;
};

describe('a vote for somebody who is away', () => {
  const asked = aRequest({ flow: flowOf(step(['cy'])) });

  it('fills their seat, and says for whom it was cast', () => {
    const decided = vote(asked, BEN);
    expect(types(decided)).toEqual(['VoteCast', 'RequestApproved']);
    expect(cast(decided)).toMatchObject({ voter: BEN.email, slack: BEN.slack, onBehalfOf: CY.email, step: 0 });
  });

  it('may be a denial', () => {
    expect(cast(vote(asked, BEN, {}, 'deny'))).toMatchObject({ verdict: 'deny', onBehalfOf: CY.email });
  });

  it('is one’s own where one may vote oneself', () => {
    const both = aRequest({ flow: flowOf(step(['cy', 'ben'], { need: 2 })) });
    expect(cast(vote(both, BEN))).not.toHaveProperty('onBehalfOf');
  });

  it.each<[string, RequestState, Partial<RequestFacts>]>([
    ['nobody handed them anything', asked, { delegations: [] }],
    ['it has ended', asked, { delegations: [handed(CY, BEN, { endedAt: NOON })] }],
    ['its time is over', asked, { delegations: [handed(CY, BEN, { until: now })] }],
    ['it is somebody else’s', asked, { delegations: [handed(CY, DEE)] }],
    ['whose votes they are may not vote', asked, { delegations: [handed(DEE, BEN)] }],
    ['the step does not allow it', aRequest({ flow: flowOf({ need: 1, approvers: users('cy') }) }), {}],
    // Dee handed her votes to Cy, and Cy his to Ben: Ben has Cy's and nothing else.
    [
      'it would be a chain',
      aRequest({ flow: flowOf(step(['dee'])) }),
      { delegations: [handed(DEE, CY), handed(CY, BEN)] },
    ],
  ])('does not count when %s', (_when, request, values) => {
    expect(codeOf(vote(request, BEN, values))).toBe('not-an-approver');
  });

  it('is nothing to a circle: each may vote for the other, and nobody twice', () => {
    const circle = { delegations: [handed(CY, BEN), handed(BEN, CY)] };
    expect(codeOf(vote(asked, BEN, circle))).toBe('ok');
    expect(cast(vote(asked, CY, circle))).not.toHaveProperty('onBehalfOf');
  });
});

describe('the requester and delegations (invariant 2)', () => {
  it('cannot have their own vote cast by somebody else', () => {
    const asked = aRequest({ flow: flowOf(step(['ana', 'cy'])) });
    expect(codeOf(vote(asked, BEN, { delegations: [handed(ANA, BEN)] }))).toBe('not-an-approver');
    const second = { email: 'ana.admin@example.com', slack: ANA.slack };
    const twice = aRequest({ flow: flowOf(step(['ana.admin'])) });
    expect(codeOf(vote(twice, BEN, { delegations: [handed(second, BEN)] }))).toBe('not-an-approver');
  });

  it('cannot cast somebody else’s vote on their own request', () => {
    const asked = aRequest({ flow: flowOf(step(['cy'])) });
    expect(codeOf(vote(asked, ANA, { delegations: [handed(CY, ANA)] }))).toBe('own-request');
    // However it came to be recorded.
    const votes = [aVote({ voter: ANA.email, slack: ANA.slack, onBehalfOf: CY.email })];
    expect(currentlyAllowed({ ...asked, votes }, votes, factsOf(asked))).toMatchObject({ ok: false });
  });
});

describe('one person, one seat (invariant 2)', () => {
  const two = flowOf(step(['cy', 'dee'], { need: 2 }));
  const byBen = aVote({ voter: BEN.email, slack: BEN.slack, onBehalfOf: CY.email });

  it('who was voted for cannot vote as well, and is told who did', () => {
    expect(vote(aRequest({ flow: two, votes: [byBen] }), CY)).toMatchObject({
      refusal: { code: 'already-voted', sentence: expect.stringContaining('ben@example.com has voted for you') },
    });
  });

  it('who voted cannot be voted for as well', () => {
    const votes = [aVote({ voter: CY.email, slack: CY.slack })];
    expect(codeOf(vote(aRequest({ flow: two, votes }), BEN))).toBe('not-an-approver');
  });

  it('who has the votes of two casts one', () => {
    const delegations = [handed(CY, BEN), handed(DEE, BEN)];
    expect(cast(vote(aRequest({ flow: two }), BEN, { delegations }))).toMatchObject({ onBehalfOf: CY.email });
    expect(codeOf(vote(aRequest({ flow: two, votes: [byBen] }), BEN, { delegations }))).toBe('already-voted');
  });

  it('however two votes of one person came to be recorded, they fill one seat', () => {
    const byCy = aVote({ voter: CY.email });
    const byDee = aVote({ voter: DEE.email, onBehalfOf: CY.email });
    const byFay = aVote({ voter: 'fay@example.com', onBehalfOf: BEN.email });
    expect(approvals([byBen, byCy, byDee, byFay])).toEqual([byBen]);
    const votes = [byBen, byCy];
    expect(tally(two, votes, factsOf(aRequest()).eligible).steps[0]?.seats).toEqual([BEN.email]);
    expect(currentlyAllowed(aRequest({ flow: two, votes }), votes, factsOf(aRequest({ flow: two })))).toMatchObject({
      ok: false,
    });
  });
});

describe('at the end, and before anything is given', () => {
  const flow = flowOf(step(['cy']));
  const votes = [aVote({ voter: BEN.email, slack: BEN.slack, onBehalfOf: CY.email })];
  const request = aRequest({ flow, votes });
  const allowed = (values: Partial<RequestFacts> = {}, gone: string[] = []) =>
    currentlyAllowed(request, votes, factsOf(request, values, gone)).ok;
  const current = (changed: Flow) => ({
    current: { ok: true as const, flow: changed, entitlements: request.entitlements },
  });

  it('a vote that was cast while the delegation was in force counts when that is over', () => {
    expect(allowed({ delegations: [] })).toBe(true);
  });

  it.each<[string, Partial<RequestFacts>, string[]]>([
    ['who was away may not approve any more', {}, [CY.email]],
    ['who voted for them has left', {}, [BEN.email]],
    ['the current policies do not allow delegation there', current(flowOf({ need: 1, approvers: users('cy') })), []],
    ['the current policies ask others', current(flowOf(step(['dee']))), []],
  ])('it does not when %s', (_when, values, gone) => {
    expect(allowed(values, gone)).toBe(false);
  });

  it('a delegate may fill the seat that a tightened policy added, where that allows it', () => {
    const tight = (values: Partial<Step>) => ({
      ...current(flowOf(step(['cy'], values), step(['dee'], values))),
      delegations: [handed(DEE, CY), handed(CY, BEN), handed(DEE, person('fay'))],
    });
    const full = { ...request, votes: [aVote({ voter: CY.email, slack: CY.slack })] };
    expect(cast(vote(full, person('fay'), tight({})))).toMatchObject({ onBehalfOf: DEE.email, step: 1 });
    const { delegation: _, ...forbidden } = step(['dee']);
    const strict = { ...tight({}), ...current(flowOf(step(['cy']), forbidden)) };
    expect(codeOf(vote(full, person('fay'), strict))).toBe('not-an-approver');
  });
});
