import { StaleWrite, type Store } from '../../../src/app/ports/store.ts';
import { plus } from '../../../src/domain/instant.ts';
import type { RequestState } from '../../../src/domain/request.ts';
import {
  aDelegation,
  aGrant,
  anEntitlement,
  aRefresh,
  aRequest,
  aVote,
  HOUR,
  NOON,
  voted,
  WORKSPACE,
} from '../../support/samples.ts';
import { NOTHING, type StoreSubject } from './subject.ts';

/** Of two that write the same at once, one gets through. */
export function twoWriters(subject: StoreSubject): void {
  const { write, expectWholeChain } = subject;

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

  describe('versions', () => {
    it('let one of two writers of the same version through, and run the other again', async () => {
      const request = aRequest({ flow: { ...aRequest().flow, steps: [{ approvers: [], need: 9 }] } });
      await write({ requests: [request] });
      const other = await subject.database.open();
      const answers = await Promise.all([castVote(subject.store, request.id, 'bo'), castVote(other, request.id, 'cy')]);
      expect(answers).toEqual(['pending', 'pending']);
      const after = await subject.store.request(request.id);
      expect(after?.votes.map((vote) => vote.voter).sort()).toEqual(['bo', 'cy']);
      expect(after?.version).toBe(3);
    });

    it('fail what is stale for good, after some tries', async () => {
      const request = aRequest();
      await write({ requests: [request] });
      let tries = 0;
      const stale = subject.store.transaction(async (tx) => {
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
      const stores = [subject.store, ...(processes === 2 ? [await subject.database.open()] : [])];
      // 50 people, each twice.
      const answers = await Promise.all(
        Array.from({ length: 100 }, (_, index) =>
          castVote(stores[index % stores.length] ?? subject.store, request.id, `person-${index % 50}`),
        ),
      );
      const after = await subject.store.request(request.id);
      expect(after).toMatchObject({ status: 'approved', version: need + 1 });
      expect(new Set(after?.votes.map((vote) => vote.voter)).size).toBe(need);
      expect(answers.filter((answer) => answer === 'pending')).toHaveLength(need - 1);
      expect(answers.filter((answer) => answer === 'approved')).toHaveLength(1);
      await expectWholeChain(need);
    });
  });

  describe('interactions and digests', () => {
    it('sees an interaction first once, in a workspace, whoever asks at the same time', async () => {
      const other = await subject.database.open();
      const look = (on: Store, workspace = WORKSPACE) =>
        on.transaction((tx) => tx.firstSeen(workspace, 'trigger', NOON));
      const answers = await Promise.all(
        [subject.store, other, subject.store, other, subject.store].map((on) => look(on)),
      );
      expect(answers.filter(Boolean)).toHaveLength(1);
      expect(await look(subject.store, 'T0OTHER')).toBe(true);
      await subject.store.forgetInteractions(NOON);
      expect(await look(subject.store)).toBe(false);
      await subject.store.forgetInteractions(plus(NOON, 1));
      expect(await look(subject.store)).toBe(true);
    });

    it("lets one of two processes write a day's digest", async () => {
      const other = await subject.database.open();
      const record = (on: Store) =>
        on.transaction(async (tx) => {
          if ((await tx.lastDigest(WORKSPACE))?.date === '2026-03-03') return false;
          await tx.recordDigest(WORKSPACE, '2026-03-03', NOON);
          return true;
        });
      expect((await Promise.all([record(subject.store), record(other)])).sort()).toEqual([false, true]);
      await subject.store.transaction(async (tx) => {
        await tx.recordDigest(WORKSPACE, '2026-03-04', plus(NOON, 24 * HOUR));
        expect(await tx.lastDigest(WORKSPACE)).toEqual({ date: '2026-03-04', to: plus(NOON, 24 * HOUR) });
        expect(await tx.lastDigest('T0OTHER')).toBeUndefined();
      });
    });
  });
}
