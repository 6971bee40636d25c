import {
  decideBaseline,
  decideExpire,
  decideFailure,
  decideGiven,
  decideHoldEnd,
  decideRelease,
} from '../../src/domain/decide-grant.ts';
import { decideCancel, decideLapse, decideOpen } from '../../src/domain/decide-request.ts';
import { decideVote } from '../../src/domain/decide-vote.ts';
import type { Decided } from '../../src/domain/decision.ts';
import { laneOf, orderOf } from '../../src/domain/effects.ts';
import { entitlementKey } from '../../src/domain/entitlement.ts';
import { emptyWorld, fold } from '../../src/domain/fold.ts';
import { plus } from '../../src/domain/instant.ts';
import type { RequestState } from '../../src/domain/request.ts';
import type { RequestFacts } from '../../src/domain/request-facts.ts';
import { aGrant, aHold, anEntitlementRef, aRequest, aVote, HOUR, MINUTE, NOON } from '../support/samples.ts';

const BO = { email: 'bo@example.com', slack: 'U0BO' };
const ANA = { email: 'ana@example.com', slack: 'U0ANA' };

const factsOf = (request: RequestState, values: Partial<RequestFacts> = {}): RequestFacts => ({
  now: plus(NOON, MINUTE),
  eligible: (email) => email !== request.requester.email,
  current: { ok: true, flow: request.flow, entitlements: request.entitlements },
  policy: request.policy,
  grantId: 'grt_1',
  placesFor: () => [{ person: 'U0BO' }],
  ...values,
});
const codeOf = (decided: Decided) => (decided.ok ? 'ok' : decided.refusal.code);
const typesOf = (decided: Decided) => (decided.ok ? decided.events.map(({ type }) => type) : []);

describe('a vote', () => {
  const request = aRequest();
  const approve = (state: RequestState, voter = BO, values: Partial<RequestFacts> = {}) =>
    decideVote(state, { voter, verdict: 'approve' }, factsOf(state, values));

  it('that fills the last step approves, and the end is written with it (invariant 4)', () => {
    const decided = approve(request);
    expect(typesOf(decided)).toEqual(['VoteCast', 'RequestApproved']);
    const approved = decided.ok && decided.events[1];
    expect(approved).toMatchObject({
      grant: { status: 'provisioning', approvedAt: plus(NOON, MINUTE), endsAt: plus(NOON, HOUR + MINUTE) },
    });
    expect(decided.ok && decided.effects.map(({ kind }) => kind)).toEqual(['refresh', 'story', 'provision']);
  });

  it.each<[string, Decided]>([
    ['request-lapsed', approve(aRequest({ status: 'lapsed' }))],
    ['request-lapsed', approve(request, BO, { now: request.lapsesAt })],
    ['already-decided', approve(aRequest({ status: 'approved' }))],
    ['already-decided', approve(aRequest({ status: 'denied' }))],
    ['already-decided', approve(aRequest({ status: 'cancelled' }))],
    ['own-request', approve(request, ANA)],
    ['own-request', approve(request, { email: 'other@example.com', slack: 'U0ANA' })],
    ['already-voted', approve(aRequest({ votes: [aVote({ voter: 'bo@example.com' })] }))],
    ['already-voted', approve(aRequest({ votes: [aVote({ voter: 'x@example.com', slack: 'U0BO' })] }))],
    ['not-an-approver', approve(request, BO, { eligible: () => false })],
    [
      'policy-changed',
      approve(request, BO, { current: { ok: false, refusal: { code: 'too-long', sentence: 'Too long.' } } }),
    ],
  ])('is refused: %s', (code, decided) => {
    expect(codeOf(decided)).toBe(code);
  });

  it('of a later step waits for its turn', () => {
    const two = aRequest({
      flow: {
        ...request.flow,
        steps: [
          { approvers: [], need: 1 },
          { approvers: [{ kind: 'everyone' }], need: 1 },
        ],
      },
    });
    const decided = approve(two, BO, { eligible: (_email, step) => step.approvers.length > 0 });
    expect(codeOf(decided)).toBe('step-not-open');
  });
});

describe('opening', () => {
  const command = (({ status: _s, policy: _p, openedAt: _o, lapsesAt: _l, votes: _v, version: _n, ...rest }) => rest)(
    aRequest(),
  );

  it('asks in the channel, or each approver', () => {
    const facts = factsOf(aRequest());
    const opened = decideOpen(command, facts);
    expect(opened.ok && opened.effects).toEqual([
      { kind: 'announce', requestId: command.id, place: { channel: 'C0APPROVALS' } },
    ]);
    const { channel: _, ...direct } = command;
    const directly = decideOpen(direct, facts);
    expect(directly.ok && directly.effects).toEqual([
      { kind: 'announce', requestId: command.id, place: { person: 'U0BO' } },
    ]);
  });
});

describe('withdrawing and lapsing', () => {
  it('only the one who asked withdraws, and only while it waits', () => {
    expect(codeOf(decideCancel(aRequest(), BO, NOON))).toBe('not-your-grant');
    expect(codeOf(decideCancel(aRequest({ status: 'denied' }), ANA, NOON))).toBe('already-decided');
    expect(typesOf(decideCancel(aRequest(), ANA, NOON))).toEqual(['RequestCancelled']);
  });

  it('lapses at its time and not before, once', () => {
    const request = aRequest();
    expect(typesOf(decideLapse(request, plus(request.lapsesAt, -1)))).toEqual([]);
    expect(typesOf(decideLapse(request, request.lapsesAt))).toEqual(['RequestLapsed']);
    expect(typesOf(decideLapse({ ...request, status: 'lapsed' }, request.lapsesAt))).toEqual([]);
  });
});

describe('a grant', () => {
  const db = aHold();
  const ci = aHold(anEntitlementRef({ target: 'ci' }));
  const grant = aGrant({ holds: [db, ci] });

  it('is active with its last permission, and says so then only', () => {
    const first = decideGiven(grant, db, false, NOON);
    expect(first).toMatchObject({ events: [{ type: 'EntitlementGiven' }], effects: [] });
    const half = aGrant({ ...grant, holds: [{ ...db, status: 'given' }, ci] });
    expect(decideGiven(half, ci, false, NOON).events.map(({ type }) => type)).toEqual([
      'EntitlementGiven',
      'GrantActivated',
    ]);
  });

  it('that is ending records nothing more as given', () => {
    expect(decideGiven({ ...grant, status: 'revoking' }, db, false, NOON).events).toEqual([]);
    expect(decideGiven(grant, { ...db, status: 'given' }, false, NOON).events).toEqual([]);
  });

  it('expires at its end and not before; one that never became active has failed', () => {
    const active = aGrant({ status: 'active' });
    expect(decideExpire(active, plus(active.endsAt, -1)).events).toEqual([]);
    expect(decideExpire(active, active.endsAt).events).toMatchObject([{ type: 'GrantEnding', reason: 'expired' }]);
    expect(decideExpire(grant, grant.endsAt).events).toMatchObject([{ type: 'GrantEnding', reason: 'failed' }]);
    expect(decideExpire(aGrant({ status: 'revoking' }), grant.endsAt).events).toEqual([]);
    expect(decideExpire(aGrant({ status: 'ended' }), grant.endsAt).events).toEqual([]);
  });

  it('takes back every permission when it ends, given or not: what was not seen may be there all the same', () => {
    const ending = decideFailure(grant, 'failed', 'no', NOON);
    expect(ending.effects.filter(({ kind }) => kind === 'revoke')).toHaveLength(2);
    expect(decideFailure(aGrant({ status: 'active' }), 'failed', 'no', NOON).events).toEqual([]);
  });

  it('is given back by its holder only', () => {
    expect(codeOf(decideRelease(grant, BO, NOON))).toBe('not-your-grant');
    expect(codeOf(decideRelease(aGrant({ status: 'revoking' }), ANA, NOON))).toBe('already-ending');
    expect(codeOf(decideRelease(aGrant({ status: 'ended' }), ANA, NOON))).toBe('already-ending');
    expect(typesOf(decideRelease(grant, ANA, NOON))).toEqual(['GrantEnding']);
  });

  it('has ended with its last permission, and knows when it had to', () => {
    const revoking = aGrant({ ...grant, status: 'revoking', endReason: 'released', endingAt: plus(NOON, MINUTE) });
    expect(decideHoldEnd(revoking, db, 'taken', NOON).events.map(({ type }) => type)).toEqual(['EntitlementTaken']);
    const half = { ...revoking, holds: [{ ...db, status: 'taken' as const }, ci] };
    expect(decideHoldEnd(half, ci, 'kept-standing', plus(NOON, HOUR)).events).toMatchObject([
      { type: 'EntitlementKept', because: 'standing' },
      { type: 'GrantEnded', reason: 'released', dueAt: plus(NOON, MINUTE) },
    ]);
    expect(decideHoldEnd(half, { ...ci, status: 'taken' }, 'taken', NOON).events).toEqual([]);
    expect(decideHoldEnd(grant, db, 'taken', NOON).events).toEqual([]);
  });
});

describe('what is known of a permission', () => {
  const hold = aHold();
  const grant = aGrant({ holds: [hold] });
  const world = (...outcomes: { events: readonly Parameters<typeof fold>[1][] }[]) => {
    const folded = emptyWorld();
    for (const { events } of outcomes) for (const event of events) fold(folded, event);
    return folded.entitlements.get(hold.key)?.status;
  };
  const revoking = aGrant({ ...grant, status: 'revoking' });

  it('is ours or standing by its baseline, and nobody’s when it is taken', () => {
    expect(world(decideBaseline(grant, hold, false, NOON))).toBe('ours');
    expect(world(decideBaseline(grant, hold, true, NOON))).toBe('standing');
    expect(world(decideBaseline(grant, hold, false, NOON), decideHoldEnd(revoking, hold, 'taken', NOON))).toBe(
      'unheld',
    );
    expect(world(decideBaseline(grant, hold, true, NOON), decideHoldEnd(revoking, hold, 'kept-standing', NOON))).toBe(
      'unheld',
    );
  });

  it('stays ours while another grant holds it', () => {
    expect(
      world(decideBaseline(grant, hold, false, NOON), decideHoldEnd(revoking, hold, 'kept-for-other-grant', NOON)),
    ).toBe('ours');
  });
});

describe('keys, lanes and orders', () => {
  it('two permissions never share a key by way of their names', () => {
    expect(entitlementKey('a', { x: 'b","c' }, 'd')).not.toBe(entitlementKey('a', { x: 'b' }, 'c","d'));
    expect(entitlementKey('a', { x: '1', y: '2' }, 'd')).toBe(entitlementKey('a', { y: '2', x: '1' }, 'd'));
  });

  it('giving and taking of one permission are one order, in a lane of their own', () => {
    const give = { kind: 'provision', grantId: 'g', key: 'k' } as const;
    const take = { kind: 'revoke', grantId: 'h', key: 'k' } as const;
    expect(orderOf(give)).toBe(orderOf(take));
    expect([laneOf(give), laneOf({ kind: 'refresh', requestId: 'r' })]).toEqual(['target', 'slack']);
    expect(orderOf({ kind: 'tell-requester', requestId: 'r', news: 'ended' })).not.toBe(
      orderOf({ kind: 'refresh', requestId: 'r' }),
    );
  });
});
