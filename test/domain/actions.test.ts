import { type CallerRef, callerName } from '../../src/domain/caller.ts';
import { actionStanding, decideUnused, decideUse } from '../../src/domain/decide-action.ts';
import { decideCancel, decideLapse, decideOpen } from '../../src/domain/decide-request.ts';
import { decideVote } from '../../src/domain/decide-vote.ts';
import type { Decided } from '../../src/domain/decision.ts';
import { emptyWorld, fold } from '../../src/domain/fold.ts';
import { plus } from '../../src/domain/instant.ts';
import { differences, parametersText, sameParameters } from '../../src/domain/parameters.ts';
import type { FieldValues, Flow, RequestState } from '../../src/domain/request.ts';
import type { RequestFacts } from '../../src/domain/request-facts.ts';
import { anActionRequest, anApprovedAction, aVote, HOUR, MINUTE, NOON, PIPELINE } from '../support/samples.ts';

const BO = { email: 'bo@example.com', slack: 'U0BO' };
const automatic: Flow = { name: 'self-service', autoApprove: true, steps: [], timeoutMs: HOUR };

const factsOf = (request: RequestState, values: Partial<RequestFacts> = {}): RequestFacts => ({
  now: plus(NOON, 2 * MINUTE),
  eligible: (email) => email !== request.requester.email,
  current: { ok: true, flow: request.flow, entitlements: [], validForMs: request.durationMs },
  policy: request.policy,
  grantId: 'grt_1',
  placesFor: () => [{ person: 'U0BO' }],
  ...values,
});

const use = (
  request: RequestState,
  values: Partial<RequestFacts> = {},
  { caller = PIPELINE, parameters = request.fields }: { caller?: CallerRef; parameters?: FieldValues } = {},
) => decideUse(request, { caller, parameters }, factsOf(request, values));

const codeOf = (decided: Decided): string => (decided.ok ? 'ok' : decided.refusal.code);
const sentence = (decided: Decided): string => (decided.ok ? '' : decided.refusal.sentence);
const kinds = (decided: Decided) => (decided.ok ? decided.effects.map(({ kind }) => kind) : []);

/** The state after what was decided. */
function folded(request: RequestState | undefined, decided: Decided): RequestState {
  const world = emptyWorld();
  if (request) world.requests.set(request.id, request);
  for (const event of decided.ok ? decided.events : []) fold(world, event);
  const [state] = [...world.requests.values()];
  if (!state) throw new Error('no request');
  return state;
}

describe('asking for an action', () => {
  const { votes: _, status: __, openedAt: ___, lapsesAt: ____, policy, version: _____, ...command } = anActionRequest();

  it('opens a request in the name of the caller, and asks approvers as for an access', () => {
    const opened = decideOpen(command, factsOf(anActionRequest()));
    expect(opened).toMatchObject({ events: [{ type: 'RequestOpened', actor: callerName(PIPELINE) }] });
    expect(kinds(opened)).toEqual(['announce']);
  });

  it('of an automatic flow is approved in the same breath, by the recorded vote of its policy', () => {
    const opened = decideOpen({ ...command, flow: automatic }, factsOf(anActionRequest({ flow: automatic })));
    expect(opened).toMatchObject({
      events: [
        { type: 'RequestOpened' },
        { type: 'VoteCast', actor: 'policy:deploy/self-service' },
        { type: 'ActionApproved', usableUntil: plus(NOON, 17 * MINUTE), policy },
      ],
    });
    expect(folded(undefined, opened)).toMatchObject({
      status: 'approved',
      action: { usableUntil: plus(NOON, 17 * MINUTE) },
    });
  });
});

describe('the last approval of an action', () => {
  const vote = (request: RequestState, values: Partial<RequestFacts> = {}) =>
    decideVote(request, { voter: BO, verdict: 'approve' }, factsOf(request, values));

  it('lets it be used for as long as its policy says, and gives nothing', () => {
    const decided = vote(anActionRequest());
    expect(decided).toMatchObject({
      events: [{ type: 'VoteCast' }, { type: 'ActionApproved', usableUntil: plus(NOON, 17 * MINUTE) }],
    });
    expect(kinds(decided)).toEqual(['refresh', 'story']);
  });

  it('holds no longer than the policies say by now (invariant 3)', () => {
    const request = anActionRequest();
    const until = (validForMs: number) => {
      const approved = vote(request, { current: { ok: true, flow: request.flow, entitlements: [], validForMs } });
      return folded(request, approved).action?.usableUntil;
    };
    expect(until(MINUTE)).toBe(plus(NOON, 3 * MINUTE));
    expect(until(HOUR)).toBe(plus(NOON, 17 * MINUTE));
  });

  it('is refused when the policies refuse the action now', () => {
    const refusal = { code: 'not-eligible', sentence: 'Its callers are others now.' } as const;
    expect(codeOf(vote(anActionRequest(), { current: { ok: false, refusal } }))).toBe('policy-changed');
  });

  it('and nobody sends messages to a caller: not when it is denied, and not when it lapses', () => {
    const request = anActionRequest();
    expect(kinds(decideVote(request, { voter: BO, verdict: 'deny' }, factsOf(request)))).toEqual(['refresh', 'story']);
    expect(kinds(decideLapse(request, request.lapsesAt))).toEqual(['refresh', 'story']);
  });
});

describe('using an approval', () => {
  const request = anApprovedAction();

  it('tells the caller to go ahead, once, and says so to those who approved it', () => {
    const used = use(request);
    expect(used).toEqual({
      ok: true,
      events: [
        {
          type: 'ActionUsed',
          at: plus(NOON, 2 * MINUTE),
          workspace: request.workspace,
          actor: 'oidc:https://ci.example.com#repo:acme/api',
          requestId: request.id,
          access: 'deploy',
          approvedAt: plus(NOON, MINUTE),
          parameters: request.fields,
          claims: PIPELINE.kind === 'oidc' ? PIPELINE.claims : {},
          policy: request.policy,
        },
      ],
      effects: [
        { kind: 'refresh', requestId: request.id },
        { kind: 'story', requestId: request.id, beat: 'used' },
      ],
    });
    expect(codeOf(use(folded(request, used)))).toBe('already-used');
  });

  // Each has everything wrong that the ones after it have, so that only the order decides.
  const other: CallerRef = { kind: 'api-key', name: 'jenkins' };
  const refusal = { code: 'not-eligible', sentence: 'Its callers are others now.' } as const;
  const wrong = { current: { ok: false, refusal } } as const;
  const parameters = { sha: 'beef' };
  const over = { ...wrong, now: plus(NOON, HOUR) };
  const used = (values: Partial<RequestState> = {}) =>
    anApprovedAction({ action: { caller: PIPELINE, usableUntil: plus(NOON, 16 * MINUTE), usedAt: NOON }, ...values });

  it.each<[string, string, Decided]>([
    ['of another caller', 'not-your-request', use(used({ status: 'pending' }), over, { caller: other, parameters })],
    ['that nobody gave yet', 'not-approved', use(anActionRequest(), wrong, { parameters })],
    ['that nobody gave in time', 'request-lapsed', use(anActionRequest({ status: 'lapsed' }), wrong, { parameters })],
    [
      'that nobody gave in time, though it is not written down',
      'request-lapsed',
      use(anActionRequest(), { ...wrong, now: plus(NOON, 4 * HOUR) }, { parameters }),
    ],
    ['that was denied', 'already-decided', use(anActionRequest({ status: 'denied' }), wrong, { parameters })],
    ['that was withdrawn', 'already-decided', use(anActionRequest({ status: 'cancelled' }), wrong, { parameters })],
    ['that was used, whatever the time', 'already-used', use(used(), over, { parameters })],
    [
      'whose time is over at that very moment',
      'approval-over',
      use(request, { ...wrong, now: plus(NOON, 16 * MINUTE) }, { parameters }),
    ],
    ['with other parameters', 'parameters-differ', use(request, wrong, { parameters })],
    ['that the policies refuse now', 'policy-changed', use(request, wrong)],
  ])('%s is refused: %s', (_, code, decided) => expect(codeOf(decided)).toBe(code));

  it('in the last moment before its end is still in time', () => {
    expect(codeOf(use(request, { now: plus(NOON, 16 * MINUTE - 1) }))).toBe('ok');
  });

  it.each<[string, FieldValues]>([
    ['another value', { sha: 'f00e', env: 'x' }],
    ['a value that differs in a blank', { sha: 'f00d ', env: 'x' }],
    ['a value in capitals', { sha: 'F00D', env: 'x' }],
    ['one left out', { sha: 'f00d' }],
    ['none at all', {}],
    ['one more', { sha: 'f00d', env: 'x', force: 'true' }],
    ['one more that is empty', { sha: 'f00d', env: 'x', force: '' }],
    ['one of a name that every object has', { sha: 'f00d', env: 'x', constructor: 'x' }],
    ['a value of no text', { sha: 'f00d', env: undefined as unknown as string }],
  ])('with %s is refused, for it is not what people saw', (_, parameters) => {
    const approved = anApprovedAction({ fields: { sha: 'f00d', env: 'x' } });
    expect(codeOf(use(approved, {}, { parameters }))).toBe('parameters-differ');
  });

  it('goes by the parameters and not by their order', () => {
    const approved = anApprovedAction({ fields: { sha: 'f00d', env: 'x' } });
    expect(codeOf(use(approved, {}, { parameters: { env: 'x', sha: 'f00d' } }))).toBe('ok');
  });

  it('says which parameters differ, and repeats nothing of what it was given', () => {
    const told = sentence(use(request, {}, { parameters: { sha: 'secret-1', 'secret-2': 'secret-3' } }));
    expect(told).toContain('sha');
    expect(told).toContain('1 of your parameters');
    expect(told).not.toContain('secret');
  });

  it('is for the caller that asked: another subject, another issuer, a key of the same name are others', () => {
    for (const caller of [
      { ...PIPELINE, subject: 'repo:acme/web' },
      { ...PIPELINE, issuer: 'https://ci.example.org' },
      { kind: 'api-key', name: 'repo:acme/api' },
    ] as CallerRef[])
      expect(codeOf(use(request, {}, { caller }))).toBe('not-your-request');
    // What else its token says may be other each time; the policies judge that.
    expect(codeOf(use(request, {}, { caller: { ...PIPELINE, claims: {} } as CallerRef }))).toBe('ok');
  });

  it('is refused when somebody who approved may not approve any more', () => {
    expect(use(request, { eligible: () => false })).toMatchObject({ refusal: { code: 'policy-changed' } });
  });

  it('is refused when the current policies ask for more approvals, and never allowed because they ask for fewer', () => {
    const [step] = request.flow.steps;
    if (!step) throw new Error('no step');
    const current = (flow: Flow) => ({ current: { ok: true as const, flow, entitlements: [] } });
    const two = { ...request.flow, steps: [{ ...step, need: 2 }] };
    expect(codeOf(use(request, current(two)))).toBe('policy-changed');
    const unfilled = anApprovedAction({ flow: two });
    expect(codeOf(use(unfilled, current(automatic)))).toBe('policy-changed');
  });

  it('is refused from when a shortened valid_for is over; a lengthened one changes nothing', () => {
    const within = (validForMs: number, minutes: number) =>
      codeOf(
        use(request, {
          now: plus(NOON, minutes * MINUTE),
          current: { ok: true, flow: request.flow, entitlements: [], validForMs },
        }),
      );
    expect([within(5 * MINUTE, 5), within(5 * MINUTE, 6)]).toEqual(['ok', 'approval-over']);
    expect([within(HOUR, 15), within(HOUR, 16)]).toEqual(['ok', 'approval-over']);
  });

  it('of a row that nobody but Latchkey could have written rightly is refused', () => {
    expect(codeOf(use(anApprovedAction({ action: { caller: PIPELINE } })))).toBe('not-approved');
    const { decidedAt: _, ...undecided } = request;
    expect(codeOf(use(undecided))).toBe('not-approved');
    const { action: __, ...access } = request;
    expect(codeOf(use(access))).toBe('not-your-request');
  });
});

describe('an approval that nobody used', () => {
  const request = anApprovedAction();
  const end = plus(NOON, 16 * MINUTE);

  it('is over at its end, is said to be, and stays so when the clock steps back (invariant 11)', () => {
    expect(decideUnused(request, plus(end, -1)).events).toEqual([]);
    const outcome = decideUnused(request, end);
    expect(outcome).toMatchObject({
      events: [{ type: 'ActionUnused', actor: 'latchkey', usableUntil: end }],
      effects: [{ kind: 'refresh' }, { kind: 'story', beat: 'unused' }],
    });
    const over = folded(request, { ok: true, ...outcome });
    expect(codeOf(use(over, { now: plus(NOON, 2 * MINUTE) }))).toBe('approval-over');
    expect(decideUnused(over, plus(end, HOUR)).events).toEqual([]);
  });

  it('is only an approval: what is pending, used or no action is let alone', () => {
    for (const other of [
      anActionRequest(),
      anActionRequest({ status: 'denied' }),
      folded(request, use(request)),
      anApprovedAction({ action: { caller: PIPELINE } }),
    ])
      expect(decideUnused(other, plus(NOON, 24 * HOUR)).events).toEqual([]);
  });
});

describe('where a request of an action stands', () => {
  it('goes by the clock, whether or not somebody wrote it down', () => {
    const at = (request: RequestState, minutes: number) => actionStanding(request, plus(NOON, minutes * MINUTE));
    expect([at(anActionRequest(), 1), at(anActionRequest(), 4 * 60)]).toEqual(['pending', 'lapsed']);
    expect([at(anApprovedAction(), 15), at(anApprovedAction(), 16)]).toEqual(['approved', 'unused']);
    const action = { caller: PIPELINE, usableUntil: plus(NOON, 16 * MINUTE) };
    expect(at(anApprovedAction({ action: { ...action, usedAt: NOON } }), 60)).toBe('used');
    expect(at(anApprovedAction({ action: { ...action, unusedAt: NOON } }), 0)).toBe('unused');
    for (const status of ['denied', 'cancelled', 'lapsed'] as const)
      expect(at(anActionRequest({ status }), 1)).toBe(status);
  });
});

describe('withdrawing a request of an action', () => {
  const request = anActionRequest();
  const cancel = (by: string, state = request) => decideCancel(state, { email: by }, plus(NOON, MINUTE));

  it('is for its caller, while it is pending', () => {
    expect(cancel(callerName(PIPELINE))).toMatchObject({ events: [{ type: 'RequestCancelled' }] });
    expect(codeOf(cancel('api-key:jenkins'))).toBe('not-your-request');
    expect(codeOf(cancel(callerName(PIPELINE), anApprovedAction()))).toBe('already-decided');
    expect(sentence(cancel(callerName(PIPELINE), anActionRequest({ status: 'lapsed' })))).toContain('caller');
  });
});

describe('parameters', () => {
  it('are the same when all their names and values are', () => {
    expect(parametersText({ b: '1', a: '2' })).toBe('[["a","2"],["b","1"]]');
    expect(sameParameters({ b: '1', a: '2' }, { a: '2', b: '1' })).toBe(true);
    expect(sameParameters({ a: '1","b' }, { a: '1', b: '' })).toBe(false);
    expect(sameParameters({}, {})).toBe(true);
  });

  it('differ by name, and those that were added are counted', () => {
    expect(differences({ a: '1', b: '2' }, { a: '1', b: '3', c: '4', d: '5' })).toEqual({ differing: ['b'], added: 2 });
    expect(differences({ constructor: '1' } as FieldValues, {})).toEqual({ differing: ['constructor'], added: 0 });
  });
});

describe('the name of a caller', () => {
  it('is no e-mail, and two callers have two', () => {
    expect(callerName(PIPELINE)).toBe('oidc:https://ci.example.com#repo:acme/api');
    expect(callerName({ kind: 'api-key', name: 'jenkins' })).toBe('api-key:jenkins');
  });

  it('of nobody may vote, whoever the directory takes it for', () => {
    const request = anActionRequest();
    const voter = { email: callerName(PIPELINE), slack: 'U0BO' };
    expect(codeOf(decideVote(request, { voter, verdict: 'approve' }, factsOf(request)))).toBe('own-request');
    expect(request.votes).toEqual([]);
    expect(aVote().voter).toBe(BO.email);
  });
});
