import {
  decideBaseline,
  decideExpire,
  decideFailure,
  decideGiven,
  decideHoldEnd,
  decideRelease,
} from '../../src/domain/decide-grant.ts';
import { decideCancel, decideLapse, decideOpen, type OpenRequest } from '../../src/domain/decide-request.ts';
import { decideVote } from '../../src/domain/decide-vote.ts';
import type { Decided, Outcome } from '../../src/domain/decision.ts';
import type { EffectFailed } from '../../src/domain/events.ts';
import { emptyWorld, fold } from '../../src/domain/fold.ts';
import type { GrantState, Hold } from '../../src/domain/grant.ts';
import { plus } from '../../src/domain/instant.ts';
import type { RequestState } from '../../src/domain/request.ts';
import type { RequestFacts } from '../../src/domain/request-facts.ts';
import { aHold, anEntitlementRef, aRequest, HOUR, MINUTE, NOON, WORKSPACE } from '../support/samples.ts';

// Invariant 7: what the events fold to is what the next decision is given, and what the rows hold.

const ANA = { email: 'ana@example.com', slack: 'U0ANA' };
const BO = { email: 'bo@example.com', slack: 'U0BO' };
const CY = { email: 'cy@example.com', slack: 'U0CY' };
const at = (minutes: number) => plus(NOON, minutes * MINUTE);

const DB = anEntitlementRef();
const CI = anEntitlementRef({ target: 'ci' });

function story() {
  const world = emptyWorld();
  const { status: _s, policy: _p, openedAt: _o, lapsesAt: _l, votes: _v, version: _n, ...sample } = aRequest();
  const command: OpenRequest = {
    ...sample,
    id: 'req_1',
    flow: { ...sample.flow, steps: [{ approvers: [{ kind: 'everyone' }], need: 2 }] },
    entitlements: [DB, CI],
  };
  const facts = (now: string): RequestFacts => ({
    now,
    eligible: () => true,
    current: { ok: true, flow: command.flow, entitlements: command.entitlements },
    policy: { digest: 'a'.repeat(64) },
    grantId: 'grt_1',
    placesFor: () => [],
  });
  const happens = (decided: Decided | Outcome) => {
    if ('ok' in decided && !decided.ok) throw new Error(decided.refusal.sentence);
    for (const event of decided.events) fold(world, event);
  };
  const request = () => world.requests.get('req_1') as RequestState;
  const grant = () => world.grants.get('grt_1') as GrantState;
  const hold = (index: number) => grant().holds[index] as Hold;
  const approve = (voter: typeof BO, now: string) =>
    happens(decideVote(request(), { voter, verdict: 'approve' }, facts(now)));
  happens(decideOpen(command, facts(NOON)));
  return { world, command, facts, happens, request, grant, hold, approve };
}

describe('what a request folds to', () => {
  it('once opened: it waits, with nobody’s vote', () => {
    const { request, command } = story();
    expect(request()).toEqual({
      ...command,
      status: 'pending',
      policy: { digest: 'a'.repeat(64) },
      openedAt: NOON,
      lapsesAt: plus(NOON, 4 * HOUR),
      votes: [],
      version: 0,
    });
  });

  it('with every vote: who, in which step, when', () => {
    const { request, approve } = story();
    approve(BO, at(1));
    expect(request()).toMatchObject({ status: 'pending', votes: [{ voter: BO.email, step: 0, at: at(1) }] });
  });

  it('once approved: by whom, when, and which grant came of it', () => {
    const { request, approve } = story();
    approve(BO, at(1));
    approve(CY, at(2));
    expect(request()).toMatchObject({ status: 'approved', decidedBy: CY.email, decidedAt: at(2), grantId: 'grt_1' });
    expect(request().votes).toHaveLength(2);
  });

  it('once denied: by whom and why', () => {
    const { request, happens, facts } = story();
    happens(decideVote(request(), { voter: BO, verdict: 'deny', reason: 'not now' }, facts(at(1))));
    expect(request()).toMatchObject({
      status: 'denied',
      decidedBy: BO.email,
      decidedAt: at(1),
      decisionReason: 'not now',
      votes: [{ verdict: 'deny', reason: 'not now' }],
    });
  });

  it('once denied without a reason: no reason, not an empty one', () => {
    const { request, happens, facts } = story();
    happens(decideVote(request(), { voter: BO, verdict: 'deny' }, facts(at(1))));
    expect(request()).not.toHaveProperty('decisionReason');
  });

  it('once withdrawn or lapsed: withdrawn by somebody, lapsed by nobody', () => {
    const withdrawn = story();
    withdrawn.happens(decideCancel(withdrawn.request(), ANA, at(1)));
    expect(withdrawn.request()).toMatchObject({ status: 'cancelled', decidedBy: ANA.email, decidedAt: at(1) });
    const lapsed = story();
    lapsed.happens(decideLapse(lapsed.request(), at(240)));
    expect(lapsed.request()).toMatchObject({ status: 'lapsed', decidedAt: at(240) });
    expect(lapsed.request()).not.toHaveProperty('decidedBy');
  });
});

describe('what a grant folds to', () => {
  const begun = () => {
    const begin = story();
    begin.approve(BO, at(1));
    begin.approve(CY, at(2));
    return begin;
  };

  it('once approved: its end, and every permission still to be given', () => {
    const { grant } = begun();
    expect(grant()).toEqual({
      id: 'grt_1',
      workspace: WORKSPACE,
      requestId: 'req_1',
      access: 'prod-db-write',
      person: ANA,
      status: 'provisioning',
      holds: [
        { ...DB, status: 'pending' },
        { ...CI, status: 'pending' },
      ],
      approvedAt: at(2),
      endsAt: at(62),
      version: 0,
    });
  });

  it('from the first permission to the last, and back', () => {
    const { grant, hold, happens, world } = begun();
    happens(decideBaseline(grant(), hold(0), false, at(3)));
    happens(decideBaseline(grant(), hold(1), true, at(3)));
    expect([...world.entitlements.values()].map(({ status }) => status)).toEqual(['ours', 'standing']);
    expect(grant().status).toBe('provisioning');

    happens(decideGiven(grant(), hold(0), false, at(4)));
    expect(grant()).toMatchObject({ status: 'provisioning', holds: [{ status: 'given', seenAt: at(4) }, {}] });
    expect(hold(0)).not.toHaveProperty('standing');
    happens(decideGiven(grant(), hold(1), true, at(5)));
    expect(grant()).toMatchObject({ status: 'active', activatedAt: at(5), holds: [{}, { standing: true }] });

    happens(decideRelease(grant(), ANA, at(6)));
    expect(grant()).toMatchObject({ status: 'revoking', endReason: 'released', endedBy: ANA.email, endingAt: at(6) });
    happens(decideHoldEnd(grant(), hold(0), 'taken', at(7)));
    expect(grant()).toMatchObject({ status: 'revoking', holds: [{ status: 'taken', seenAt: at(7) }, {}] });
    happens(decideHoldEnd(grant(), hold(1), 'kept-standing', at(8)));
    expect(grant()).toMatchObject({
      status: 'ended',
      endedAt: at(8),
      endsAt: at(62),
      holds: [{}, { status: 'kept', keptBecause: 'standing', seenAt: at(8) }],
    });
    expect([...world.entitlements.values()].map(({ status }) => status)).toEqual(['unheld', 'unheld']);
  });

  it('that failed keeps what stopped it; one that expired has nothing that stopped it', () => {
    const failed = begun();
    failed.happens(decideFailure(failed.grant(), 'failed', 'no such role', at(3)));
    expect(failed.grant()).toMatchObject({ status: 'revoking', endReason: 'failed', failure: 'no such role' });
    const expired = begun();
    expired.happens(decideGiven(expired.grant(), expired.hold(0), false, at(3)));
    expired.happens(decideGiven(expired.grant(), expired.hold(1), false, at(3)));
    expired.happens(decideExpire(expired.grant(), at(62)));
    expect(expired.grant()).toMatchObject({ status: 'revoking', endReason: 'expired', endedBy: 'latchkey' });
    expect(expired.grant()).not.toHaveProperty('failure');
  });

  it('remembers until when an unanswered call may still land, and forgets nothing else over it', () => {
    const { grant, hold, world } = begun();
    const failure: EffectFailed = {
      type: 'EffectFailed',
      at: at(3),
      workspace: WORKSPACE,
      actor: 'latchkey',
      effectId: 'eff_1',
      kind: 'provision',
      code: 'deadline',
      sentence: 'no answer',
      attempt: 1,
      grantId: 'grt_1',
      key: CI.key,
    };
    const before = grant();
    fold(world, failure);
    expect(grant()).toEqual(before);
    fold(world, { ...failure, unsettledUntil: at(4) });
    expect(hold(1)).toEqual({ ...aHold({ target: 'ci' }), unsettledUntil: at(4) });
    expect(hold(0)).toEqual(before.holds[0]);
    expect(world.entitlements.size).toBe(0);
  });

  it('an event of an unknown grant or request makes none', () => {
    const { grant, world } = begun();
    const events = [
      ...decideExpire({ ...grant(), id: 'grt_other', requestId: 'req_other' }, at(62)).events,
      ...(decideCancel({ ...aRequest(), id: 'req_other' }, ANA, at(1)) as Outcome).events,
    ];
    for (const event of events) fold(world, event);
    expect([[...world.requests.keys()], [...world.grants.keys()]]).toEqual([['req_1'], ['grt_1']]);
  });
});
