import { type Effect, laneOf, orderOf } from '../../src/domain/effects.ts';
import { entitlementKey } from '../../src/domain/entitlement.ts';
import { type Principal, principalText } from '../../src/domain/principal.ts';

describe('a principal', () => {
  it.each<[Principal, string]>([
    [{ kind: 'user', email: 'ana@example.com' }, 'user:ana@example.com'],
    [{ kind: 'group', name: 'dba' }, 'group:dba'],
    [{ kind: 'everyone' }, 'everyone'],
    [{ kind: 'manager' }, 'manager'],
    [{ kind: 'owner' }, 'owner'],
  ])('%j is written %s, as in a policy', (principal, text) => expect(principalText(principal)).toBe(text));
});

describe('the key of an entitlement', () => {
  it('does not depend on the order of the permission’s fields', () => {
    expect(entitlementKey('db', { role: 'a', schema: 'b' }, 'ana')).toBe(
      entitlementKey('db', { schema: 'b', role: 'a' }, 'ana'),
    );
  });

  it.each([
    ['system', entitlementKey('ci', { role: 'a' }, 'ana')],
    ['field', entitlementKey('db', { group: 'a' }, 'ana')],
    ['value', entitlementKey('db', { role: 'A' }, 'ana')],
    ['account', entitlementKey('db', { role: 'a' }, 'ben')],
    ['number of fields', entitlementKey('db', { role: 'a', group: '' }, 'ana')],
  ])('is another one with another %s', (_, key) => expect(key).not.toBe(entitlementKey('db', { role: 'a' }, 'ana')));

  it('is not confused by separators in names', () => {
    expect(entitlementKey('db', { role: 'a","ana' }, 'x')).not.toBe(entitlementKey('db', { role: 'a' }, 'ana","x'));
    expect(entitlementKey('a', { b: 'c' }, 'd')).not.toBe(entitlementKey('a', { 'b","c': '' }, 'd'));
  });
});

describe('an effect', () => {
  it.each<[Effect, string, string]>([
    [{ kind: 'provision', grantId: 'grt_1', key: 'k' }, 'target', 'entitlement:k'],
    [{ kind: 'revoke', grantId: 'grt_2', key: 'k' }, 'target', 'entitlement:k'],
    [{ kind: 'watch', grantId: 'grt_2', usedAt: 'then', lookedAt: 'then' }, 'watch', 'watch:grt_2'],
    [{ kind: 'announce', requestId: 'req_1', place: { channel: 'C0' } }, 'slack', 'request:req_1'],
    [{ kind: 'refresh', requestId: 'req_1' }, 'slack', 'request:req_1'],
    [{ kind: 'story', requestId: 'req_1', beat: 'vote', voter: 'bo@example.com' }, 'slack', 'request:req_1'],
    [{ kind: 'tell-requester', requestId: 'req_1', news: 'active' }, 'slack', 'requester:req_1'],
    [{ kind: 'alarm', requestId: 'req_1', failure: 'no' }, 'slack', 'alarm:req_1'],
    [{ kind: 'digest', date: '2026-03-03', from: '', to: '' }, 'slack', 'digest'],
  ])('%j is done in the lane %s, in order with %s', (effect, lane, order) => {
    expect(laneOf(effect)).toBe(lane);
    expect(orderOf(effect)).toBe(order);
  });
});
