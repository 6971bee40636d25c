import { UnreadableRow } from '../../../src/app/ports/store.ts';
import type { ActionAsked } from '../../../src/domain/action.ts';
import { callerName } from '../../../src/domain/caller.ts';
import type { DelegationState } from '../../../src/domain/delegation.ts';
import type { Emergency } from '../../../src/domain/emergency.ts';
import { plus } from '../../../src/domain/instant.ts';
import type { RequestState } from '../../../src/domain/request.ts';
import {
  aDelegation,
  aGrant,
  aHold,
  anActionRequest,
  anApprovedAction,
  anEntitlement,
  anEntitlementRef,
  aRequest,
  HOUR,
  MINUTE,
  NOON,
  PIPELINE,
  policiesLoaded,
  WORKSPACE,
} from '../../support/samples.ts';
import { NOTHING, type StoreSubject } from './subject.ts';

/** What the use cases and the tick look for. */
export function findingRows(subject: StoreSubject): void {
  const { write } = subject;

  describe('finding rows', () => {
    it('gives the holders of an entitlement that are provisioning or active, without the one that asks', async () => {
      const key = anEntitlementRef().key;
      const grants = (['provisioning', 'active', 'revoking', 'ended', 'active'] as const).map((status) =>
        aGrant({ status, holds: [aHold({ account: 'unrelated' }), aHold()] }),
      );
      await write({ grants });
      await write({ grants: [aGrant({ holds: [aHold({ account: 'bo' })] })] });
      const [provisioning, active, , , asking] = grants;
      expect(await subject.store.holders(WORKSPACE, key, asking?.id ?? '')).toStrictEqual([provisioning, active]);
      expect(await subject.store.holders('T0OTHER', key, '')).toEqual([]);
      await subject.store.transaction(async (tx) => {
        if (!active) throw new Error('no sample');
        await tx.write(WORKSPACE, NOON, { ...NOTHING, grants: [{ ...active, status: 'revoking', version: 2 }] });
        expect(await tx.holders(WORKSPACE, key, asking?.id ?? '')).toStrictEqual([provisioning]);
      });
    });

    it('gives due requests and grants, oldest first, at most as many as asked for', async () => {
      const due = [3, 1, 2].map((minute) => aRequest({ access: `a${minute}`, lapsesAt: plus(NOON, minute * MINUTE) }));
      const decided = aRequest({ status: 'denied', lapsesAt: NOON });
      const grants = [3, 1, 2].map((minute) => aGrant({ endsAt: plus(NOON, minute * MINUTE), status: 'active' }));
      const over = [aGrant({ endsAt: NOON, status: 'ended' }), aGrant({ endsAt: NOON, status: 'revoking' })];
      await write({ requests: [...due, decided], grants: [...grants, ...over] });
      await subject.store.transaction(async (tx) => {
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
      await subject.store.transaction(async (tx) => {
        expect(await tx.delegationsInForce(WORKSPACE, NOON)).toStrictEqual([a, b]);
        expect(await tx.delegationsInForce(WORKSPACE, NOON, 'gus')).toStrictEqual([b]);
        expect(await tx.delegationsInForce('T0OTHER', NOON)).toEqual([]);
        expect(await tx.dueDelegations(NOON, 10)).toStrictEqual([e]);
        expect(await tx.dueDelegations(plus(NOON, HOUR), 2)).toStrictEqual([e, a]);
      });
      expect(await subject.store.delegationsInForce(WORKSPACE, plus(NOON, 1))).toStrictEqual([a, b, c]);
      const all: string[] = [];
      for await (const { delegator } of subject.store.allDelegations(WORKSPACE)) all.push(delegator.email);
      expect(all).toEqual(['a', 'b', 'c', 'd', 'e']);
    });

    it('sets aside each delegation that cannot be read, and gives the others', async () => {
      const named = (name: string, values: Partial<DelegationState> = {}) =>
        aDelegation({ delegator: { email: name, slack: name }, ...values });
      const over = { until: plus(NOON, -MINUTE), since: plus(NOON, -HOUR) };
      const [a, b, c, d] = [named('a'), named('b'), named('c', over), named('d', over)];
      const elsewhere = named('c', { ...over, workspace: 'T0OTHER' });
      await write({ delegations: [a, b, c, d] });
      await subject.store.transaction((tx) => tx.write('T0OTHER', NOON, { ...NOTHING, delegations: [elsewhere] }));
      // What Postgres takes for a time, SQLite for text; the one comes after every time, the other before.
      await subject.database.sql(`UPDATE "Delegation" SET "until" = 'infinity' WHERE "delegatorEmail" = 'a'`);
      await subject.database.sql(
        `UPDATE "Delegation" SET "until" = '-infinity' WHERE "delegatorEmail" = 'c' AND "workspace" = '${WORKSPACE}'`,
      );
      expect(await subject.store.delegationsInForce(WORKSPACE, NOON)).toStrictEqual([b]);
      await subject.store.transaction(async (tx) => {
        expect(await tx.delegationsInForce(WORKSPACE, NOON)).toStrictEqual([b]);
        expect(await tx.delegationsInForce(WORKSPACE, NOON, a.delegate.email)).toStrictEqual([b]);
        // Nor does it keep those behind it from their turn, of the same name in another workspace neither.
        expect(await tx.dueDelegations(NOON, 1)).toStrictEqual([elsewhere]);
        expect(await tx.dueDelegations(NOON, 10)).toStrictEqual([elsewhere, d]);
      });
      // NB. a new one cannot be written over it: it is there.
      await expect(subject.store.delegation(WORKSPACE, 'a')).rejects.toThrow(UnreadableRow);
      expect(await subject.store.delegation(WORKSPACE, 'b')).toStrictEqual(b);
      expect(await subject.store.setAside(10)).toEqual({
        count: 2,
        first: [
          `the row Delegation ${WORKSPACE} a cannot be read: one of its times is none`,
          `the row Delegation ${WORKSPACE} c cannot be read: one of its times is none`,
        ],
      });

      const broken: string[] = [];
      const all: string[] = [];
      const told = subject.store.allDelegations(WORKSPACE, (row) => broken.push(row.keyIn(WORKSPACE)));
      for await (const { delegator } of told) all.push(delegator.email);
      expect([all, broken]).toEqual([
        ['b', 'd'],
        ['a', 'c'],
      ]);
      await expect(subject.store.allDelegations(WORKSPACE)[Symbol.asyncIterator]().next()).rejects.toThrow(
        UnreadableRow,
      );

      await subject.database.sql(`UPDATE "Delegation" SET "until" = "since" WHERE "delegatorEmail" IN ('a', 'c')`);
      await subject.store.transaction((tx) => tx.dueDelegations(plus(NOON, HOUR), 10));
      expect(await subject.store.setAside(10)).toEqual({ count: 0, first: [] });
    });

    it('sets an entitlement aside that cannot be read, and not the one of the same name in another workspace', async () => {
      const mine = anEntitlement();
      const theirs = anEntitlement({ workspace: 'T0OTHER' });
      await write({ entitlements: [mine] });
      await subject.store.transaction((tx) => tx.write('T0OTHER', NOON, { ...NOTHING, entitlements: [theirs] }));
      await subject.database.sql(`UPDATE "Entitlement" SET "status" = 'x' WHERE "workspace" = 'T0OTHER'`);
      const both = () =>
        Promise.allSettled([
          subject.store.entitlement(WORKSPACE, mine.key),
          subject.store.entitlement('T0OTHER', mine.key),
        ]);
      expect(await both()).toMatchObject([{ value: mine }, { reason: { name: 'UnreadableRow' } }]);
      // Nor does a look at the whole one make anybody forget the broken one.
      expect(await subject.store.entitlement(WORKSPACE, mine.key)).toStrictEqual(mine);
      expect(await subject.store.setAside(10)).toEqual({
        count: 1,
        first: [`the row Entitlement T0OTHER ${mine.key} cannot be read: its status is none that Latchkey writes`],
      });
      const ahead = { entitlement: { workspace: WORKSPACE, key: mine.key } };
      expect(await subject.store.transaction((tx) => tx.entitlement(WORKSPACE, mine.key), ahead)).toStrictEqual(mine);
      const broken: string[] = [];
      const told = subject.store.allEntitlements('T0OTHER', (row) => broken.push(row.keyIn('T0OTHER')));
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
      await subject.store.transaction(async (tx) => {
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
      const requests = [taken(1), taken(2), taken(3), taken(1, { access: 'other' }), aRequest({ status: 'approved' })];
      await write({ requests });
      await subject.store.transaction(async (tx) => {
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
        subject.store.transaction((tx) => tx.write(WORKSPACE, NOON, { ...NOTHING, requests: [taken(3)] })),
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
      await subject.store.transaction(async (tx) => {
        expect(await tx.dueReviews(now, 10)).toStrictEqual([one, two]);
        expect(await tx.dueReviews(now, 1)).toStrictEqual([one]);
      });
      expect(await subject.store.overdueReviews(WORKSPACE, now, 10)).toStrictEqual([said, one, two]);
      expect(await subject.store.overdueReviews(WORKSPACE, now, 1)).toStrictEqual([said]);
      expect(await subject.store.countOverdueReviews(WORKSPACE, now)).toBe(3);
      expect(await subject.store.countOverdueReviews('T0OTHER', now)).toBe(0);
    });

    it('gives approvals that nobody used in time, oldest first', async () => {
      const until = (minutes: number, values: Partial<ActionAsked> = {}) =>
        anApprovedAction({ action: { caller: PIPELINE, usableUntil: plus(NOON, minutes * MINUTE), ...values } });
      const [three, one, two] = [until(3), until(1), until(2)];
      const done = [until(1, { usedAt: NOON }), until(1, { unusedAt: NOON })];
      await write({ requests: [three, one, two, ...done, aRequest({ status: 'approved' })] });
      const now = plus(NOON, 2 * MINUTE); // At that very moment it is over.
      await subject.store.transaction(async (tx) => {
        expect(await tx.dueUnused(now, 10)).toStrictEqual([one, two]);
        expect(await tx.dueUnused(now, 1)).toStrictEqual([one]);
        const noted = { ...one, action: { caller: PIPELINE, ...one.action, unusedAt: now }, version: 2 };
        await tx.write(WORKSPACE, now, { ...NOTHING, requests: [noted] });
        expect(await tx.dueUnused(now, 10)).toStrictEqual([two]);
      });
    });

    it('gives what a caller has pending, and never the same action with the same parameters twice', async () => {
      const name = callerName(PIPELINE);
      const [one, two] = [anActionRequest(), anActionRequest({ fields: { sha: 'beef' }, openedAt: plus(NOON, 1) })];
      const [other] = [anActionRequest({ requester: { email: 'api-key:jenkins', slack: '' } })];
      await write({ requests: [one, two, other, anApprovedAction(), anActionRequest({ status: 'lapsed' })] });
      await subject.store.transaction(async (tx) => {
        expect(await tx.pendingRequestsOf(WORKSPACE, name)).toStrictEqual([two, one]);
        expect(await tx.pendingRequestsOf('T0OTHER', name)).toEqual([]);
        await tx.write(WORKSPACE, NOON, { ...NOTHING, requests: [{ ...two, status: 'denied', version: 2 }] });
        expect(await tx.pendingRequestsOf(WORKSPACE, name)).toStrictEqual([one]);
      });
      await write({ requests: [anActionRequest({ fields: { environment: 'x', sha: 'cafe' } })] });
      for (const fields of [
        { sha: 'f00d' },
        { sha: 'cafe', environment: 'x' }, // In another order they are the same.
      ]) {
        await expect(
          subject.store.transaction((tx) =>
            tx.write(WORKSPACE, NOON, { ...NOTHING, requests: [anActionRequest({ fields })] }),
          ),
        ).rejects.toThrow();
      }
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
      await subject.store.transaction(async (tx) => {
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
      expect(await subject.store.pendingRequestsOf(WORKSPACE, 'ana@example.com')).toStrictEqual([young, old]);
      expect(await subject.store.openGrantsOf(WORKSPACE, 'ana@example.com')).toStrictEqual([
        grants[1],
        grants[2],
        grants[0],
      ]);
      expect(await subject.store.openGrants(WORKSPACE, 2)).toStrictEqual([grants[1], grants[2]]);
      expect(await subject.store.countOpenGrants(WORKSPACE)).toBe(3);
      expect(await subject.store.countOpenGrants('T0OTHER')).toBe(0);
    });

    it('walks over all rows of a workspace, and knows every workspace', async () => {
      const requests = Array.from({ length: 1201 }, (_, index) => aRequest({ access: `access-${index}` }));
      await write({ requests, entitlements: [anEntitlement()], grants: [aGrant()] });
      await subject.store.transaction((tx) =>
        tx.write('T0ROWS', NOON, { ...NOTHING, entitlements: [anEntitlement({ workspace: 'T0ROWS' })] }),
      );
      await subject.store.transaction((tx) =>
        tx.write('T0EVENTS', NOON, { effects: [], events: [policiesLoaded({ workspace: 'T0EVENTS' })] }),
      );
      const ids: string[] = [];
      for await (const request of subject.store.allRequests(WORKSPACE)) ids.push(request.id);
      expect(ids).toEqual(requests.map((request) => request.id).sort());
      for await (const grant of subject.store.allGrants(WORKSPACE)) expect(grant.workspace).toBe(WORKSPACE);
      const keys: string[] = [];
      for await (const { key } of subject.store.allEntitlements(WORKSPACE)) keys.push(key);
      expect(keys).toEqual([anEntitlement().key]);
      expect(await subject.store.workspaces()).toEqual(['T0EVENTS', WORKSPACE, 'T0ROWS'].sort());
    });
  });
}
