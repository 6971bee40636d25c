import { currentlyAllowed } from '../../src/domain/approve.ts';
import { decideNudge } from '../../src/domain/decide-nudge.ts';
import { decideLapse, decideOpen } from '../../src/domain/decide-request.ts';
import { decideVote } from '../../src/domain/decide-vote.ts';
import type { Decided, Outcome } from '../../src/domain/decision.ts';
import { evolveRequest } from '../../src/domain/evolve.ts';
import { type Instant, plus } from '../../src/domain/instant.ts';
import { nextNudge } from '../../src/domain/nudge.ts';
import type { Flow, RequestState, Step } from '../../src/domain/request.ts';
import type { RequestFacts } from '../../src/domain/request-facts.ts';
import { aRequest, HOUR, MINUTE, NOON } from '../support/samples.ts';

const person = (name: string) => ({ email: `${name}@example.com`, slack: `U0${name.toUpperCase()}` });
const users = (...names: string[]) => names.map((name) => ({ kind: 'user' as const, email: person(name).email }));
const at = (minutes: number): Instant => plus(NOON, minutes * MINUTE);

const step = (names: string[], values: Partial<Step> = {}): Step => ({
  need: 1,
  approvers: users(...names),
  ...values,
});
const escalating = step(['bo'], { escalate: { afterMs: 30 * MINUTE, to: users('lea', 'ana') } });
const reminding = step(['bo'], { remindEveryMs: 10 * MINUTE });
const flowOf = (...steps: Step[]): Flow => ({ name: 'normal', autoApprove: false, steps, timeoutMs: 4 * HOUR });

/** A request as its events make it: opened at NOON, and then whatever is told to happen. */
class Told {
  state: RequestState;
  current: Flow;
  /** Who is disabled by now. */
  readonly gone = new Set<string>();
  constructor(flow: Flow) {
    const { status: _s, policy: _p, openedAt: _o, lapsesAt: _l, votes: _v, version: _n, ...sample } = aRequest();
    this.current = flow;
    this.state = aRequest();
    this.happens(decideOpen({ ...sample, flow }, this.facts(NOON)));
  }
  facts(now: Instant): RequestFacts {
    return {
      now,
      eligible: (email, { approvers }) =>
        email !== 'ana@example.com' &&
        !this.gone.has(email) &&
        approvers.some((one) => one.kind === 'user' && one.email === email),
      current: { ok: true, flow: this.current, entitlements: this.state.entitlements },
      policy: { digest: 'b'.repeat(64) },
      grantId: 'grt_1',
      placesFor: (index, joining) =>
        (joining ?? this.state.flow.steps[index]?.approvers ?? []).map((one) => ({
          person: one.kind === 'user' ? one.email : one.kind,
        })),
    };
  }
  happens(decided: Decided | Outcome): Outcome {
    if ('ok' in decided && !decided.ok) throw new Error(decided.refusal.sentence);
    for (const event of decided.events) this.state = evolveRequest(this.state, event) ?? this.state;
    return decided;
  }
  nudge = (minutes: number): Outcome => this.happens(decideNudge(this.state, this.facts(at(minutes))));
  tries = (name: string, minutes: number) =>
    decideVote(this.state, { voter: person(name), verdict: 'approve' }, this.facts(at(minutes)));
  approves = (name: string, minutes: number): Outcome => this.happens(this.tries(name, minutes));
  get next(): Instant | undefined {
    return nextNudge(this.state);
  }
}

const types = ({ events }: Outcome): string[] => events.map(({ type }) => type);
const NOTHING = { events: [], effects: [] };

describe('a request without clocks', () => {
  it('keeps none, and nothing ever happens to it by waiting', () => {
    const request = new Told(flowOf(step(['bo']), step(['cy'])));
    expect(request.state).not.toHaveProperty('waiting');
    expect(types(request.approves('bo', 1))).toEqual(['VoteCast']);
    expect(request.next).toBeUndefined();
    expect(request.nudge(200)).toEqual(NOTHING);
  });
});

describe('a reminder', () => {
  it('comes when its time has come, not before', () => {
    const request = new Told(flowOf(reminding));
    expect(request.next).toBe(at(10));
    expect(request.nudge(9.9)).toEqual(NOTHING);
    expect(request.nudge(10)).toEqual({
      events: [expect.objectContaining({ type: 'StepReminded', step: 0, openedAt: NOON, actor: 'latchkey' })],
      effects: [{ kind: 'story', requestId: request.state.id, beat: 'reminder', step: 0 }],
    });
    expect(request.next).toBe(at(20));
  });

  it('is one after a long stop, not one for each that was missed', () => {
    const request = new Told(flowOf(reminding));
    expect(types(request.nudge(175))).toEqual(['StepReminded']);
    expect(request.nudge(176)).toEqual(NOTHING);
    expect(request.next).toBe(at(185));
  });

  it('is not repeated by a clock that steps back', () => {
    const request = new Told(flowOf(reminding));
    request.nudge(10);
    expect(request.nudge(5)).toEqual(NOTHING);
    expect(request.nudge(10)).toEqual(NOTHING);
  });

  it('never comes once the request is over, or its time is', () => {
    const request = new Told(flowOf(reminding));
    expect(request.nudge(240)).toEqual(NOTHING);
    request.happens(decideLapse(request.state, at(240)));
    expect(request.next).toBeUndefined();
    expect(request.nudge(241)).toEqual(NOTHING);
  });

  it('is not awaited where it would come after the end', () => {
    const request = new Told({ ...flowOf(reminding), timeoutMs: 15 * MINUTE });
    request.nudge(10);
    expect(request.next).toBeUndefined();
  });
});

describe('the clock of a step', () => {
  const flow = flowOf(step(['bo']), step(['cy', 'dee'], { remindEveryMs: 10 * MINUTE }));

  it('starts when the step opens, and that is recorded', () => {
    const request = new Told(flow);
    expect(request.next).toBeUndefined();
    expect(types(request.approves('bo', 25))).toEqual(['VoteCast', 'StepOpened']);
    expect(request.state.waiting).toEqual({ step: 1, since: at(25) });
    expect(request.next).toBe(at(35));
  });

  it('runs on through a vote that does not fill the step', () => {
    const request = new Told(flowOf({ ...reminding, need: 2, approvers: users('bo', 'cy') }));
    request.approves('bo', 5);
    expect(request.next).toBe(at(10));
  });

  it('starts anew when an earlier step opens again, because its voter may not approve any more', () => {
    const request = new Told(flowOf(reminding, step(['cy'], { remindEveryMs: 10 * MINUTE })));
    request.approves('bo', 5);
    request.gone.add('bo@example.com');
    expect(types(request.nudge(15))).toEqual(['StepOpened']);
    expect(request.state.waiting).toEqual({ step: 0, since: at(15) });
    expect(request.nudge(24)).toEqual(NOTHING);
    expect(types(request.nudge(25))).toEqual(['StepReminded']);
  });

  it('rests when every step is full and only a tightened policy asks for more', () => {
    const request = new Told(flowOf(reminding));
    request.current = flowOf(step(['bo', 'cy'], { need: 2 }));
    expect(types(request.approves('bo', 5))).toEqual(['VoteCast', 'StepOpened']);
    expect(request.state).toMatchObject({ status: 'pending', waiting: { step: 1 } });
    expect(request.next).toBeUndefined();
  });
});

describe('an escalation', () => {
  it('grows the approvers of its step, asks the new ones, and is told', () => {
    const request = new Told(flowOf(escalating));
    expect(request.tries('lea', 29)).toMatchObject({ refusal: { code: 'not-an-approver' } });
    expect(request.nudge(29)).toEqual(NOTHING);
    const { id } = request.state;
    expect(request.nudge(31)).toEqual({
      events: [
        expect.objectContaining({
          type: 'StepEscalated',
          step: 0,
          to: users('lea', 'ana'),
          openedAt: NOON,
          at: at(31),
        }),
      ],
      effects: [
        { kind: 'refresh', requestId: id },
        { kind: 'story', requestId: id, beat: 'escalated', step: 0 },
        { kind: 'announce', requestId: id, place: { person: 'lea@example.com' } },
        { kind: 'announce', requestId: id, place: { person: 'ana@example.com' } },
      ],
    });
    expect(request.state.escalations).toEqual([{ step: 0, to: users('lea', 'ana'), at: at(31), openedAt: NOON }]);
    expect(types(request.approves('lea', 32))).toEqual(['VoteCast', 'RequestApproved']);
  });

  it('adds people, never consent: the step needs as many as before, and the first ones may still fill it', () => {
    const request = new Told(flowOf({ ...escalating, need: 2, approvers: users('bo', 'cy') }));
    request.nudge(30);
    expect(types(request.approves('bo', 31))).toEqual(['VoteCast']);
    expect(types(request.approves('lea', 32))).toEqual(['VoteCast', 'RequestApproved']);
  });

  it('never makes the requester an approver of their own request', () => {
    const request = new Told(flowOf(escalating));
    request.nudge(30);
    expect(request.tries('ana', 31)).toMatchObject({ refusal: { code: 'own-request' } });
  });

  it('gives nobody a second seat', () => {
    const request = new Told(flowOf(step(['lea']), escalating));
    request.approves('lea', 1);
    request.nudge(40);
    expect(request.tries('lea', 41)).toMatchObject({ refusal: { code: 'already-voted' } });
  });

  it('grows its own step only', () => {
    const request = new Told(flowOf(escalating, step(['cy'])));
    request.nudge(30);
    request.approves('bo', 31);
    expect(request.tries('lea', 32)).toMatchObject({ refusal: { code: 'not-an-approver' } });
  });

  it('comes once, and is a reminder itself', () => {
    const request = new Told(flowOf({ ...escalating, remindEveryMs: 30 * MINUTE }));
    expect(types(request.nudge(30))).toEqual(['StepEscalated']);
    expect(request.next).toBe(at(60));
    expect(types(request.nudge(60))).toEqual(['StepReminded']);
    expect(request.state.escalations).toHaveLength(1);
  });

  it('stays with a step that opens again', () => {
    const request = new Told(flowOf(escalating, step(['cy'], { remindEveryMs: 10 * MINUTE })));
    request.nudge(30);
    request.approves('bo', 31);
    request.gone.add('bo@example.com');
    expect(types(request.nudge(41))).toEqual(['StepOpened']);
    expect(request.nudge(100)).toEqual(NOTHING);
    expect(types(request.approves('lea', 101))).toEqual(['VoteCast', 'StepOpened']);
  });
});

describe('the current policies and an escalation', () => {
  const allowed = (request: Told, minutes: number) =>
    currentlyAllowed(request.state, request.state.votes, request.facts(at(minutes)));
  const escalated = () => {
    const request = new Told(flowOf(escalating));
    request.nudge(30);
    return request;
  };

  it('allow the vote of somebody whom they would have escalated to themselves', () => {
    const request = escalated();
    request.approves('lea', 31);
    expect(allowed(request, 32)).toEqual({ ok: true });
  });

  it.each<[string, Flow]>([
    ['no longer escalate', flowOf(step(['bo']))],
    ['escalate to others', flowOf({ ...escalating, escalate: { afterMs: 30 * MINUTE, to: users('max') } })],
    ['escalate later', flowOf({ ...escalating, escalate: { afterMs: HOUR, to: users('lea') } })],
  ])('do not when they %s', (_how, current) => {
    const request = escalated();
    request.current = current;
    expect(types(request.approves('lea', 31))).toEqual(['VoteCast', 'StepOpened']);
    expect(allowed(request, 32)).toMatchObject({ ok: false, refusal: { code: 'policy-changed' } });
    expect(request.state.status).toBe('pending');
  });

  it('do, later, when they escalate later', () => {
    const request = escalated();
    request.current = flowOf({ ...escalating, escalate: { afterMs: HOUR, to: users('lea') } });
    request.approves('lea', 31);
    expect(allowed(request, 60)).toEqual({ ok: true });
  });

  it('cannot loosen a request by escalating where it has not', () => {
    const request = new Told(flowOf(step(['bo'])));
    request.current = flowOf({ ...escalating, escalate: { afterMs: MINUTE, to: users('lea') } });
    expect(request.nudge(60)).toEqual(NOTHING);
    expect(request.tries('lea', 60)).toMatchObject({ refusal: { code: 'not-an-approver' } });
  });
});
