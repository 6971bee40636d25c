import type { DelegationState } from '../../src/domain/delegation.ts';
import type { DomainEvent } from '../../src/domain/events.ts';
import { MemoryStore } from '../../src/policy-test/memory-store.ts';

const AT = '2026-03-03T09:00:00.000Z';
const LATER = '2026-03-04T09:00:00.000Z';
const cy = { email: 'cy@example.com', slack: 'U0CY' };
const gus = { email: 'gus@example.com', slack: 'U0GUS' };
const delegation = (version: number, until = LATER): DelegationState => ({
  workspace: 'T0',
  delegator: cy,
  delegate: gus,
  since: AT,
  until,
  version,
});
const event: DomainEvent = {
  type: 'DelegationSet',
  at: AT,
  workspace: 'T0',
  actor: cy.email,
  delegator: cy,
  delegate: gus,
  until: LATER,
};
const effect = { kind: 'digest' as const, date: '2026-03-03', from: AT, to: AT };

/** Everything that a transaction can do to what is there. */
const all = (store: MemoryStore, seen: string, id: string, version: number, then: () => void = () => {}) =>
  store.transaction(async (tx) => {
    expect(await tx.firstSeen('T0', seen, AT)).toBe(true);
    await tx.recordDigest('T0', '2026-03-03', AT);
    await tx.write('T0', AT, {
      events: [event],
      effects: [{ id, effect, runAt: AT }],
      delegations: [delegation(version)],
    });
    then();
  });

describe('the store of a timeline', () => {
  it('takes back what a transaction did that fails, as if it had never been', async () => {
    const store = new MemoryStore('T0');
    const committed: unknown[] = [];
    store.onCommitted((each) => committed.push(...each));
    const failing = all(store, 'one', 'eff_1', 1, () => {
      throw new Error('no');
    });
    await expect(failing).rejects.toThrow('no');
    expect(committed).toEqual([]);
    expect(await store.auditHead()).toMatchObject({ seq: 0 });
    expect(await store.delegation('T0', cy.email)).toBeUndefined();
    expect(await store.claimEffects('slack', 'claim', AT, LATER, 10)).toEqual([]);
    expect(await store.transaction((tx) => tx.lastDigest('T0'))).toBeUndefined();

    await all(store, 'one', 'eff_1', 1);
    expect(committed).toHaveLength(1);
    expect(await store.auditHead()).toMatchObject({ seq: 1 });
    expect(await store.delegation('T0', cy.email)).toEqual(delegation(1));
  });

  it('puts back what was there before, when a stale write comes after another change of it', async () => {
    const store = new MemoryStore('T0');
    await all(store, 'one', 'eff_1', 1);
    const stale = store.transaction(async (tx) => {
      await tx.write('T0', AT, { events: [event], effects: [], delegations: [delegation(2, AT)] });
      await tx.write('T0', AT, { events: [event], effects: [], delegations: [delegation(2)] });
    });
    await expect(stale).rejects.toThrow('is not at version');
    expect(await store.delegation('T0', cy.email)).toEqual(delegation(1));
    expect(await store.auditHead()).toMatchObject({ seq: 1 });
  });

  it('links its audit log when it is read, each entry to the one before', async () => {
    const store = new MemoryStore('T0');
    await all(store, 'one', 'eff_1', 1);
    const head = await store.auditHead();
    await store.transaction((tx) => tx.write('T0', AT, { events: [event, event], effects: [] }));
    const [first, second, third] = await store.auditPage('T0', 1, 10);
    expect([first?.seq, second?.seq, third?.seq]).toEqual([1, 2, 3]);
    expect(first?.hash).toBe(head.hash);
    expect(second?.body).toContain(head.hash);
    expect(third?.body).toContain(second?.hash);
    expect((await store.auditHead()).seq).toBe(3);
  });
});
