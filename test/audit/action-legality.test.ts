import { GENESIS_HASH, link } from '../../src/audit/chain.ts';
import { describe as sentenceOf } from '../../src/audit/describe.ts';
import { Verification } from '../../src/audit/verify.ts';
import type { DomainEvent, EventType } from '../../src/domain/events.ts';
import { plus } from '../../src/domain/instant.ts';
import type { RequestState } from '../../src/domain/request.ts';
import {
  aGrant,
  anActionRequest,
  anEntitlementRef,
  approved,
  aRequest,
  aVote,
  HOUR,
  MINUTE,
  NOON,
  opened,
  PIPELINE,
  voted,
} from '../support/samples.ts';

type EventOf<Type extends EventType> = Extract<DomainEvent, { type: Type }>;

/** What a log with a whole chain tells of that the product never does. */
function wrong(...events: DomainEvent[]): string[] {
  const verification = new Verification();
  for (const entry of link({ seq: 0, hash: GENESIS_HASH }, events).entries) verification.add(entry);
  expect(verification.chain.broken).toBeUndefined();
  return verification.illegal.map(({ problem }) => problem);
}

const request = anActionRequest({ id: 'req_1' });
const about = (minutes: number, actor: string) => ({
  at: plus(NOON, minutes * MINUTE),
  workspace: request.workspace,
  actor,
  requestId: 'req_1',
  access: request.access,
});
const { policy } = request;
const end = plus(NOON, 16 * MINUTE);

const open = opened(request);
const vote = voted(request, aVote());
const approve: EventOf<'ActionApproved'> = {
  ...about(1, 'bo@example.com'),
  type: 'ActionApproved',
  openedAt: NOON,
  usableUntil: end,
  policy,
};
const used = (minutes: number, values: Partial<EventOf<'ActionUsed'>> = {}): DomainEvent => ({
  ...about(minutes, request.requester.email),
  type: 'ActionUsed',
  approvedAt: plus(NOON, MINUTE),
  parameters: request.fields,
  policy,
  ...values,
});
const unused = (minutes: number, values: Partial<EventOf<'ActionUnused'>> = {}): DomainEvent => ({
  ...about(minutes, 'latchkey'),
  type: 'ActionUnused',
  usableUntil: end,
  ...values,
});
const openedAs = (values: Partial<RequestState>) => opened({ ...request, ...values });

describe('the log of an action', () => {
  it.each<[string, DomainEvent[]]>([
    ['used in time', [open, vote, approve, used(2)]],
    ['never used', [open, vote, approve, unused(16)]],
    ['withdrawn by its caller', [open, { ...about(1, request.requester.email), type: 'RequestCancelled' }]],
    ['lapsed', [open, { ...about(240, 'latchkey'), type: 'RequestLapsed' }]],
  ])('is whole when it was %s', (_, events) => expect(wrong(...events)).toEqual([]));

  it.each<[string, DomainEvent[], RegExp]>([
    ['a forged second use', [open, vote, approve, used(2), used(3)], /used already/],
    ['a use after its end', [open, vote, approve, used(16)], /its time was over/],
    ['a use after it was called unused', [open, vote, approve, unused(16), used(17)], /over already/],
    ['a use before the approval', [open, vote, used(1), { ...approve, at: plus(NOON, 2 * MINUTE) }], /not approved/],
    ['a use by another caller', [open, vote, approve, used(2, { actor: 'api-key:jenkins' })], /api-key:jenkins used/],
    ['a use by a person', [open, vote, approve, used(2, { actor: 'ana@example.com' })], /ana@example.com used/],
    ['a use upon another approval', [open, vote, approve, used(2, { approvedAt: NOON })], /which never was/],
    [
      'a use with other parameters',
      [open, vote, approve, used(2, { parameters: { ...request.fields, sha: 'beef' } })],
      /something else/,
    ],
    ['a use for another action', [open, vote, approve, used(2, { access: 'drop' })], /something else/],
    ['a use of nothing', [used(2)], /never opened/],
    ['a use of an access', [opened({ ...aRequest(), id: 'req_1' }), used(2)], /not about an action/],
    ['an approval called unused before its end', [open, vote, approve, unused(15)], /before its time/],
    ['one called unused by another end', [open, vote, approve, unused(16, { usableUntil: NOON })], /before its time/],
    ['one called unused that was used', [open, vote, approve, used(2), unused(16)], /used already/],
    ['one called unused twice', [open, vote, approve, unused(16), unused(17)], /over already/],
    ['an approval without votes', [open, approve], /do not fill its flow/],
    ['an approval that lasts longer', [open, vote, { ...approve, usableUntil: plus(NOON, HOUR) }], /longer than/],
    ['an approval without an end', [open, vote, { ...approve, usableUntil: 'never' }], /longer than/],
    ['a second approval', [open, vote, approve, approve], /approved already/],
    [
      'an access approved like an action',
      [opened({ ...aRequest(), id: 'req_1' }), voted({ ...request, access: 'prod-db-write' }, aVote()), approve],
      /an access was approved like an action/,
    ],
    [
      'an action granted like an access',
      [open, vote, { ...approved(request, aGrant({ requestId: 'req_1' })), at: plus(NOON, MINUTE) }],
      /an action was granted like an access/,
    ],
    ['an action that gives something', [openedAs({ entitlements: [anEntitlementRef()] })], /gives nothing/],
    [
      'an action that extends a grant',
      [openedAs({ extension: { grantId: 'grt_1', until: NOON, wholeMs: HOUR } })],
      /gives nothing/,
    ],
    [
      'an action taken in an emergency',
      [openedAs({ emergency: { number: 1, reviewBy: NOON, reviewers: [] } })],
      /gives nothing/,
    ],
    [
      'an action in the name of a person',
      [openedAs({ requester: { email: 'ana@example.com', slack: 'U0ANA' } })],
      /not its caller/,
    ],
    [
      'an access asked for by a caller',
      [opened({ ...aRequest(), requester: request.requester })],
      /asked for an access, and is a caller/,
    ],
    ['a vote of a caller', [open, voted(request, aVote({ voter: 'api-key:jenkins' }))], /voted, and is a caller/],
    ['an action that begins approved', [openedAs({ action: { caller: PIPELINE, usableUntil: end } })], /before it is/],
  ])('%s is named', (_, events, problem) => expect(wrong(...events)).toEqual([expect.stringMatching(problem)]));
});

describe('the log says of an action', () => {
  it('what exactly was asked for, with every parameter', () => {
    expect(sentenceOf(opened(anActionRequest({ fields: { sha: 'f00d', note: 'a "b"' } })))).toMatch(
      /^asked to do deploy with sha="f00d" note="a \\"b\\"", to be used once within 15m of its approval, reason /,
    );
    expect(sentenceOf(opened(anActionRequest({ fields: {} })))).toMatch(/^asked to do deploy without parameters, /);
    expect(sentenceOf(opened(anActionRequest({ reason: '' })))).toMatch(/within 15m of its approval; flow /);
  });
});
