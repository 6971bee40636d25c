import {
  decideBaseline,
  decideExpire,
  decideFailure,
  decideGiven,
  decideHoldEnd,
  decideRelease,
} from '../../src/domain/decide-grant.ts';
import type { Decided, Outcome } from '../../src/domain/decision.ts';
import { emptyWorld, fold } from '../../src/domain/fold.ts';
import type { GrantState, GrantStatus, HoldStatus } from '../../src/domain/grant.ts';
import { plus } from '../../src/domain/instant.ts';
import { aGrant, aHold, approved, aRequest, HOUR, MINUTE, NOON } from '../support/samples.ts';

const ANA = { email: 'ana@example.com', slack: 'U0ANA' };
const BO = { email: 'bo@example.com', slack: 'U0BO' };
const END = plus(NOON, HOUR);

const grantOf = (status: GrantStatus, hold: HoldStatus = 'pending') =>
  aGrant({ id: 'grt_1', requestId: 'req_1', status, holds: [aHold({ status: hold })], endsAt: END });
const only = (grant: GrantState) => {
  const [hold] = grant.holds;
  if (!hold) throw new Error('no hold');
  return hold;
};
const shown = (outcome: Outcome | Decided): string => {
  if ('ok' in outcome && !outcome.ok) return outcome.refusal.code;
  return outcome.events.map((event) => ('reason' in event ? `${event.type} ${event.reason}` : event.type)).join(', ');
};

const decisions: Record<string, (grant: GrantState) => Outcome | Decided> = {
  'seen at the target': (grant) => decideGiven(grant, only(grant), false, NOON),
  'its end time': (grant) => decideExpire(grant, END),
  'a millisecond before its end time': (grant) => decideExpire(grant, plus(END, -1)),
  'long after its end time': (grant) => decideExpire(grant, plus(END, 1_000 * HOUR)),
  'given back': (grant) => decideRelease(grant, ANA, NOON),
  'given back by somebody else': (grant) => decideRelease(grant, BO, NOON),
  'a target refuses': (grant) => decideFailure(grant, 'failed', 'no such role', NOON),
  'the policies refuse': (grant) => decideFailure(grant, 'policy', 'not any more', NOON),
  'seen gone': (grant) => decideHoldEnd(grant, only(grant), 'taken', NOON),
  'kept for another grant': (grant) => decideHoldEnd(grant, only(grant), 'kept-for-other-grant', NOON),
  'kept because it was there before': (grant) => decideHoldEnd(grant, only(grant), 'kept-standing', NOON),
};

describe.each<[GrantStatus, HoldStatus, Record<string, string>]>([
  [
    'provisioning',
    'pending',
    {
      'seen at the target': 'EntitlementGiven, GrantActivated',
      'its end time': 'GrantEnding failed',
      'long after its end time': 'GrantEnding failed',
      'given back': 'GrantEnding released',
      'a target refuses': 'GrantEnding failed',
      'the policies refuse': 'GrantEnding policy',
    },
  ],
  [
    'active',
    'given',
    {
      'its end time': 'GrantEnding expired',
      'long after its end time': 'GrantEnding expired',
      'given back': 'GrantEnding released',
    },
  ],
  ...(['pending', 'given'] as const).map((hold): [GrantStatus, HoldStatus, Record<string, string>] => [
    'revoking',
    hold,
    {
      'given back': 'already-ending',
      'seen gone': 'EntitlementTaken, GrantEnded expired',
      'kept for another grant': 'EntitlementKept, GrantEnded expired',
      'kept because it was there before': 'EntitlementKept, GrantEnded expired',
    },
  ]),
  ...(['taken', 'kept'] as const).flatMap((hold): [GrantStatus, HoldStatus, Record<string, string>][] => [
    ['revoking', hold, { 'given back': 'already-ending' }],
    ['ended', hold, { 'given back': 'already-ending' }],
  ]),
])('a grant that is %s, its permission %s', (status, hold, expected) => {
  it.each(Object.keys(decisions))('%s', (what) => {
    const outcome = decisions[what]?.(grantOf(status, hold)) as Outcome | Decided;
    const refused = what === 'given back by somebody else' ? 'not-your-grant' : '';
    expect(shown(outcome)).toBe(expected[what] ?? refused);
    if (shown(outcome) === '') expect(outcome).toMatchObject({ effects: [] });
  });
});

describe('what is written when a grant ends', () => {
  const active = aGrant({
    id: 'grt_1',
    requestId: 'req_1',
    status: 'active',
    holds: [aHold({ status: 'given' }), aHold({ target: 'ci', status: 'given' })],
  });
  const revokes = active.holds.map(({ key }) => ({ kind: 'revoke', grantId: 'grt_1', key }));

  it('by its time or its holder: every permission is taken back, the message redrawn, and no failure is told', () => {
    for (const outcome of [decideExpire(active, END), decideRelease(active, ANA, NOON) as Outcome])
      expect(outcome.effects).toEqual([...revokes, { kind: 'refresh', requestId: 'req_1' }]);
  });

  it('names who ended it: the holder, or Latchkey', () => {
    expect(decideRelease(active, ANA, NOON)).toMatchObject({ events: [{ actor: 'ana@example.com' }] });
    expect(decideExpire(active, END).events).toMatchObject([{ actor: 'latchkey' }]);
  });

  it('when it failed: the same, and people are told why', () => {
    const outcome = decideFailure({ ...active, status: 'provisioning' }, 'policy', 'Not any more.', NOON);
    expect(outcome.events).toMatchObject([{ type: 'GrantEnding', reason: 'policy', failure: 'Not any more.' }]);
    expect(outcome.effects).toEqual([
      ...revokes,
      { kind: 'refresh', requestId: 'req_1' },
      { kind: 'story', requestId: 'req_1', beat: 'failed' },
      { kind: 'tell-requester', requestId: 'req_1', news: 'failed' },
    ]);
  });

  it.each([
    ['expired', plus(END, 5 * MINUTE), END],
    ['released before its end', plus(NOON, MINUTE), plus(NOON, MINUTE)],
    // The tick was late, or the process was down: that is lateness too.
    ['released after its end', plus(END, 5 * MINUTE), END],
    ['failed after its end', plus(END, 5 * MINUTE), END],
    ['failed before its end', plus(NOON, MINUTE), plus(NOON, MINUTE)],
  ] as const)('lateness counts from when it had to be over: %s', (what, endingAt, dueAt) => {
    const endReason = what.split(' ')[0] as 'expired' | 'released' | 'failed';
    const revoking = aGrant({ status: 'revoking', endReason, endingAt, endsAt: END });
    const { events } = decideHoldEnd(revoking, only(revoking), 'taken', plus(END, HOUR));
    expect(events.at(-1)).toMatchObject({ type: 'GrantEnded', reason: endReason, dueAt });
  });

  it.each([
    ['expired', true],
    ['released', true],
    ['failed', false],
    ['policy', false],
  ] as const)('once it is over the requester of one that %s is told: %s', (endReason, told) => {
    const revoking = aGrant({ status: 'revoking', endReason, endingAt: END });
    const { effects } = decideHoldEnd(revoking, only(revoking), 'taken', END);
    expect(effects.some((effect) => effect.kind === 'tell-requester' && effect.news === 'ended')).toBe(told);
  });
});

describe('two grants of one permission (invariant 5)', () => {
  const hold = aHold();
  const first = aGrant({ id: 'grt_1', requestId: 'req_1', holds: [hold], endsAt: END });
  const second = aGrant({ id: 'grt_2', requestId: 'req_2', holds: [hold], endsAt: plus(END, HOUR) });
  const world = emptyWorld();
  const grant = (id: string) => world.grants.get(id) as GrantState;
  const happens = ({ events }: Outcome) => {
    for (const event of events) fold(world, event);
  };

  it('end each at its own time, and the permission goes with the last', () => {
    for (const each of [first, second]) fold(world, approved(aRequest({ id: each.requestId }), each));
    happens(decideBaseline(grant('grt_1'), hold, false, NOON));
    for (const id of ['grt_1', 'grt_2']) happens(decideGiven(grant(id), only(grant(id)), false, NOON));

    happens(decideExpire(grant('grt_1'), END));
    happens(decideExpire(grant('grt_2'), END));
    happens(decideHoldEnd(grant('grt_1'), only(grant('grt_1')), 'kept-for-other-grant', END));
    expect([grant('grt_1').status, grant('grt_2').status]).toEqual(['ended', 'active']);
    expect(only(grant('grt_1'))).toMatchObject({ status: 'kept', keptBecause: 'other-grant' });
    expect(only(grant('grt_2')).status).toBe('given');
    expect(world.entitlements.get(hold.key)?.status).toBe('ours');

    happens(decideExpire(grant('grt_2'), second.endsAt));
    happens(decideHoldEnd(grant('grt_2'), only(grant('grt_2')), 'taken', second.endsAt));
    expect(grant('grt_2')).toMatchObject({ status: 'ended', endReason: 'expired', endedAt: second.endsAt });
    expect(world.entitlements.get(hold.key)?.status).toBe('unheld');
  });
});
