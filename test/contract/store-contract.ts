import type { Store } from '../../src/app/ports/store.ts';
import { StaleWrite, type Transaction, UnreadableRow } from '../../src/app/ports/store.ts';
import { GENESIS_HASH, link, sha256 } from '../../src/audit/chain.ts';
import type { DelegationState } from '../../src/domain/delegation.ts';
import type { Emergency } from '../../src/domain/emergency.ts';
import { plus } from '../../src/domain/instant.ts';
import type { RequestState } from '../../src/domain/request.ts';
import type { DatabaseKind, TestDatabase } from '../support/databases.ts';
import {
  aDelegation,
  aGrant,
  aHold,
  anEffect,
  anEntitlement,
  anEntitlementRef,
  anId,
  aPosting,
  aRefresh,
  aRequest,
  aRevoke,
  aVote,
  aWatch,
  HOUR,
  MINUTE,
  NOON,
  opened,
  policiesLoaded,
  voted,
  WORKSPACE,
} from '../support/samples.ts';

const NOTHING = { events: [], effects: [] };

/** Text that breaks what is built from text. */
const HOSTILE = `"quoted" 'single' \\ back; DROP TABLE "Request"; -- ?\n$1\r\n\ttabs 😀 日本語 é\u2028 <!channel>`;

/** What every store does, whatever the database. */
export function storeContract(kind: DatabaseKind): void {
  describe(`the store on ${kind.name}`, () => {
    let database: TestDatabase;
    let store: Store;

    beforeAll(() => kind.start());
    afterAll(() => kind.stop());
    beforeEach(async () => {
      database = await kind.database();
      store = await database.open();
    });
    afterEach(() => database.close());

    const write = (changes: Partial<Parameters<Transaction['write']>[2]>, now = NOON) =>
      store.transaction((tx) => tx.write(WORKSPACE, now, { ...NOTHING, ...changes }));

    const everyEntry = async () => {
      const { seq } = await store.auditHead(WORKSPACE);
      return store.auditPage(WORKSPACE, 1, seq + 10);
    };

    const expectWholeChain = async (length: number) => {
      const entries = await everyEntry();
      expect(entries.map((entry) => entry.seq)).toEqual(Array.from({ length }, (_, index) => index + 1));
      let prev = GENESIS_HASH;
      for (const entry of entries) {
        expect(JSON.parse(entry.body)).toMatchObject({ prev, seq: entry.seq });
        expect(entry.hash).toBe(sha256(entry.body));
        prev = entry.hash;
      }
      expect(await store.auditHead(WORKSPACE)).toEqual({ seq: length, hash: prev });
    };

    /** What the use case does with a vote, reduced to the store's part of it. */
    const castVote = (on: Store, id: string, voter: string) =>
      on.transaction(async (tx) => {
        const request = await tx.request(id);
        if (request?.status !== 'pending') return 'decided';
        if (request.votes.some((vote) => vote.voter === voter)) return 'voted before';
        const vote = aVote({ voter });
        const votes = [...request.votes, vote];
        const status = votes.length === request.flow.steps[0]?.need ? 'approved' : 'pending';
        const next: RequestState = { ...request, votes, status, version: request.version + 1 };
        await tx.write(WORKSPACE, NOON, { requests: [next], events: [voted(request, vote)], effects: [aRefresh(id)] });
        return status;
      });

    describe('keeps every field', () => {
      it('of the smallest request, leaving absent what is absent', async () => {
        const { channel: _, ...request } = aRequest({ entitlements: [], votes: [] });
        await write({ requests: [request] });
        expect(await store.request(request.id)).toStrictEqual(request);
      });

      it('of the fullest request', async () => {
        const request = aRequest({
          access: HOSTILE,
          title: HOSTILE,
          requester: { email: 'ÁNA+tag@exämple.com', slack: 'U0ANA' },
          durationMs: 366 * 24 * HOUR,
          reason: HOSTILE.repeat(50),
          status: 'denied',
          policy: { digest: 'd'.repeat(64), commit: 'c'.repeat(40) },
          flow: {
            name: HOSTILE,
            autoApprove: true,
            steps: [
              { approvers: [{ kind: 'user', email: HOSTILE }, { kind: 'manager' }], need: 2 },
              {
                approvers: [{ kind: 'everyone' }, { kind: 'owner' }],
                need: 1,
                remindEveryMs: 60_000,
                delegation: 'allowed',
                escalate: { afterMs: 1, to: [{ kind: 'manager' }] },
              },
            ],
            timeoutMs: 1,
          },
          entitlements: [anEntitlementRef({ label: HOSTILE }), anEntitlementRef({ permission: { a: '1', b: '' } })],
          channel: '#approvals-ä',
          decidedAt: '2026-03-03T12:00:00.001Z',
          decidedBy: 'bo@example.com',
          decisionReason: HOSTILE,
          votes: [
            aVote({ voter: 'one', reason: HOSTILE, at: '1999-12-31T23:59:59.999Z' }),
            { voter: 'policy:prod/auto', verdict: 'approve', step: 1, at: NOON },
            aVote({ voter: 'three', verdict: 'deny', reason: '' }),
            aVote({ voter: 'four', onBehalfOf: HOSTILE }),
          ],
          waiting: { step: 1, since: NOON, remindedAt: plus(NOON, 1) },
          escalations: [{ step: 0, to: [{ kind: 'user', email: HOSTILE }], at: plus(NOON, 2), openedAt: NOON }],
          grantId: 'grt_1',
        });
        await write({ requests: [request] });
        expect(await store.request(request.id)).toStrictEqual(request);
        await store.transaction(async (tx) => expect(await tx.request(request.id)).toStrictEqual(request));
      });

      it('of the smallest and of the fullest grant', async () => {
        const small = aGrant({ holds: [] });
        const full = aGrant({
          person: { email: HOSTILE, slack: 'U1' },
          status: 'ended',
          holds: [
            aHold({ status: 'kept', keptBecause: 'standing', standing: true, seenAt: NOON }),
            aHold({ status: 'taken', account: HOSTILE, standing: false, unsettledUntil: plus(NOON, 1) }),
            aHold({ status: 'given', permission: { role: HOSTILE, option: 'x' } }),
            aHold({ status: 'kept', keptBecause: 'other-grant', account: 'fourth' }),
          ],
          activatedAt: plus(NOON, 1),
          endingAt: plus(NOON, 2),
          endReason: 'failed',
          endedBy: 'policy:x',
          failure: HOSTILE,
          endedAt: plus(NOON, 3),
        });
        await write({ grants: [small, full] });
        expect(await store.grant(small.id)).toStrictEqual(small);
        expect(await store.grant(full.id)).toStrictEqual(full);
      });

      it('through updates, of votes and holds too', async () => {
        const first = aRequest({ votes: [aVote({ voter: 'a' })] });
        const grant = aGrant({ holds: [aHold(), aHold({ account: 'second' })] });
        await write({ requests: [first], grants: [grant] });
        const second: RequestState = {
          ...first,
          status: 'approved',
          votes: [...first.votes, aVote({ voter: 'b' })],
          grantId: grant.id,
          version: 2,
        };
        const given = {
          ...grant,
          holds: grant.holds.map((hold) => ({ ...hold, status: 'given' as const })),
          version: 2,
        };
        await write({ requests: [second], grants: [given] }); // Without having read them in this transaction.
        expect(await store.request(first.id)).toStrictEqual(second);
        expect(await store.grant(grant.id)).toStrictEqual(given);
        const { grantId: _, ...third } = { ...second, votes: second.votes.slice(0, 1), version: 3 };
        await store.transaction(async (tx) => {
          expect(await tx.request(first.id)).toStrictEqual(second);
          await tx.write(WORKSPACE, NOON, { ...NOTHING, requests: [third] });
          expect(await tx.request(first.id)).toStrictEqual(third);
        });
        expect(await store.request(first.id)).toStrictEqual(third);
      });

      it('of entitlements, effects and postings', async () => {
        const entitlement = anEntitlement({ key: HOSTILE, status: 'ours' });
        await write({ entitlements: [entitlement] });
        expect(await store.entitlement(WORKSPACE, HOSTILE)).toStrictEqual(entitlement);
        await write({ entitlements: [{ ...entitlement, status: 'unheld', version: 2 }] });
        expect(await store.entitlement(WORKSPACE, HOSTILE)).toMatchObject({ status: 'unheld', version: 2 });
        expect(await store.entitlement('T0OTHER', HOSTILE)).toBeUndefined();

        const announce = anEffect({ kind: 'announce', requestId: HOSTILE, place: { channel: HOSTILE } });
        await write({ effects: [announce] });
        expect(await store.claimEffects('slack', 'me', NOON, plus(NOON, MINUTE), 5)).toStrictEqual([
          { id: announce.id, workspace: WORKSPACE, effect: announce.effect, attempt: 1, createdAt: NOON },
        ]);

        const posting = aPosting({ requestId: HOSTILE, shown: HOSTILE });
        await store.transaction((tx) => tx.savePosting(posting, NOON));
        await store.transaction((tx) => tx.savePosting({ ...posting, ts: '2.0', shown: 'new' }, NOON));
        expect(await store.postings(HOSTILE)).toStrictEqual([{ ...posting, ts: '2.0', shown: 'new' }]);
        expect(await store.postings('req_none')).toEqual([]);
      });

      it('of delegations, set, ended and set anew', async () => {
        const delegation = aDelegation({ delegator: { email: HOSTILE, slack: 'U0CY' } });
        await write({ delegations: [delegation] });
        expect(await store.delegation(WORKSPACE, HOSTILE)).toStrictEqual(delegation);
        const over: DelegationState = { ...delegation, endedAt: plus(NOON, 1), endedBecause: 'replaced', version: 2 };
        await write({ delegations: [over] });
        expect(await store.delegation(WORKSPACE, HOSTILE)).toStrictEqual(over);
        const anew = { ...delegation, since: plus(NOON, 1), version: 3 };
        await store.transaction(async (tx) => {
          expect(await tx.delegation(WORKSPACE, HOSTILE)).toStrictEqual(over);
          await tx.write(WORKSPACE, NOON, { ...NOTHING, delegations: [anew] });
          expect(await tx.delegation(WORKSPACE, HOSTILE)).toStrictEqual(anew);
        });
        expect(await store.delegation('T0OTHER', HOSTILE)).toBeUndefined();
      });

      it('knows nothing of what was never written', async () => {
        expect(await store.request('req_none')).toBeUndefined();
        expect(await store.grant('grt_none')).toBeUndefined();
        expect(await store.auditHead(WORKSPACE)).toEqual({ seq: 0, hash: GENESIS_HASH });
        expect(await store.latestInstant()).toBeUndefined();
        expect(await store.workspaces()).toEqual([]);
        await store.ping();
      });
    });

    describe('a transaction', () => {
      it('reads what it wrote itself', async () => {
        const request = aRequest();
        await store.transaction(async (tx) => {
          await tx.write(WORKSPACE, NOON, { ...NOTHING, requests: [request] });
          expect(await tx.request(request.id)).toStrictEqual(request);
          expect(await tx.pendingRequest(WORKSPACE, 'ana@example.com', 'prod-db-write')).toStrictEqual(request);
        });
      });

      it('that fails leaves nothing, and its error goes to its caller as it is', async () => {
        const request = aRequest();
        const mine = new TypeError('mine');
        const failing = store.transaction(async (tx) => {
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
          expect([table, await database.sql(`SELECT * FROM "${table}"`)]).toEqual([table, []]);
        }
      });

      it('takes the others of its group neither down nor along', async () => {
        const blocker = store.transaction(() => Promise.resolve('first'));
        const requests = Array.from({ length: 30 }, (_, index) => aRequest({ access: `access-${index}` }));
        const answers = await Promise.allSettled(
          requests.map((request, index) =>
            store.transaction(async (tx) => {
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
          expect((await store.request(requests[index]?.id ?? '')) !== undefined).toBe(index % 10 !== 3);
        }
        await expectWholeChain(27);
        expect((await store.outbox(NOON)).find(({ lane }) => lane === 'slack')?.depth).toBe(27);
      });

      it('reads ahead what its group names, and sees what the others of the group wrote all the same', async () => {
        const { key } = anEntitlementRef();
        const [first, second] = [aGrant({ status: 'active' }), aGrant({ status: 'active' })];
        const held = { workspace: WORKSPACE, key };
        await write({ grants: [first, second], entitlements: [anEntitlement()] });
        const look = (id: string) =>
          store.transaction(
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
          store.transaction((tx) =>
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
        await store.transaction(async (tx) => {
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
          store.transaction(async (tx) => {
            runs++;
            if (index % 2 === 0) throw new RangeError('refused');
            const request = aRequest({ access: `access-${index}` });
            await tx.write(WORKSPACE, NOON, { requests: [request], events: [opened(request)], effects: [] });
          }),
        );
        await Promise.allSettled(units);
        await expectWholeChain(10);
        if (kind.name === 'SQLite') expect(runs).toBe(20);
      });

      it('is not committed when its unit swallowed a failed write', async () => {
        const request = aRequest();
        await write({ requests: [request] });
        const swallowing = store.transaction(async (tx) => {
          await tx.write(WORKSPACE, NOON, { ...NOTHING, grants: [aGrant()], entitlements: [anEntitlement()] });
          await tx.write(WORKSPACE, NOON, { ...NOTHING, requests: [{ ...request, version: 7 }] }).catch(() => {});
        });
        await expect(swallowing).rejects.toThrow(StaleWrite);
        expect(await store.entitlement(WORKSPACE, anEntitlement().key)).toBeUndefined();
      });

      it('cannot be used after its unit returned', async () => {
        let escaped: Transaction | undefined;
        await store.transaction(async (tx) => {
          escaped = tx;
        });
        await expect(escaped?.request('req_1')).rejects.toThrow('The transaction is over');
        const request = aRequest();
        const unawaited = store.transaction(async (tx) => {
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
        store.onCommitted((commits) => {
          for (const commit of commits) for (const effect of commit.effects) told.push(effect.id);
        });
        const effects = Array.from({ length: 10 }, (_, index) => aRefresh(`req_${index}`));
        await Promise.allSettled(
          effects.map((effect, index) =>
            store.transaction(async (tx) => {
              await tx.write(WORKSPACE, NOON, { events: [policiesLoaded()], effects: [effect] });
              if (index === 4) throw new Error('undone');
            }),
          ),
        );
        expect(told.sort()).toEqual(effects.filter((_, index) => index !== 4).map((effect) => effect.id));
      });
    });

    describe('versions', () => {
      it('let one of two writers of the same version through, and run the other again', async () => {
        const request = aRequest({ flow: { ...aRequest().flow, steps: [{ approvers: [], need: 9 }] } });
        await write({ requests: [request] });
        const other = await database.open();
        const answers = await Promise.all([castVote(store, request.id, 'bo'), castVote(other, request.id, 'cy')]);
        expect(answers).toEqual(['pending', 'pending']);
        const after = await store.request(request.id);
        expect(after?.votes.map((vote) => vote.voter).sort()).toEqual(['bo', 'cy']);
        expect(after?.version).toBe(3);
      });

      it('fail what is stale for good, after some tries', async () => {
        const request = aRequest();
        await write({ requests: [request] });
        let tries = 0;
        const stale = store.transaction(async (tx) => {
          tries++;
          await tx.write(WORKSPACE, NOON, { ...NOTHING, requests: [{ ...request, version: 5 }] });
        });
        await expect(stale).rejects.toThrow(StaleWrite);
        expect(tries).toBeGreaterThan(1);
      });

      it.each([
        ['a request that exists', () => ({ requests: [aRequest({ id: 'req_taken', access: 'other' })] })],
        ['a second pending request of a person for an access', () => ({ requests: [aRequest()] })],
        ['a second grant of a request', () => ({ grants: [aGrant({ requestId: 'req_taken' })] })],
        ['an entitlement that exists', () => ({ entitlements: [anEntitlement()] })],
        [
          'two votes of one person',
          () => ({
            requests: [aRequest({ access: 'x', votes: [aVote({ voter: 'bo' }), aVote({ voter: 'bo', step: 1 })] })],
          }),
        ],
        [
          'two votes for one person',
          () => {
            const votes = ['bo', 'cy'].map((voter) => aVote({ voter, onBehalfOf: 'dee' }));
            return { requests: [aRequest({ access: 'x', votes })] };
          },
        ],
        ['a delegation of somebody who has one', () => ({ delegations: [aDelegation()] })],
      ])('treat %s as stale', async (_what, changes) => {
        await write({
          requests: [aRequest({ id: 'req_taken' })],
          grants: [aGrant({ requestId: 'req_taken' })],
          entitlements: [anEntitlement()],
          delegations: [aDelegation()],
        });
        await expect(write(changes())).rejects.toThrow(StaleWrite);
      });

      it.each([1, 2])('count 100 votes at once, through %i stores, as one at a time would', async (processes) => {
        const need = 40;
        const request = aRequest({
          flow: { ...aRequest().flow, steps: [{ approvers: [{ kind: 'everyone' }], need }] },
        });
        await write({ requests: [request] });
        const stores = [store, ...(processes === 2 ? [await database.open()] : [])];
        // 50 people, each twice.
        const answers = await Promise.all(
          Array.from({ length: 100 }, (_, index) =>
            castVote(stores[index % stores.length] ?? store, request.id, `person-${index % 50}`),
          ),
        );
        const after = await store.request(request.id);
        expect(after).toMatchObject({ status: 'approved', version: need + 1 });
        expect(new Set(after?.votes.map((vote) => vote.voter)).size).toBe(need);
        expect(answers.filter((answer) => answer === 'pending')).toHaveLength(need - 1);
        expect(answers.filter((answer) => answer === 'approved')).toHaveLength(1);
        await expectWholeChain(need);
      });
    });

    describe('finding rows', () => {
      it('gives the holders of an entitlement that are provisioning or active, without the one that asks', async () => {
        const key = anEntitlementRef().key;
        const grants = (['provisioning', 'active', 'revoking', 'ended', 'active'] as const).map((status) =>
          aGrant({ status, holds: [aHold({ account: 'unrelated' }), aHold()] }),
        );
        await write({ grants });
        await write({ grants: [aGrant({ holds: [aHold({ account: 'bo' })] })] });
        const [provisioning, active, , , asking] = grants;
        expect(await store.holders(WORKSPACE, key, asking?.id ?? '')).toStrictEqual([provisioning, active]);
        expect(await store.holders('T0OTHER', key, '')).toEqual([]);
        await store.transaction(async (tx) => {
          if (!active) throw new Error('no sample');
          await tx.write(WORKSPACE, NOON, { ...NOTHING, grants: [{ ...active, status: 'revoking', version: 2 }] });
          expect(await tx.holders(WORKSPACE, key, asking?.id ?? '')).toStrictEqual([provisioning]);
        });
      });

      it('gives due requests and grants, oldest first, at most as many as asked for', async () => {
        const due = [3, 1, 2].map((minute) =>
          aRequest({ access: `a${minute}`, lapsesAt: plus(NOON, minute * MINUTE) }),
        );
        const decided = aRequest({ status: 'denied', lapsesAt: NOON });
        const grants = [3, 1, 2].map((minute) => aGrant({ endsAt: plus(NOON, minute * MINUTE), status: 'active' }));
        const over = [aGrant({ endsAt: NOON, status: 'ended' }), aGrant({ endsAt: NOON, status: 'revoking' })];
        await write({ requests: [...due, decided], grants: [...grants, ...over] });
        await store.transaction(async (tx) => {
          const now = plus(NOON, 2 * MINUTE); // Due at that very moment counts.
          expect(await tx.dueRequests(now, 10)).toStrictEqual([due[1], due[2]]);
          expect(await tx.dueRequests(now, 1)).toStrictEqual([due[1]]);
          expect(await tx.dueGrants(now, 10)).toStrictEqual([grants[1], grants[2]]);
          expect(await tx.dueGrants(plus(NOON, -1), 10)).toEqual([]);
        });
      });

      it('gives delegations in force, of one delegate or of all, and those that are due', async () => {
        const named = (name: string, values: Partial<DelegationState> = {}) =>
          aDelegation({ delegator: { email: name, slack: name }, ...values });
        const [a, b, c, d, e] = [
          named('a'),
          named('b', { delegate: { email: 'gus', slack: 'U0GUS' } }),
          named('c', { since: plus(NOON, 1) }),
          named('d', { endedAt: NOON, endedBecause: 'person' }),
          named('e', { until: plus(NOON, -MINUTE), since: plus(NOON, -HOUR) }),
        ];
        await write({ delegations: [a, b, c, d, e] });
        await store.transaction(async (tx) => {
          expect(await tx.delegationsInForce(WORKSPACE, NOON)).toStrictEqual([a, b]);
          expect(await tx.delegationsInForce(WORKSPACE, NOON, 'gus')).toStrictEqual([b]);
          expect(await tx.delegationsInForce('T0OTHER', NOON)).toEqual([]);
          expect(await tx.dueDelegations(NOON, 10)).toStrictEqual([e]);
          expect(await tx.dueDelegations(plus(NOON, HOUR), 2)).toStrictEqual([e, a]);
        });
        expect(await store.delegationsInForce(WORKSPACE, plus(NOON, 1))).toStrictEqual([a, b, c]);
        const all: string[] = [];
        for await (const { delegator } of store.allDelegations(WORKSPACE)) all.push(delegator.email);
        expect(all).toEqual(['a', 'b', 'c', 'd', 'e']);
      });

      it('sets aside each delegation that cannot be read, and gives the others', async () => {
        const named = (name: string, values: Partial<DelegationState> = {}) =>
          aDelegation({ delegator: { email: name, slack: name }, ...values });
        const over = { until: plus(NOON, -MINUTE), since: plus(NOON, -HOUR) };
        const [a, b, c, d] = [named('a'), named('b'), named('c', over), named('d', over)];
        const elsewhere = named('c', { ...over, workspace: 'T0OTHER' });
        await write({ delegations: [a, b, c, d] });
        await store.transaction((tx) => tx.write('T0OTHER', NOON, { ...NOTHING, delegations: [elsewhere] }));
        // What Postgres takes for a time, SQLite for text; the one comes after every time, the other before.
        await database.sql(`UPDATE "Delegation" SET "until" = 'infinity' WHERE "delegatorEmail" = 'a'`);
        await database.sql(
          `UPDATE "Delegation" SET "until" = '-infinity' WHERE "delegatorEmail" = 'c' AND "workspace" = '${WORKSPACE}'`,
        );
        expect(await store.delegationsInForce(WORKSPACE, NOON)).toStrictEqual([b]);
        await store.transaction(async (tx) => {
          expect(await tx.delegationsInForce(WORKSPACE, NOON)).toStrictEqual([b]);
          expect(await tx.delegationsInForce(WORKSPACE, NOON, a.delegate.email)).toStrictEqual([b]);
          // Nor does it keep those behind it from their turn, of the same name in another workspace neither.
          expect(await tx.dueDelegations(NOON, 1)).toStrictEqual([elsewhere]);
          expect(await tx.dueDelegations(NOON, 10)).toStrictEqual([elsewhere, d]);
        });
        // NB. a new one cannot be written over it: it is there.
        await expect(store.delegation(WORKSPACE, 'a')).rejects.toThrow(UnreadableRow);
        expect(await store.delegation(WORKSPACE, 'b')).toStrictEqual(b);
        expect(await store.setAside(10)).toEqual({
          count: 2,
          first: [
            `the row Delegation ${WORKSPACE} a cannot be read: one of its times is none`,
            `the row Delegation ${WORKSPACE} c cannot be read: one of its times is none`,
          ],
        });

        const broken: string[] = [];
        const all: string[] = [];
        const told = store.allDelegations(WORKSPACE, (row) => broken.push(row.keyIn(WORKSPACE)));
        for await (const { delegator } of told) all.push(delegator.email);
        expect([all, broken]).toEqual([
          ['b', 'd'],
          ['a', 'c'],
        ]);
        await expect(store.allDelegations(WORKSPACE)[Symbol.asyncIterator]().next()).rejects.toThrow(UnreadableRow);

        await database.sql(`UPDATE "Delegation" SET "until" = "since" WHERE "delegatorEmail" IN ('a', 'c')`);
        await store.transaction((tx) => tx.dueDelegations(plus(NOON, HOUR), 10));
        expect(await store.setAside(10)).toEqual({ count: 0, first: [] });
      });

      it('sets an entitlement aside that cannot be read, and not the one of the same name in another workspace', async () => {
        const mine = anEntitlement();
        const theirs = anEntitlement({ workspace: 'T0OTHER' });
        await write({ entitlements: [mine] });
        await store.transaction((tx) => tx.write('T0OTHER', NOON, { ...NOTHING, entitlements: [theirs] }));
        await database.sql(`UPDATE "Entitlement" SET "status" = 'x' WHERE "workspace" = 'T0OTHER'`);
        const both = () =>
          Promise.allSettled([store.entitlement(WORKSPACE, mine.key), store.entitlement('T0OTHER', mine.key)]);
        expect(await both()).toMatchObject([{ value: mine }, { reason: { name: 'UnreadableRow' } }]);
        // Nor does a look at the whole one make anybody forget the broken one.
        expect(await store.entitlement(WORKSPACE, mine.key)).toStrictEqual(mine);
        expect(await store.setAside(10)).toEqual({
          count: 1,
          first: [`the row Entitlement T0OTHER ${mine.key} cannot be read: its status is none that Latchkey writes`],
        });
        const ahead = { entitlement: { workspace: WORKSPACE, key: mine.key } };
        expect(await store.transaction((tx) => tx.entitlement(WORKSPACE, mine.key), ahead)).toStrictEqual(mine);
        const broken: string[] = [];
        const told = store.allEntitlements('T0OTHER', (row) => broken.push(row.keyIn('T0OTHER')));
        for await (const one of told) expect(one).toBeUndefined();
        expect(broken).toEqual([mine.key]);
      });

      it('gives requests whose next reminder or escalation is due, oldest first, and no others', async () => {
        const step = { approvers: [], need: 1, remindEveryMs: 10 * MINUTE };
        const flow = { name: 'x', autoApprove: false, steps: [step], timeoutMs: HOUR };
        const waiting = (minute: number) => ({ step: 0, since: plus(NOON, minute * MINUTE) });
        const due = [3, 1, 2].map((minute) => aRequest({ access: `a${minute}`, flow, waiting: waiting(minute) }));
        const reminded = { ...waiting(0), remindedAt: plus(NOON, 5 * MINUTE) };
        const others = [
          aRequest({ access: 'reminded', flow, waiting: reminded }),
          aRequest({ access: 'over', flow, waiting: waiting(0), status: 'denied' }),
          aRequest({ access: 'clockless' }),
        ];
        await write({ requests: [...due, ...others] });
        await store.transaction(async (tx) => {
          const now = plus(NOON, 12 * MINUTE);
          expect(await tx.dueNudges(now, 10)).toStrictEqual([due[1], due[2]]);
          expect(await tx.dueNudges(now, 1)).toStrictEqual([due[1]]);
          const first = due[1] as RequestState;
          const done: RequestState = { ...first, waiting: { ...waiting(1), remindedAt: now }, version: 2 };
          await tx.write(WORKSPACE, now, { ...NOTHING, requests: [done] });
          expect(await tx.dueNudges(now, 10)).toStrictEqual([due[2]]);
        });
      });

      it('gives the emergencies of a person and access, and never two of one number', async () => {
        const emergency = (number: number) => ({ number, reviewBy: plus(NOON, number * MINUTE), reviewers: [] });
        const taken = (number: number, values: Partial<RequestState> = {}) =>
          aRequest({ status: 'approved', emergency: emergency(number), openedAt: plus(NOON, number), ...values });
        const requests = [
          taken(1),
          taken(2),
          taken(3),
          taken(1, { access: 'other' }),
          aRequest({ status: 'approved' }),
        ];
        await write({ requests });
        await store.transaction(async (tx) => {
          const ana = { email: 'ana@example.com', slack: 'U0ANA' };
          const newest = [
            { number: 3, openedAt: plus(NOON, 3) },
            { number: 2, openedAt: plus(NOON, 2) },
          ];
          expect(await tx.emergencies(WORKSPACE, ana, 'prod-db-write', 2)).toEqual(newest);
          // Neither a new e-mail nor a new Slack user makes another person of her.
          expect(await tx.emergencies(WORKSPACE, { ...ana, email: 'new@example.com' }, 'prod-db-write', 2)).toEqual(
            newest,
          );
          expect(await tx.emergencies(WORKSPACE, { ...ana, slack: 'U0NEW' }, 'prod-db-write', 2)).toEqual(newest);
          expect(await tx.emergencies('T0OTHER', ana, 'prod-db-write', 2)).toEqual([]);
        });
        await expect(
          store.transaction((tx) => tx.write(WORKSPACE, NOON, { ...NOTHING, requests: [taken(3)] })),
        ).rejects.toThrow();
      });

      it('gives reviews that are late, and of those the ones that were not said to be', async () => {
        const reviewer = { email: 'bo@example.com', slack: 'U0BO' };
        const emergency = (number: number, values: Partial<Emergency> = {}) =>
          aRequest({
            status: 'approved',
            emergency: { number, reviewBy: plus(NOON, number * MINUTE), reviewers: [], ...values },
          });
        const [two, one, said] = [emergency(2), emergency(1), emergency(3, { reviewBy: NOON, overdueAt: NOON })];
        const closed = emergency(4, { reviewBy: NOON, review: { verdict: 'fine', note: 'x', by: reviewer, at: NOON } });
        await write({ requests: [two, one, said, closed, emergency(9)] });
        const now = plus(NOON, 2 * MINUTE);
        await store.transaction(async (tx) => {
          expect(await tx.dueReviews(now, 10)).toStrictEqual([one, two]);
          expect(await tx.dueReviews(now, 1)).toStrictEqual([one]);
        });
        expect(await store.overdueReviews(WORKSPACE, now, 10)).toStrictEqual([said, one, two]);
        expect(await store.overdueReviews(WORKSPACE, now, 1)).toStrictEqual([said]);
        expect(await store.countOverdueReviews(WORKSPACE, now)).toBe(3);
        expect(await store.countOverdueReviews('T0OTHER', now)).toBe(0);
      });

      it('gives active grants whose warning is due and whose end has not come, soonest warning first', async () => {
        const [late, soon, next] = [2, 0, 1].map((minute) =>
          aGrant({ status: 'active', warnAt: plus(NOON, minute * MINUTE), extensions: 1 }),
        );
        const others = [
          aGrant({ status: 'active' }),
          aGrant({ status: 'active', warnAt: NOON, endsAt: plus(NOON, MINUTE) }),
          aGrant({ status: 'revoking', warnAt: NOON }),
        ];
        await write({ grants: [late, soon, next, ...others].flatMap((grant) => grant ?? []) });
        await store.transaction(async (tx) => {
          expect(await tx.dueWarnings(plus(NOON, MINUTE), 10)).toStrictEqual([soon, next]);
          expect(await tx.dueWarnings(plus(NOON, MINUTE), 1)).toStrictEqual([soon]);
        });
      });

      it("gives a person's pending requests and open grants, newest first, and counts the open ones", async () => {
        const old = aRequest({ access: 'a', openedAt: plus(NOON, -1) });
        const young = aRequest({ access: 'b' });
        const foreign = aRequest({ access: 'a', requester: { email: 'bo@example.com', slack: 'U0BO' } });
        const grants = [0, 5, 2].map((minute) =>
          aGrant({ approvedAt: plus(NOON, minute), endsAt: plus(NOON, HOUR - minute), status: 'active' }),
        );
        const ended = aGrant({ status: 'ended' });
        await write({ requests: [old, young, foreign, aRequest({ status: 'lapsed' })], grants: [...grants, ended] });
        expect(await store.pendingRequestsOf(WORKSPACE, 'ana@example.com')).toStrictEqual([young, old]);
        expect(await store.openGrantsOf(WORKSPACE, 'ana@example.com')).toStrictEqual([grants[1], grants[2], grants[0]]);
        expect(await store.openGrants(WORKSPACE, 2)).toStrictEqual([grants[1], grants[2]]);
        expect(await store.countOpenGrants(WORKSPACE)).toBe(3);
        expect(await store.countOpenGrants('T0OTHER')).toBe(0);
      });

      it('walks over all rows of a workspace, and knows every workspace', async () => {
        const requests = Array.from({ length: 1201 }, (_, index) => aRequest({ access: `access-${index}` }));
        await write({ requests, entitlements: [anEntitlement()], grants: [aGrant()] });
        await store.transaction((tx) =>
          tx.write('T0ROWS', NOON, { ...NOTHING, entitlements: [anEntitlement({ workspace: 'T0ROWS' })] }),
        );
        await store.transaction((tx) =>
          tx.write('T0EVENTS', NOON, { effects: [], events: [policiesLoaded({ workspace: 'T0EVENTS' })] }),
        );
        const ids: string[] = [];
        for await (const request of store.allRequests(WORKSPACE)) ids.push(request.id);
        expect(ids).toEqual(requests.map((request) => request.id).sort());
        for await (const grant of store.allGrants(WORKSPACE)) expect(grant.workspace).toBe(WORKSPACE);
        const keys: string[] = [];
        for await (const { key } of store.allEntitlements(WORKSPACE)) keys.push(key);
        expect(keys).toEqual([anEntitlement().key]);
        expect(await store.workspaces()).toEqual(['T0EVENTS', WORKSPACE, 'T0ROWS'].sort());
      });
    });

    describe('interactions and digests', () => {
      it('sees an interaction first once, in a workspace, whoever asks at the same time', async () => {
        const other = await database.open();
        const look = (on: Store, workspace = WORKSPACE) =>
          on.transaction((tx) => tx.firstSeen(workspace, 'trigger', NOON));
        const answers = await Promise.all([store, other, store, other, store].map((on) => look(on)));
        expect(answers.filter(Boolean)).toHaveLength(1);
        expect(await look(store, 'T0OTHER')).toBe(true);
        await store.forgetInteractions(NOON);
        expect(await look(store)).toBe(false);
        await store.forgetInteractions(plus(NOON, 1));
        expect(await look(store)).toBe(true);
      });

      it("lets one of two processes write a day's digest", async () => {
        const other = await database.open();
        const record = (on: Store) =>
          on.transaction(async (tx) => {
            if ((await tx.lastDigest(WORKSPACE))?.date === '2026-03-03') return false;
            await tx.recordDigest(WORKSPACE, '2026-03-03', NOON);
            return true;
          });
        expect((await Promise.all([record(store), record(other)])).sort()).toEqual([false, true]);
        await store.transaction(async (tx) => {
          await tx.recordDigest(WORKSPACE, '2026-03-04', plus(NOON, 24 * HOUR));
          expect(await tx.lastDigest(WORKSPACE)).toEqual({ date: '2026-03-04', to: plus(NOON, 24 * HOUR) });
          expect(await tx.lastDigest('T0OTHER')).toBeUndefined();
        });
      });
    });

    describe('the outbox', () => {
      const claim = (on: Store, name: string, now = NOON, limit = 10) =>
        on.claimEffects('slack', name, now, plus(now, MINUTE), limit);
      const finish = (id: string, name: string) => store.transaction((tx) => tx.finishEffect(id, name, NOON));

      it('gives out what is due, of its lane, to one claimer at a time', async () => {
        const due = aRefresh('req_a');
        await write({ effects: [due, aRefresh('req_b', plus(NOON, 1)), aRevoke('key')] });
        expect((await claim(store, 'me')).map((effect) => effect.id)).toEqual([due.id]);
        expect(await claim(store, 'you')).toEqual([]);
        expect(await store.claimEffects('target', 'you', NOON, plus(NOON, 1), 9)).toHaveLength(1);
      });

      it('gives out only what is of the orders asked for, and still none past an older one', async () => {
        const [older, wanted, other] = [aRevoke('a'), aRevoke('a'), aRevoke('b')];
        await write({ effects: [older, wanted, other] });
        const claimed = await store.claimEffects('target', 'me', NOON, plus(NOON, 1), 9, ['entitlement:a']);
        expect(claimed.map(({ id }) => id)).toEqual([older.id]);
        expect((await store.claimEffects('target', 'you', NOON, plus(NOON, 1), 9)).map(({ id }) => id)).toEqual([
          other.id,
        ]);
      });

      it('gives out the effects of one order one at a time, oldest first', async () => {
        const [first, second, third] = [aRefresh('req_a'), aRefresh('req_a'), aRefresh('req_a')];
        await write({ effects: [first, second] });
        await write({ effects: [third] }, plus(NOON, 1));
        for (const effect of [first, second, third]) {
          expect((await claim(store, 'me')).map(({ id }) => id)).toEqual([effect.id]);
          expect(await claim(store, 'you')).toEqual([]);
          expect(await finish(effect.id, 'me')).toBe(true);
        }
        expect(await claim(store, 'me')).toEqual([]);
      });

      it('does not pass an older one that waits for its time, unless it is of another workspace', async () => {
        const late = aRefresh('req_a', plus(NOON, HOUR));
        await write({ effects: [late, aRefresh('req_a')] });
        expect(await claim(store, 'me')).toEqual([]);
        await store.transaction((tx) => tx.write('T0OTHER', NOON, { ...NOTHING, effects: [aRefresh('req_a')] }));
        expect(await claim(store, 'me')).toHaveLength(1);
        expect((await claim(store, 'me', plus(NOON, HOUR))).map(({ id }) => id)).toContain(late.id);
      });

      it('hastens what waits, of the orders named', async () => {
        const [late, other] = [aRevoke('a', plus(NOON, HOUR)), aRevoke('b', plus(NOON, HOUR))];
        await write({ effects: [late, other] });
        await store.transaction((tx) => tx.hasten('T0OTHER', ['entitlement:a'], NOON));
        expect(await store.claimEffects('target', 'me', NOON, plus(NOON, 1), 9)).toEqual([]);
        await store.transaction(async (tx) => {
          await tx.hasten(WORKSPACE, [], NOON);
          await tx.hasten(WORKSPACE, ['entitlement:a', 'entitlement:none'], NOON);
        });
        expect((await store.claimEffects('target', 'me', NOON, plus(NOON, 1), 9)).map(({ id }) => id)).toEqual([
          late.id,
        ]);
      });

      it('gives a claim to another when its lease is over, and then hears the first no more', async () => {
        const effect = aRefresh();
        await write({ effects: [effect] });
        await claim(store, 'slow');
        expect(await claim(store, 'quick', plus(NOON, MINUTE - 1))).toEqual([]);
        expect(await claim(store, 'quick', plus(NOON, MINUTE))).toMatchObject([{ id: effect.id, attempt: 2 }]);
        expect(await finish(effect.id, 'slow')).toBe(false);
        expect(await store.transaction((tx) => tx.postponeEffect(effect.id, 'slow', NOON))).toBe(false);
        expect(await finish(effect.id, 'quick')).toBe(true);
        expect(await finish(effect.id, 'quick')).toBe(false);
      });

      it('lets no older effect of an order overtake a claimed one, however late it was committed', async () => {
        const young = aRefresh('req_a');
        await write({ effects: [young] });
        await claim(store, 'me');
        // Another process, whose clock is behind or whose commit was slow.
        const old = aRefresh('req_a', plus(NOON, -HOUR));
        await write({ effects: [old] }, plus(NOON, -HOUR));
        expect(await claim(store, 'you')).toEqual([]);
        await expect(database.sql(`UPDATE "Effect" SET "claim" = 'you' WHERE "id" = '${old.id}'`)).rejects.toThrow();
        await finish(young.id, 'me');
        expect(await claim(store, 'you')).toMatchObject([{ id: old.id }]);
      });

      it('takes an effect back for later, with what went wrong', async () => {
        const effect = aRefresh();
        await write({ effects: [effect, aRefresh('req_other', plus(NOON, HOUR))] });
        await claim(store, 'me');
        const later = plus(NOON, MINUTE);
        const failure = { code: 'slack-429', sentence: HOSTILE };
        expect(await store.transaction((tx) => tx.postponeEffect(effect.id, 'me', later, failure))).toBe(true);
        expect(await claim(store, 'me')).toEqual([]);
        expect(await store.outbox(later)).toEqual([
          { lane: 'slack', depth: 2, oldest: later, failing: 1 },
          { lane: 'target', depth: 0, failing: 0 },
          { lane: 'watch', depth: 0, failing: 0 },
        ]);
        expect(await store.failingEffects(5)).toStrictEqual([
          {
            id: effect.id,
            workspace: WORKSPACE,
            effect: effect.effect,
            attempt: 1,
            createdAt: NOON,
            lastCode: 'slack-429',
            lastSentence: HOSTILE,
            runAt: later,
          },
        ]);
        expect(await claim(store, 'me', later)).toMatchObject([{ id: effect.id, attempt: 2, lastCode: 'slack-429' }]);
        expect(await store.transaction((tx) => tx.postponeEffect(effect.id, 'me', later))).toBe(true);
        expect(await claim(store, 'me', later)).toMatchObject([{ attempt: 3, lastCode: 'slack-429' }]);
        await finish(effect.id, 'me');
        expect(await store.failingEffects(5)).toEqual([]);
      });

      it('takes what comes round back as if it were new, with what it came to, unless the claim was lost', async () => {
        const effect = aWatch();
        await write({ effects: [effect] });
        const watch = (name: string, now = NOON) => store.claimEffects('watch', name, now, plus(now, MINUTE), 9);
        expect(await claim(store, 'me')).toEqual([]);
        expect(await watch('me')).toMatchObject([{ id: effect.id, attempt: 1 }]);
        const failure = { code: 'unreachable', sentence: 'It is down.' };
        await store.transaction((tx) => tx.postponeEffect(effect.id, 'me', plus(NOON, MINUTE), failure));
        expect(await watch('me', plus(NOON, MINUTE))).toMatchObject([{ attempt: 2, lastCode: 'unreachable' }]);
        expect(await store.failingEffects(5)).toHaveLength(1);
        const [now, runAt] = [plus(NOON, MINUTE), plus(NOON, 2 * MINUTE)];
        const anew = { effect: { ...effect.effect, usedAt: now, lookedAt: now }, runAt };
        const repeat = (name: string) => store.transaction((tx) => tx.repeatEffect(effect.id, name, anew, now));
        expect(await repeat('you')).toBe(false);
        expect(await repeat('me')).toBe(true);
        expect(await repeat('me')).toBe(false);
        expect(await store.failingEffects(5)).toEqual([]);
        expect(await store.outbox(runAt)).toContainEqual({ lane: 'watch', depth: 1, oldest: runAt, failing: 0 });
        expect(await watch('me', plus(runAt, -1))).toEqual([]);
        expect(await watch('me', runAt)).toStrictEqual([
          { id: effect.id, workspace: WORKSPACE, effect: anew.effect, attempt: 1, createdAt: now },
        ]);
      });

      it('gives out at once what comes round, and was written by a clock that is ahead', async () => {
        const [watch, other] = [aWatch(plus(NOON, HOUR)), aRefresh('req_a', plus(NOON, HOUR))];
        await write({ effects: [watch, other] }, plus(NOON, HOUR));
        expect(await claim(store, 'me')).toEqual([]);
        expect(await store.claimEffects('watch', 'me', NOON, plus(NOON, 1), 9)).toMatchObject([{ id: watch.id }]);
      });

      it('has two processes work it off with none done twice and every order kept', async () => {
        const orders = 12;
        const each = 5;
        const effects = Array.from({ length: orders * each }, (_, index) => aRefresh(`req_${index % orders}`));
        await write({ effects });
        const done: { id: string; request: string }[] = [];
        const running = new Set<string>();
        const worker = async (on: Store, name: string) => {
          for (let empty = 0; done.length < effects.length && empty < 10_000; ) {
            const claimed = await claim(on, name, NOON, 3);
            empty = claimed.length === 0 ? empty + 1 : 0;
            for (const { id, effect } of claimed) {
              const request = effect.kind === 'refresh' ? effect.requestId : '';
              expect(running.has(request)).toBe(false);
              running.add(request);
              done.push({ id, request });
              running.delete(request);
              expect(await on.transaction((tx) => tx.finishEffect(id, name, NOON))).toBe(true);
            }
          }
        };
        const other = await database.open();
        await Promise.all([worker(store, 'a'), worker(other, 'b'), worker(store, 'c'), worker(other, 'd')]);
        expect(done.map(({ id }) => id).sort()).toEqual(effects.map(({ id }) => id));
        for (let order = 0; order < orders; order++) {
          const ids = done.filter(({ request }) => request === `req_${order}`).map(({ id }) => id);
          expect(ids).toEqual([...ids].sort());
        }
      });

      it('is tidied of what was done long ago, and of nothing else', async () => {
        const [done, waiting] = [aRefresh('req_a'), aRefresh('req_b')];
        await write({ effects: [done, waiting] });
        await claim(store, 'me');
        await finish(done.id, 'me');
        expect(await store.forgetDoneEffects(NOON)).toBe(0);
        expect(await store.forgetDoneEffects(plus(NOON, 1))).toBe(1);
        expect(await database.sql('SELECT "id" FROM "Effect"')).toEqual([{ id: waiting.id }]);
      });
    });

    describe('the audit log', () => {
      it('links events in the order in which they were written, whoever writes', async () => {
        const other = await database.open();
        await Promise.all(
          Array.from({ length: 60 }, (_, index) =>
            (index % 2 ? store : other).transaction((tx) =>
              tx.write(WORKSPACE, NOON, {
                effects: [],
                events: [policiesLoaded({ accesses: index }), policiesLoaded({ accesses: index + 1000 })],
              }),
            ),
          ),
        );
        await expectWholeChain(120);
        const accesses = (await everyEntry()).map((entry) => JSON.parse(entry.body).event.accesses as number);
        for (let index = 0; index < 60; index++) {
          expect(accesses.indexOf(index + 1000)).toBe(accesses.indexOf(index) + 1); // One unit's events stay together.
        }
      });

      it('holds exactly what link made', async () => {
        const events = [policiesLoaded({ actor: HOSTILE }), policiesLoaded({ at: plus(NOON, 1) })];
        await write({ events });
        const { entries } = link({ seq: 0, hash: GENESIS_HASH }, events);
        expect(await everyEntry()).toStrictEqual(entries.map((entry) => ({ workspace: WORKSPACE, ...entry })));
      });

      it('keeps a chain for each workspace, also when they are written together', async () => {
        const workspaces = ['T3', 'T1', 'T2'];
        await Promise.all(
          Array.from({ length: 30 }, (_, index) => workspaces[index % 3] ?? '').map((workspace) =>
            store.transaction(async (tx) => {
              await tx.write(workspace, NOON, { effects: [], events: [policiesLoaded({ workspace })] });
            }),
          ),
        );
        for (const workspace of workspaces) expect(await store.auditHead(workspace)).toMatchObject({ seq: 10 });
      });

      it('is read in pages, by time and by type, and knows its latest moment', async () => {
        const request = aRequest();
        const times = [0, 1, 2, 3].map((minute) => plus(NOON, minute * MINUTE));
        await write({ events: times.map((at) => policiesLoaded({ at })) });
        await write({ events: [{ ...opened(request), at: times[2] ?? NOON }] });
        expect((await store.auditPage(WORKSPACE, 2, 2)).map((entry) => entry.seq)).toEqual([2, 3]);
        expect(await store.auditPage(WORKSPACE, 9, 2)).toEqual([]);
        const span = { from: times[1] ?? '', to: times[3] ?? '' };
        const between = await store.auditBetween(WORKSPACE, span, 'PoliciesLoaded', 10);
        expect(between.map((entry) => entry.seq)).toEqual([2, 3]);
        const on = await store.auditBetween(WORKSPACE, { ...span, after: 2 }, 'PoliciesLoaded', 1);
        expect(on.map((entry) => entry.seq)).toEqual([3]);
        expect(await store.auditCounts(WORKSPACE, span)).toEqual({ PoliciesLoaded: 2, RequestOpened: 1 });
        expect(await store.auditCounts('T0OTHER', span)).toEqual({});
        expect(await store.latestInstant()).toBe(times[3]);
      });

      it('and how far time has come is remembered beside it, never an earlier one', async () => {
        await write({ events: [policiesLoaded({ at: NOON })] });
        for (const minute of [-5, 7, 3]) await store.rememberTime(plus(NOON, minute * MINUTE));
        expect(await store.latestInstant()).toBe(plus(NOON, 7 * MINUTE));
        await write({ events: [policiesLoaded({ at: plus(NOON, 9 * MINUTE) })] });
        expect(await store.latestInstant()).toBe(plus(NOON, 9 * MINUTE));
      });
    });

    it('is handed on by a process that closed it, with everything in it', async () => {
      const request = aRequest({ id: anId('req') });
      await write({ requests: [request], events: [opened(request)] });
      const unfinished = write({ effects: [aRefresh()] });
      await store.close();
      await unfinished;
      await expect(write({})).rejects.toThrow('closed');
      store = await database.open();
      expect(await store.request(request.id)).toStrictEqual(request);
      expect((await store.outbox(NOON)).map(({ depth }) => depth)).toEqual([1, 0, 0]);
    });
  });
}
