import { GENESIS_HASH, link } from '../../src/audit/chain.ts';
import { Verification } from '../../src/audit/verify.ts';
import type { DomainEvent } from '../../src/domain/events.ts';
import { type Instant, plus } from '../../src/domain/instant.ts';
import type { RequestState } from '../../src/domain/request.ts';
import {
  activated,
  aGrant,
  aHold,
  anEntitlementRef,
  approved,
  aRequest,
  aVote,
  HOUR,
  MINUTE,
  NOON,
  opened,
  policiesLoaded,
  voted,
  WORKSPACE,
} from '../support/samples.ts';

/** What a log with a whole chain tells of that the product never does: by entry, in order. */
function wrong(...events: DomainEvent[]): [number, string][] {
  const verification = new Verification();
  for (const entry of link({ seq: 0, hash: GENESIS_HASH }, events).entries) verification.add(entry);
  expect(verification.chain.broken).toBeUndefined();
  return verification.illegal.map((finding) => ['seq' in finding ? finding.seq : 0, finding.problem]);
}

const request = aRequest({ id: 'req_1' });
const grant = aGrant({ id: 'grt_1', requestId: 'req_1' });
const at = (minutes: number): Instant => plus(NOON, minutes * MINUTE);
const about = (minutes: number, actor = 'latchkey') => ({
  at: at(minutes),
  workspace: WORKSPACE,
  actor,
  access: request.access,
});
const entitlement = anEntitlementRef();
const { key, target } = entitlement;

const open = opened(request);
const vote = voted(request, aVote());
const approve = { ...approved(request, grant), at: at(1) };
const baselined: DomainEvent = {
  ...about(2),
  type: 'EntitlementBaselined',
  grantId: 'grt_1',
  key,
  target,
  standing: false,
};
const given: DomainEvent = { ...about(2), type: 'EntitlementGiven', grantId: 'grt_1', entitlement, standing: false };
const active = { ...activated(grant), at: at(2) };
const ending: DomainEvent = {
  ...about(60),
  type: 'GrantEnding',
  grantId: 'grt_1',
  requestId: 'req_1',
  reason: 'expired',
};
const taken: DomainEvent = { ...about(60), type: 'EntitlementTaken', grantId: 'grt_1', key, target };
const ended: DomainEvent = {
  ...about(60),
  type: 'GrantEnded',
  grantId: 'grt_1',
  requestId: 'req_1',
  reason: 'expired',
  dueAt: at(60),
};
const denied = (actor: string): DomainEvent => ({
  ...about(1, actor),
  type: 'RequestDenied',
  requestId: 'req_1',
  openedAt: NOON,
});
const cancelled = (actor: string): DomainEvent => ({
  ...about(1, actor),
  type: 'RequestCancelled',
  requestId: 'req_1',
});
const lapsed = (minutes: number): DomainEvent => ({ ...about(minutes), type: 'RequestLapsed', requestId: 'req_1' });

const extension: RequestState = {
  ...request,
  id: 'req_2',
  extension: { grantId: 'grt_1', until: at(120), wholeMs: 2 * HOUR },
};
const extended: DomainEvent = {
  ...about(30),
  type: 'GrantExtended',
  requestId: 'req_2',
  grantId: 'grt_1',
  openedAt: NOON,
  endsAt: at(120),
  policy: request.policy,
};
const running = [open, vote, approve, baselined, given, active];

const two: RequestState = {
  ...request,
  flow: {
    ...request.flow,
    steps: [
      { approvers: [], need: 1 },
      { approvers: [], need: 1 },
    ],
  },
};
const auto: RequestState = { ...request, flow: { ...request.flow, autoApprove: true, steps: [] } };

describe('a log of what the product does is legal', () => {
  it.each<[string, DomainEvent[]]>([
    ['a whole story', [open, vote, approve, baselined, given, active, ending, taken, ended]],
    ['an extension', [...running, opened(extension), voted(extension, aVote()), extended]],
    ['a denial', [open, voted(request, aVote({ verdict: 'deny' })), denied('bo@example.com')]],
    ['a request that was withdrawn', [open, cancelled('ana@example.com')]],
    ['a request that lapsed', [open, lapsed(240)]],
    ['an automatic approval', [opened(auto), voted(auto, aVote({ voter: 'policy:prod-db-write/on-call' })), approve]],
    [
      'clocks of two machines that differ a little',
      [
        { ...policiesLoaded(), at: at(4) },
        { ...policiesLoaded(), at: at(0) },
      ],
    ],
  ])('%s', (_, events) => {
    expect(wrong(...events)).toEqual([]);
  });
});

describe('a log that is whole and tells of what the product never does is named by its entries', () => {
  it.each<[string, DomainEvent[], number, RegExp]>([
    ['a request opened twice', [open, open], 2, /opened before/],
    ['a request opened with votes', [opened({ ...request, votes: [aVote()] })], 1, /without votes/],
    ['a vote on a request that was never opened', [vote], 1, /never opened/],
    [
      'a vote on a decided request',
      [open, vote, approve, voted(request, aVote({ voter: 'x@example.com', slack: 'U0X' }))],
      4,
      /approved already/,
    ],
    [
      'a vote of the requester',
      [open, voted(request, aVote({ voter: 'ana@example.com', slack: 'U0ANA' }))],
      2,
      /their own request/,
    ],
    ['a vote for the requester', [open, voted(request, aVote({ onBehalfOf: 'ana@example.com' }))], 2, /who asked/],
    [
      'a vote of the requester under another name',
      [open, voted(request, aVote({ slack: 'U0ANA' }))],
      2,
      /their own request/,
    ],
    ['a second vote of one person', [opened(two), vote, voted(two, aVote({ step: 1 }))], 3, /voted twice/],
    [
      'a second vote under another name',
      [opened(two), vote, voted(two, aVote({ voter: 'x@example.com' }))],
      3,
      /voted twice/,
    ],
    ['a vote in somebody’s name', [open, { ...vote, actor: 'eve@example.com' }], 2, /recorded the vote of/],
    ['an approval of nothing', [approve], 1, /never opened/],
    ['an approval without a vote', [open, approve], 2, /do not fill its flow/],
    ['an approval with a step unfilled', [opened(two), vote, approve], 3, /do not fill its flow/],
    ['an approval by a denial', [open, voted(request, aVote({ verdict: 'deny' })), approve], 3, /do not fill its flow/],
    ['an automatic approval that nothing recorded', [opened(auto), approve], 2, /recorded vote of its policy/],
    ['an approval twice', [open, vote, approve, approve], 4, /approved already/],
    [
      'a grant for somebody else',
      [open, vote, approved(request, { ...grant, person: { email: 'eve@example.com', slack: 'U0EVE' } })],
      3,
      /did not ask/,
    ],
    ['a grant for longer', [open, vote, approved(request, { ...grant, endsAt: plus(NOON, 9 * HOUR) })], 3, /longer/],
    [
      'a grant of more',
      [open, vote, approved(request, { ...grant, holds: [aHold({ account: 'root' })] })],
      3,
      /was not asked for/,
    ],
    ['an extension without a vote', [...running, opened(extension), extended], 8, /do not fill its flow/],
    [
      'an extension for longer',
      [...running, opened(extension), voted(extension, aVote()), { ...extended, endsAt: at(600) } as DomainEvent],
      9,
      /other than was asked for/,
    ],
    [
      'an extension of what is ending',
      [...running, ending, opened(extension), voted(extension, aVote()), extended],
      10,
      /was revoking/,
    ],
    ['a denial without a vote', [open, denied('bo@example.com')], 2, /without a vote/],
    ['a withdrawal by somebody else', [open, cancelled('eve@example.com')], 2, /withdrew the request of/],
    ['a lapse before its time', [open, lapsed(239)], 2, /before its time/],
    ['something given to no grant', [given], 1, /never approved/],
    [
      'something given that was not granted',
      [open, vote, approve, { ...given, entitlement: anEntitlementRef({ account: 'root' }) } as DomainEvent],
      4,
      /does not hold/,
    ],
    ['something given after the end began', [open, vote, approve, { ...ending, at: at(2) }, given], 5, /was revoking/],
    ['an active grant before everything is given', [open, vote, approve, active], 4, /before role app_writer/],
    ['an end that begins twice', [open, vote, approve, ending, ending], 5, /was revoking/],
    ['something taken before the end began', [open, vote, approve, given, taken], 5, /was provisioning/],
    [
      'an end before everything is taken',
      [open, vote, approve, ending, ended],
      5,
      /before role app_writer.* taken or kept/,
    ],
    ['an end that never began', [open, vote, approve, given, active, ended], 6, /ended when it was active/],
    [
      'a type that nobody knows',
      [{ ...policiesLoaded(), type: 'GrantForged' } as never],
      1,
      /"GrantForged" is no type/,
    ],
    [
      'a time that goes back',
      [{ ...policiesLoaded(), at: at(61) }, policiesLoaded()],
      2,
      /before that of the entry before/,
    ],
  ])('%s', (_, events, seq, problem) => {
    expect(wrong(...events)).toEqual([[seq, expect.stringMatching(problem)]]);
  });
});
