import { StaleWrite, type Transaction } from '../../../src/app/ports/store.ts';
import type { RequestState } from '../../../src/domain/request.ts';
import {
  aGrant,
  anEntitlement,
  anEntitlementRef,
  aPosting,
  aRefresh,
  aRequest,
  NOON,
  opened,
  policiesLoaded,
  WORKSPACE,
} from '../../support/samples.ts';
import { NOTHING, type StoreSubject } from './subject.ts';

/** Units of work that share a transaction, and know nothing of each other. */
export function transactions(subject: StoreSubject): void {
  const { write, expectWholeChain } = subject;

  describe('a transaction', () => {
    it('reads what it wrote itself', async () => {
      const request = aRequest();
      await subject.store.transaction(async (tx) => {
        await tx.write(WORKSPACE, NOON, { ...NOTHING, requests: [request] });
        expect(await tx.request(request.id)).toStrictEqual(request);
        expect(await tx.pendingRequest(WORKSPACE, 'ana@example.com', 'prod-db-write')).toStrictEqual(request);
      });
    });

    it('that fails leaves nothing, and its error goes to its caller as it is', async () => {
      const request = aRequest();
      const mine = new TypeError('mine');
      const failing = subject.store.transaction(async (tx) => {
        await tx.firstSeen(WORKSPACE, 'click', NOON);
        await tx.write(WORKSPACE, NOON, {
          requests: [request],
          grants: [aGrant({ requestId: request.id })],
          entitlements: [anEntitlement()],
          events: [opened(request)],
          effects: [aRefresh()],
        });
        await tx.savePosting(aPosting(), NOON);
        throw mine;
      });
      await expect(failing).rejects.toBe(mine);
      for (const table of [
        'Request',
        'Grant',
        'Hold',
        'Entitlement',
        'Effect',
        'AuditEntry',
        'Interaction',
        'Posting',
      ]) {
        expect([table, await subject.database.sql(`SELECT * FROM "${table}"`)]).toEqual([table, []]);
      }
    });

    it('takes the others of its group neither down nor along', async () => {
      const blocker = subject.store.transaction(() => Promise.resolve('first'));
      const requests = Array.from({ length: 30 }, (_, index) => aRequest({ access: `access-${index}` }));
      const answers = await Promise.allSettled(
        requests.map((request, index) =>
          subject.store.transaction(async (tx) => {
            await tx.write(WORKSPACE, NOON, {
              requests: [request],
              events: [opened(request)],
              effects: [aRefresh()],
            });
            if (index % 10 === 3) throw new RangeError(`unit ${index}`);
            return index;
          }),
        ),
      );
      await blocker;
      for (const [index, answer] of answers.entries()) {
        if (index % 10 === 3) {
          expect(answer).toEqual({ status: 'rejected', reason: new RangeError(`unit ${index}`) });
        } else {
          expect(answer).toEqual({ status: 'fulfilled', value: index });
        }
        expect((await subject.store.request(requests[index]?.id ?? '')) !== undefined).toBe(index % 10 !== 3);
      }
      await expectWholeChain(27);
      expect((await subject.store.outbox(NOON)).find(({ lane }) => lane === 'slack')?.depth).toBe(27);
    });

    it('reads ahead what its group names, and sees what the others of the group wrote all the same', async () => {
      const { key } = anEntitlementRef();
      const [first, second] = [aGrant({ status: 'active' }), aGrant({ status: 'active' })];
      const held = { workspace: WORKSPACE, key };
      await write({ grants: [first, second], entitlements: [anEntitlement()] });
      const look = (id: string) =>
        subject.store.transaction(
          async (tx) => ({
            status: (await tx.grant(id))?.status,
            entitlement: (await tx.entitlement(WORKSPACE, key))?.version,
            holders: (await tx.holders(WORKSPACE, key, second.id)).map((grant) => grant.id),
            missing: [await tx.grant('grt_none'), await tx.entitlement(WORKSPACE, 'none')],
          }),
          { grant: id, entitlement: held, holders: held },
        );
      const [before, , after] = await Promise.all([
        look(first.id),
        subject.store.transaction((tx) =>
          tx.write(WORKSPACE, NOON, {
            ...NOTHING,
            grants: [{ ...first, status: 'revoking', version: 2 }],
            entitlements: [anEntitlement({ version: 2 })],
          }),
        ),
        look(first.id),
        look('grt_none'),
      ]);
      const missing = [undefined, undefined];
      expect(before).toEqual({ status: 'active', entitlement: 1, holders: [first.id], missing });
      expect(after).toEqual({ status: 'revoking', entitlement: 2, holders: [], missing });
      // What is read ahead is of one transaction only.
      expect(await Promise.all([look(first.id), look(second.id)])).toEqual([
        { status: 'revoking', entitlement: 2, holders: [], missing },
        { status: 'active', entitlement: 2, holders: [], missing },
      ]);
    });

    it('knows what holders of due grants ask for, and what is written of it meanwhile', async () => {
      const [asking, gone] = [aRequest({ access: 'one' }), aRequest({ access: 'two', status: 'denied' })];
      const grants = [asking, gone].map(({ access }) => aGrant({ access, status: 'active', endsAt: NOON }));
      await write({ requests: [asking, gone], grants });
      const pending = (tx: Transaction, access: string) =>
        tx.pendingRequest(WORKSPACE, asking.requester.email, access).then((request) => request?.id);
      await subject.store.transaction(async (tx) => {
        expect(await tx.dueGrants(NOON, 10)).toHaveLength(2);
        expect([await pending(tx, 'one'), await pending(tx, 'two')]).toEqual([asking.id, undefined]);
        const again = aRequest({ access: 'two' });
        const closed: RequestState = { ...asking, status: 'cancelled', version: 2 };
        await tx.write(WORKSPACE, NOON, { ...NOTHING, requests: [closed, again] });
        expect([await pending(tx, 'one'), await pending(tx, 'two')]).toEqual([undefined, again.id]);
      });
    });

    it('that refuses without writing does not make the others run again', async () => {
      let runs = 0;
      const units = Array.from({ length: 20 }, (_, index) =>
        subject.store.transaction(async (tx) => {
          runs++;
          if (index % 2 === 0) throw new RangeError('refused');
          const request = aRequest({ access: `access-${index}` });
          await tx.write(WORKSPACE, NOON, { requests: [request], events: [opened(request)], effects: [] });
        }),
      );
      await Promise.allSettled(units);
      await expectWholeChain(10);
      if (subject.kind.name === 'SQLite') expect(runs).toBe(20);
    });

    it('is not committed when its unit swallowed a failed write', async () => {
      const request = aRequest();
      await write({ requests: [request] });
      const swallowing = subject.store.transaction(async (tx) => {
        await tx.write(WORKSPACE, NOON, { ...NOTHING, grants: [aGrant()], entitlements: [anEntitlement()] });
        await tx.write(WORKSPACE, NOON, { ...NOTHING, requests: [{ ...request, version: 7 }] }).catch(() => {});
      });
      await expect(swallowing).rejects.toThrow(StaleWrite);
      expect(await subject.store.entitlement(WORKSPACE, anEntitlement().key)).toBeUndefined();
    });

    it('cannot be used after its unit returned', async () => {
      let escaped: Transaction | undefined;
      await subject.store.transaction(async (tx) => {
        escaped = tx;
      });
      await expect(escaped?.request('req_1')).rejects.toThrow('The transaction is over');
      const request = aRequest();
      const unawaited = subject.store.transaction(async (tx) => {
        void tx.write(WORKSPACE, NOON, { ...NOTHING, requests: [request] }).catch(() => {});
      });
      await expect(unawaited).rejects.toThrow('await');
    });

    it('refuses rows and events of another workspace', async () => {
      await expect(write({ requests: [aRequest({ workspace: 'T0OTHER' })] })).rejects.toThrow('T0OTHER');
      await expect(write({ events: [policiesLoaded({ workspace: 'T0OTHER' })] })).rejects.toThrow('T0OTHER');
    });

    it('tells listeners of a commit, after it and once, and of nothing that was undone', async () => {
      const told: string[] = [];
      subject.store.onCommitted((commits) => {
        for (const commit of commits) for (const effect of commit.effects) told.push(effect.id);
      });
      const effects = Array.from({ length: 10 }, (_, index) => aRefresh(`req_${index}`));
      await Promise.allSettled(
        effects.map((effect, index) =>
          subject.store.transaction(async (tx) => {
            await tx.write(WORKSPACE, NOON, { events: [policiesLoaded()], effects: [effect] });
            if (index === 4) throw new Error('undone');
          }),
        ),
      );
      expect(told.sort()).toEqual(effects.filter((_, index) => index !== 4).map((effect) => effect.id));
    });
  });
}
