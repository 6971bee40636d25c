import { canonicalJson } from '../../src/audit/canonical-json.ts';
import { type ChainEntry, type ChainHead, GENESIS_HASH, link, sha256 } from '../../src/audit/chain.ts';
import { type Finding, Verification } from '../../src/audit/verify.ts';
import { emptyWorld, fold } from '../../src/domain/fold.ts';
import {
  activated,
  aDelegation,
  aGrant,
  approved,
  aRequest,
  aVote,
  opened,
  policiesLoaded,
  voted,
} from '../support/samples.ts';

const EMPTY: ChainHead = { seq: 0, hash: GENESIS_HASH };
const request = aRequest({ id: 'req_1' });
const grant = aGrant({ id: 'grt_1', requestId: 'req_1' });
const events = [policiesLoaded(), opened(request), voted(request, aVote()), approved(request, grant), activated(grant)];
const { entries, head } = link(EMPTY, events);
const world = emptyWorld();
for (const event of events) fold(world, event);

const verify = (log: readonly ChainEntry[], end: ChainHead = head): Finding | undefined => {
  const verification = new Verification();
  for (const entry of log) verification.add(entry);
  verification.finishChain(end);
  return verification.chain.broken;
};
const at = (index: number, change: (entry: ChainEntry) => Partial<ChainEntry>): ChainEntry[] =>
  entries.map((entry, each) => (each === index ? { ...entry, ...change(entry) } : entry));
/** As somebody would who knows how entries are hashed. */
const forged = (body: string): Partial<ChainEntry> => ({ body, hash: sha256(body) });

describe('the chain', () => {
  it('numbers entries from one, each with the hash of the one before inside its bytes', () => {
    let prev = GENESIS_HASH;
    for (const [index, entry] of entries.entries()) {
      expect(JSON.parse(entry.body)).toEqual({
        seq: index + 1,
        prev,
        event: JSON.parse(JSON.stringify(events[index])),
      });
      expect(entry.hash).toBe(sha256(entry.body));
      prev = entry.hash;
    }
    expect(head).toEqual({ seq: 5, hash: prev });
  });

  it('is the same whether it is written at once or bit by bit', () => {
    let end = EMPTY;
    const bitByBit = events.flatMap((event) => {
      const linked = link(end, [event]);
      end = linked.head;
      return linked.entries;
    });
    expect(bitByBit).toEqual(entries);
  });

  it('that nobody touched verifies; so does an empty one', () => {
    expect(verify(entries)).toBeUndefined();
    expect(verify([], EMPTY)).toBeUndefined();
  });
});

describe('tampering is named at the first broken entry', () => {
  const [first, second, third, fourth, fifth] = entries as [ChainEntry, ChainEntry, ChainEntry, ChainEntry, ChainEntry];
  const swapped = (body: string) => body.replace('prod-db-write', 'prod-db-admin');
  it.each<[string, readonly ChainEntry[], number, RegExp]>([
    ['a changed byte', at(1, ({ body }) => ({ body: swapped(body) })), 2, /do not have the hash/],
    ['a changed hash', at(1, () => ({ hash: '1'.repeat(64) })), 2, /do not have the hash/],
    ['changed bytes with their new hash', at(1, ({ body }) => forged(swapped(body))), 3, /previous entry differs/],
    ['a last entry changed with its new hash', at(4, ({ body }) => forged(swapped(body))), 5, /replaced/],
    ['a dropped first entry', entries.slice(1), 1, /entry 1 is missing/],
    ['a dropped entry', [first, third, fourth, fifth], 2, /entry 2 is missing/],
    ['a dropped tail', entries.slice(0, 3), 4, /removed or added/],
    ['an emptied log', [], 1, /removed or added/],
    ['two entries in the other order', [first, third, second, fourth, fifth], 2, /missing/],
    [
      'two entries that changed places with their numbers',
      [first, { ...third, seq: 2 }, { ...second, seq: 3 }, fourth, fifth],
      2,
      /say they are entry 3/,
    ],
    ['an entry twice', [first, second, second, third], 3, /missing/],
    ['a changed time column', at(2, () => ({ at: '2020-01-01T00:00:00.000Z' })), 3, /columns/],
    ['a changed type column', at(2, () => ({ type: 'RequestLapsed' })), 3, /columns/],
    ['bytes that are no JSON', at(0, () => forged('{"event"')), 1, /not an audit entry/],
    ['bytes that are another JSON', at(0, () => forged('[1]')), 1, /not an audit entry/],
    ['the same value in other bytes', at(0, ({ body }) => forged(` ${body}`)), 1, /canonical/],
    [
      'an event that is none',
      at(0, () => forged(canonicalJson({ event: null, prev: GENESIS_HASH, seq: 1 }))),
      1,
      /not one that Latchkey writes/,
    ],
    [
      'an event without its parts',
      at(0, ({ at: time }) =>
        forged(canonicalJson({ event: { type: 'PoliciesLoaded', at: time, key: {} }, prev: GENESIS_HASH, seq: 1 })),
      ),
      2,
      /previous entry differs/,
    ],
    [
      'an opened request without a request',
      at(0, ({ at: time }) => ({
        ...forged(canonicalJson({ event: { type: 'RequestOpened', at: time }, prev: GENESIS_HASH, seq: 1 })),
        type: 'RequestOpened',
      })),
      1,
      /not one that Latchkey writes/,
    ],
  ])('%s', (_what, log, seq, problem) => {
    expect(verify(log)).toEqual({ kind: 'chain', seq, problem: expect.stringMatching(problem) });
  });

  it('an added entry behind the remembered end', () => {
    const more = link(head, [policiesLoaded()]);
    expect(verify([...entries, ...more.entries])).toMatchObject({ seq: 6 });
  });

  it('a whole log written anew has another end than the one that an auditor wrote down', () => {
    const anew = link(EMPTY, [policiesLoaded({ accesses: 4 }), ...events.slice(1)]);
    expect(verify(anew.entries, head)).toMatchObject({ kind: 'chain', seq: 5 });
  });

  it('nothing behind the first broken entry is believed', () => {
    const verification = new Verification();
    for (const entry of at(1, () => ({ hash: 'x' }))) verification.add(entry);
    expect(verification.chain.head.seq).toBe(1);
  });
});

describe('rows are nothing but the fold of the events', () => {
  const verified = () => {
    const verification = new Verification();
    for (const entry of entries) verification.add(entry);
    return verification;
  };
  const states = () => ({ request: world.requests.get('req_1'), grant: world.grants.get('grt_1') });

  it('rows that are pass, and their version is their own business', () => {
    const verification = verified();
    const { request: row, grant: other } = states();
    expect(row && verification.checkRequest({ ...row, version: 17 })).toBeUndefined();
    expect(other && verification.checkGrant(other)).toBeUndefined();
    expect(verification.missingRows()).toEqual([]);
  });

  it('a changed row is named with its fields', () => {
    const { request: row, grant: other } = states();
    const verification = verified();
    expect(row && verification.checkRequest({ ...row, status: 'denied', reason: 'x' })).toEqual({
      kind: 'row',
      row: 'request req_1',
      problem: 'differs from the log in reason, status',
    });
    expect(other && verification.checkGrant({ ...other, endsAt: '2030-01-01T00:00:00.000Z' })).toMatchObject({
      row: 'grant grt_1',
      problem: 'differs from the log in endsAt',
    });
  });

  it('an added field, and one that is gone', () => {
    const { grant: other } = states();
    if (!other) throw new Error('no grant');
    const { activatedAt: _, ...without } = other;
    expect(verified().checkGrant(without)).toMatchObject({ problem: 'differs from the log in activatedAt' });
    expect(verified().checkGrant({ ...other, failure: 'x' })).toMatchObject({
      problem: 'differs from the log in failure',
    });
  });

  it('an added row, and missing rows', () => {
    const verification = verified();
    expect(verification.checkRequest(aRequest({ id: 'req_9' }))).toMatchObject({
      row: 'request req_9',
      problem: 'is in the database but not in the log',
    });
    expect(
      verification.checkEntitlement({ workspace: 'T', key: 'k', target: 't', status: 'ours', version: 1 }),
    ).toMatchObject({ row: 'entitlement k' });
    expect(verification.checkDelegation(aDelegation())).toMatchObject({ row: 'delegation of cy@example.com' });
    expect(verification.missingRows().map((finding) => 'row' in finding && finding.row)).toEqual([
      'request req_1',
      'grant grt_1',
    ]);
  });
});
