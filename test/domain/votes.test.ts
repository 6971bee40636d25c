import { currentlyAllowed } from '../../src/domain/approve.ts';
import { decideCancel, decideLapse, decideOpen } from '../../src/domain/decide-request.ts';
import { decideVote } from '../../src/domain/decide-vote.ts';
import type { Decided } from '../../src/domain/decision.ts';
import { plus } from '../../src/domain/instant.ts';
import type { Flow, RequestState, RequestStatus, Step, Verdict } from '../../src/domain/request.ts';
import type { CurrentRule, RequestFacts } from '../../src/domain/request-facts.ts';
import { anEntitlementRef, aRequest, aVote, HOUR, MINUTE, NOON } from '../support/samples.ts';

const person = (name: string) => ({ email: `${name}@example.com`, slack: `U0${name.toUpperCase()}` });
const ANA = person('ana');

const step = (need: number, ...names: string[]): Step => ({
  need,
  approvers: names.map((name) => ({ kind: 'user', email: person(name).email })),
});
const flowOf = (...steps: Step[]): Flow => ({ name: 'normal', autoApprove: false, steps, timeoutMs: 4 * HOUR });
const automatic: Flow = { name: 'self-service', autoApprove: true, steps: [], timeoutMs: 4 * HOUR };

const asked = (flow: Flow, values: Partial<RequestState> = {}): RequestState =>
  aRequest({ id: 'req_1', flow, ...values });
const by = (name: string, at = 0) => aVote({ voter: person(name).email, slack: person(name).slack, step: at });
const now = plus(NOON, MINUTE);

const factsOf = (request: RequestState, values: Partial<RequestFacts> = {}): RequestFacts => ({
  now,
  eligible: (email, { approvers }) => approvers.some((one) => one.kind === 'user' && one.email === email),
  current: { ok: true, flow: request.flow, entitlements: request.entitlements },
  policy: { digest: 'b'.repeat(64) },
  grantId: 'grt_1',
  placesFor: (index) => request.flow.steps[index]?.approvers.map((one) => ({ person: JSON.stringify(one) })) ?? [],
  ...values,
});
const vote = (request: RequestState, name: string, values: Partial<RequestFacts> = {}, verdict: Verdict = 'approve') =>
  decideVote(request, { voter: person(name), verdict }, factsOf(request, values));

const codeOf = (decided: Decided | { ok: true } | { ok: false; refusal: { code: string } }): string =>
  decided.ok ? 'ok' : decided.refusal.code;
const types = (decided: Decided): string[] => (decided.ok ? decided.events.map(({ type }) => type) : []);
const effects = (decided: Decided) => (decided.ok ? decided.effects : []);
const sentence = (decided: Decided): string => (decided.ok ? '' : decided.refusal.sentence);

const refusing: CurrentRule = {
  ok: false,
  refusal: { code: 'too-long', sentence: 'At most 30m.', rule: 'x: duration' },
};

describe('a vote that may not count says the first thing that is wrong', () => {
  // Each has everything wrong that the ones after it have, so that only the order decides.
  const flow = flowOf(step(1, 'bo'), step(1, 'cy'));
  const late = { now: plus(NOON, 4 * HOUR), current: refusing };

  it.each<[string, string, Decided]>([
    ['the request has lapsed', 'request-lapsed', vote(asked(flow, { status: 'lapsed' }), 'ana', late)],
    ['its time is up, though nobody wrote that down yet', 'request-lapsed', vote(asked(flow), 'ana', late)],
    ['it is decided', 'already-decided', vote(asked(flow, { status: 'approved', votes: [by('ana')] }), 'ana', late)],
    ['it is their own', 'own-request', vote(asked(flow, { votes: [by('ana')] }), 'ana', { current: refusing })],
    ['they voted', 'already-voted', vote(asked(flow, { votes: [by('dee')] }), 'dee', { current: refusing })],
    ['their step is not open', 'step-not-open', vote(asked(flow), 'cy', { current: refusing })],
    ['they are no approver', 'not-an-approver', vote(asked(flow), 'dee', { current: refusing })],
    ['the policies refuse it now', 'policy-changed', vote(asked(flow), 'bo', { current: refusing })],
  ])('%s: %s', (_, code, decided) => expect(codeOf(decided)).toBe(code));

  it('and what would be right', () => {
    expect(vote(asked(flow), 'cy')).toMatchObject({
      refusal: {
        sentence: 'Step 1 (user:bo@example.com) comes first; your step opens after it.',
        rule: 'prod-db-write: flow normal, step 1',
      },
    });
    expect(sentence(vote(asked(flow), 'dee'))).toBe(
      'Step 1 is open to user:bo@example.com, and you are not among them.',
    );
    expect(sentence(vote(asked(flow, { status: 'denied', decidedBy: 'bo@example.com' }), 'cy'))).toBe(
      'This request was already denied by bo@example.com.',
    );
    expect(vote(asked(flow), 'bo', { current: refusing })).toMatchObject({
      refusal: {
        sentence: 'This was possible when it was asked for, and is refused now: At most 30m.',
        rule: 'x: duration',
      },
    });
  });
});

describe('separation of duties (invariant 2)', () => {
  const flow = flowOf(step(2, 'ana', 'bo', 'cy'));

  it.each([
    ['their own e-mail from another Slack user', { email: ANA.email, slack: 'U0OTHER' }],
    ['another e-mail from their own Slack user', { email: 'ana@other.example.com', slack: ANA.slack }],
  ])('nobody approves for themselves with %s', (_, voter) => {
    for (const verdict of ['approve', 'deny'] as const)
      expect(codeOf(decideVote(asked(flow), { voter, verdict }, factsOf(asked(flow))))).toBe('own-request');
  });

  it.each([
    ['their own e-mail from another Slack user', { email: person('bo').email, slack: 'U0OTHER' }],
    ['another e-mail from their own Slack user', { email: 'cy@example.com', slack: person('bo').slack }],
  ])('nobody votes twice with %s', (_, voter) => {
    const request = asked(flow, { votes: [by('bo')] });
    for (const verdict of ['approve', 'deny'] as const)
      expect(codeOf(decideVote(request, { voter, verdict }, factsOf(request)))).toBe('already-voted');
  });

  it('whoever filled a seat of one step fills none of the next', () => {
    const twoSteps = asked(flowOf(step(1, 'bo'), step(1, 'bo', 'cy')), { votes: [by('bo')] });
    expect(codeOf(vote(twoSteps, 'bo'))).toBe('already-voted');
    expect(types(vote(twoSteps, 'cy'))).toEqual(['VoteCast', 'RequestApproved']);
  });
});

describe('a vote that counts', () => {
  it('is recorded with its step, its time and the policies it was cast under', () => {
    const request = asked(flowOf(step(1, 'bo'), step(1, 'cy')), { votes: [by('bo')] });
    const decided = decideVote(request, { voter: person('cy'), verdict: 'approve', reason: 'fine' }, factsOf(request));
    expect(decided.ok && decided.events[0]).toEqual({
      type: 'VoteCast',
      at: now,
      workspace: request.workspace,
      actor: 'cy@example.com',
      requestId: 'req_1',
      access: 'prod-db-write',
      vote: { voter: 'cy@example.com', slack: 'U0CY', verdict: 'approve', step: 1, reason: 'fine', at: now },
      policy: { digest: 'b'.repeat(64) },
    });
  });

  it('that leaves a seat empty approves nothing and asks nobody anew', () => {
    const decided = vote(asked(flowOf(step(2, 'bo', 'cy'), step(1, 'dee'))), 'bo');
    expect(types(decided)).toEqual(['VoteCast']);
    expect(effects(decided).map(({ kind }) => kind)).toEqual(['refresh', 'story']);
  });

  it('that fills a step asks the people of the next, where each is asked directly', () => {
    const { channel: _, ...rest } = asked(flowOf(step(1, 'bo'), step(1, 'cy')));
    expect(effects(vote(rest, 'bo')).filter(({ kind }) => kind === 'announce')).toHaveLength(1);
    expect(effects(vote({ ...rest, channel: 'C0' }, 'bo')).filter(({ kind }) => kind === 'announce')).toEqual([]);
  });

  it('that fills the last step gives every permission that was asked for', () => {
    const entitlements = [anEntitlementRef(), anEntitlementRef({ target: 'ci' })];
    const decided = vote(asked(flowOf(step(1, 'bo')), { entitlements }), 'bo');
    expect(effects(decided).filter(({ kind }) => kind === 'provision')).toEqual(
      entitlements.map(({ key }) => ({ kind: 'provision', grantId: 'grt_1', key })),
    );
  });

  it('that denies ends it at once, whatever the policies say by now, and nothing is given', () => {
    const decided = vote(
      asked(flowOf(step(2, 'bo', 'cy')), { votes: [by('cy')] }),
      'bo',
      { current: refusing },
      'deny',
    );
    expect(types(decided)).toEqual(['VoteCast', 'RequestDenied']);
    expect(effects(decided).map(({ kind }) => kind)).toEqual(['refresh', 'story', 'tell-requester']);
  });

  it('counts until the last millisecond before it lapses', () => {
    const request = asked(flowOf(step(1, 'bo')));
    expect(codeOf(vote(request, 'bo', { now: plus(request.lapsesAt, -1) }))).toBe('ok');
    expect(codeOf(vote(request, 'bo', { now: request.lapsesAt }))).toBe('request-lapsed');
    expect(codeOf(vote(request, 'bo', { now: plus(request.lapsesAt, 1) }, 'deny'))).toBe('request-lapsed');
  });

  it('opens an earlier step again when somebody in it may not approve any more', () => {
    const request = asked(flowOf(step(1, 'bo', 'dee'), step(1, 'cy', 'dee')), { votes: [by('bo')] });
    const without: RequestFacts['eligible'] = (email, rule) =>
      email !== person('bo').email && factsOf(request).eligible(email, rule);
    expect(codeOf(vote(request, 'cy', { eligible: without }))).toBe('step-not-open');
    const refilled = vote(request, 'dee', { eligible: without });
    expect(types(refilled)).toEqual(['VoteCast']);
    expect(refilled.ok && refilled.events[0]).toMatchObject({ vote: { step: 0 } });
  });
});

describe('policies that changed meanwhile tighten a request, never loosen it (invariant 3)', () => {
  const request = asked(flowOf(step(1, 'bo', 'cy', 'dee')));
  const under = (flow: Flow): Partial<RequestFacts> => ({
    current: { ok: true, flow, entitlements: request.entitlements },
  });

  it('a tightened flow waits for one more, who may vote though the old flow is full', () => {
    const tightened = under(flowOf(step(1, 'bo', 'cy'), step(1, 'eli')));
    expect(types(vote(request, 'bo', tightened))).toEqual(['VoteCast']);
    const full = asked(request.flow, { votes: [by('bo')] });
    expect(sentence(vote(full, 'cy', tightened))).toBe('You are not among the people whose approval is still missing.');
    const last = vote(full, 'eli', tightened);
    expect(types(last)).toEqual(['VoteCast', 'RequestApproved']);
    expect(last.ok && last.events[0]).toMatchObject({ vote: { step: 1 } });
  });

  it('a loosened flow changes nothing: who and how many stay as they were asked', () => {
    const two = asked(flowOf(step(2, 'bo', 'cy')));
    const one = {
      current: { ok: true, flow: flowOf(step(1, 'bo', 'cy', 'eli')), entitlements: two.entitlements },
    } as const;
    expect(codeOf(vote(two, 'eli', one))).toBe('not-an-approver');
    expect(types(vote(two, 'bo', one))).toEqual(['VoteCast']);
  });

  it('a flow that became automatic does not approve what waits for people', () => {
    const two = asked(flowOf(step(2, 'bo', 'cy')));
    const auto = { current: { ok: true, flow: automatic, entitlements: two.entitlements } } as const;
    expect(types(vote(two, 'bo', auto))).toEqual(['VoteCast']);
  });

  it.each<[string, CurrentRule, string]>([
    ['refuse it', refusing, 'At most 30m.'],
    [
      'give less',
      { ok: true, flow: request.flow, entitlements: [] },
      'prod-db-write no longer gives role app_writer at prod-postgres.',
    ],
    [
      'ask for one more',
      { ok: true, flow: flowOf(step(2, 'bo', 'cy')), entitlements: request.entitlements },
      'The current policies ask for 1 more approval.',
    ],
    [
      'ask for others',
      { ok: true, flow: flowOf(step(1, 'eli'), step(1, 'fay')), entitlements: request.entitlements },
      'The current policies ask for 2 more approvals.',
    ],
    [
      'ask nobody at all, which never counts as asked',
      { ok: true, flow: flowOf(), entitlements: request.entitlements },
      'The current policies ask for 1 more approval.',
    ],
  ])('what is approved is not given when they %s', (_, current, says) => {
    const allowed = currentlyAllowed(request, [by('bo')], factsOf(request, { current }));
    expect(allowed).toMatchObject({ ok: false, refusal: { sentence: says } });
  });

  it('what is approved is not given when the approver may not approve any more', () => {
    const allowed = currentlyAllowed(request, [by('bo')], factsOf(request, { eligible: () => false }));
    expect(allowed).toMatchObject({ ok: false, refusal: { code: 'policy-changed', sentence: /seat is empty again/ } });
  });

  it('what is approved is given when they give more than was asked for, or ask for less', () => {
    const entitlements = [...request.entitlements, anEntitlementRef({ target: 'ci' })];
    for (const flow of [request.flow, automatic, flowOf(step(1, 'bo'))])
      expect(
        currentlyAllowed(request, [by('bo')], factsOf(request, { current: { ok: true, flow, entitlements } })),
      ).toEqual({
        ok: true,
      });
  });

  it('the vote of a policy fills no seat of people', () => {
    const auto = asked(automatic);
    const votes = [aVote({ voter: 'policy:prod-db-write/self-service' })];
    expect(currentlyAllowed(auto, votes, factsOf(auto)).ok).toBe(true);
    const current: CurrentRule = { ok: true, flow: flowOf(step(1, 'bo')), entitlements: auto.entitlements };
    expect(currentlyAllowed(auto, votes, factsOf(auto, { current })).ok).toBe(false);
  });
});

describe('opening a request', () => {
  const {
    status: _s,
    policy: _p,
    openedAt: _o,
    lapsesAt: _l,
    votes: _v,
    version: _n,
    ...command
  } = asked(flowOf(step(1, 'bo'), step(1, 'cy', 'dee')));

  it('keeps the policies it was made under and when it lapses', () => {
    const decided = decideOpen(command, factsOf(asked(command.flow)));
    expect(decided.ok && decided.events).toEqual([
      {
        type: 'RequestOpened',
        at: now,
        workspace: command.workspace,
        actor: ANA.email,
        request: {
          ...command,
          status: 'pending',
          policy: { digest: 'b'.repeat(64) },
          openedAt: now,
          lapsesAt: plus(now, 4 * HOUR),
          votes: [],
        },
      },
    ]);
  });

  it('asks the people of the first step only', () => {
    const { channel: _, ...direct } = command;
    expect(effects(decideOpen(direct, factsOf(asked(command.flow))))).toHaveLength(1);
  });

  it('under an automatic flow is approved by the policy’s own recorded vote, and still has its end', () => {
    const decided = decideOpen({ ...command, flow: automatic }, factsOf(asked(automatic)));
    expect(types(decided)).toEqual(['RequestOpened', 'VoteCast', 'RequestApproved']);
    expect(decided.ok && decided.events[1]).toMatchObject({
      actor: 'policy:prod-db-write/self-service',
      vote: { voter: 'policy:prod-db-write/self-service', verdict: 'approve', step: 0, at: now },
    });
    expect(decided.ok && decided.events[2]).toMatchObject({
      grant: { endsAt: plus(now, HOUR), status: 'provisioning' },
    });
  });
});

describe('withdrawing and lapsing', () => {
  const request = asked(flowOf(step(1, 'bo')));

  it.each<[string, RequestStatus, string]>([
    ['bo', 'pending', 'not-your-grant'],
    ['bo', 'approved', 'not-your-grant'],
    ['ana', 'approved', 'already-decided'],
    ['ana', 'denied', 'already-decided'],
    ['ana', 'cancelled', 'already-decided'],
    ['ana', 'lapsed', 'request-lapsed'],
  ])('%s cannot withdraw what is %s: %s', (name, status, code) => {
    expect(codeOf(decideCancel({ ...request, status }, person(name), now))).toBe(code);
  });

  it('it can be withdrawn until it lapses', () => {
    expect(types(decideCancel(request, ANA, plus(request.lapsesAt, -1)))).toEqual(['RequestCancelled']);
    expect(codeOf(decideCancel(request, ANA, request.lapsesAt))).toBe('request-lapsed');
  });

  it.each<[RequestStatus, string[]]>([
    ['pending', ['RequestLapsed']],
    ['approved', []],
    ['denied', []],
    ['cancelled', []],
    ['lapsed', []],
  ])('when its time is up, what is %s: %j', (status, expected) => {
    const at = (instant: string) => decideLapse({ ...request, status }, instant);
    expect(types(at(plus(request.lapsesAt, 10 * HOUR)))).toEqual(expected);
    expect(types(at(request.lapsesAt))).toEqual(expected);
    expect(at(plus(request.lapsesAt, -1))).toEqual({ ok: true, events: [], effects: [] });
    expect(effects(at(request.lapsesAt)).map(({ kind }) => kind)).toEqual(
      expected.length > 0 ? ['refresh', 'story', 'tell-requester'] : [],
    );
  });
});

describe('a request whose seats are all filled, while tightened policies asked for more', () => {
  const flow = flowOf(step(1, 'bo'));
  const voted = asked(flow, { votes: [by('bo')] });

  it('is completed by an approver of the current policies once these were relaxed again', () => {
    expect(
      types(
        vote(voted, 'cy', {
          current: { ok: true, flow: flowOf(step(1, 'bo', 'cy')), entitlements: voted.entitlements },
        }),
      ),
    ).toEqual(['VoteCast', 'RequestApproved']);
  });

  it('is not completed by anybody else', () => {
    expect(codeOf(vote(voted, 'dee'))).toBe('not-an-approver');
  });
});
