import { GENESIS_HASH } from '../../../src/audit/chain.ts';
import type { DelegationState } from '../../../src/domain/delegation.ts';
import { plus } from '../../../src/domain/instant.ts';
import type { RequestState } from '../../../src/domain/request.ts';
import {
  aDelegation,
  aGrant,
  aHold,
  anEffect,
  anEntitlement,
  anEntitlementRef,
  aPosting,
  aRequest,
  aVote,
  HOUR,
  MINUTE,
  NOON,
  WORKSPACE,
} from '../../support/samples.ts';
import { HOSTILE, NOTHING, type StoreSubject } from './subject.ts';

/** What is written is read as it was, to the last field. */
export function keepsEveryField(subject: StoreSubject): void {
  const { write } = subject;

  describe('keeps every field', () => {
    it('of the smallest request, leaving absent what is absent', async () => {
      const { channel: _, ...request } = aRequest({ entitlements: [], votes: [] });
      await write({ requests: [request] });
      expect(await subject.store.request(request.id)).toStrictEqual(request);
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
        action: {
          caller: { kind: 'oidc', issuer: HOSTILE, subject: HOSTILE, claims: { [HOSTILE]: [HOSTILE, ''], x: HOSTILE } },
          usableUntil: plus(NOON, 3),
          usedAt: plus(NOON, 2),
          unusedAt: plus(NOON, 1),
        },
      });
      await write({ requests: [request] });
      expect(await subject.store.request(request.id)).toStrictEqual(request);
      await subject.store.transaction(async (tx) => expect(await tx.request(request.id)).toStrictEqual(request));
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
      expect(await subject.store.grant(small.id)).toStrictEqual(small);
      expect(await subject.store.grant(full.id)).toStrictEqual(full);
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
      expect(await subject.store.request(first.id)).toStrictEqual(second);
      expect(await subject.store.grant(grant.id)).toStrictEqual(given);
      const { grantId: _, ...third } = { ...second, votes: second.votes.slice(0, 1), version: 3 };
      await subject.store.transaction(async (tx) => {
        expect(await tx.request(first.id)).toStrictEqual(second);
        await tx.write(WORKSPACE, NOON, { ...NOTHING, requests: [third] });
        expect(await tx.request(first.id)).toStrictEqual(third);
      });
      expect(await subject.store.request(first.id)).toStrictEqual(third);
    });

    it('of entitlements, effects and postings', async () => {
      const entitlement = anEntitlement({ key: HOSTILE, status: 'ours' });
      await write({ entitlements: [entitlement] });
      expect(await subject.store.entitlement(WORKSPACE, HOSTILE)).toStrictEqual(entitlement);
      await write({ entitlements: [{ ...entitlement, status: 'unheld', version: 2 }] });
      expect(await subject.store.entitlement(WORKSPACE, HOSTILE)).toMatchObject({ status: 'unheld', version: 2 });
      expect(await subject.store.entitlement('T0OTHER', HOSTILE)).toBeUndefined();

      const announce = anEffect({ kind: 'announce', requestId: HOSTILE, place: { channel: HOSTILE } });
      await write({ effects: [announce] });
      expect(await subject.store.claimEffects('slack', 'me', NOON, plus(NOON, MINUTE), 5)).toStrictEqual([
        { id: announce.id, workspace: WORKSPACE, effect: announce.effect, attempt: 1, createdAt: NOON },
      ]);

      const posting = aPosting({ requestId: HOSTILE, shown: HOSTILE });
      await subject.store.transaction((tx) => tx.savePosting(posting, NOON));
      await subject.store.transaction((tx) => tx.savePosting({ ...posting, ts: '2.0', shown: 'new' }, NOON));
      expect(await subject.store.postings(HOSTILE)).toStrictEqual([{ ...posting, ts: '2.0', shown: 'new' }]);
      expect(await subject.store.postings('req_none')).toEqual([]);
    });

    it('of delegations, set, ended and set anew', async () => {
      const delegation = aDelegation({ delegator: { email: HOSTILE, slack: 'U0CY' } });
      await write({ delegations: [delegation] });
      expect(await subject.store.delegation(WORKSPACE, HOSTILE)).toStrictEqual(delegation);
      const over: DelegationState = { ...delegation, endedAt: plus(NOON, 1), endedBecause: 'replaced', version: 2 };
      await write({ delegations: [over] });
      expect(await subject.store.delegation(WORKSPACE, HOSTILE)).toStrictEqual(over);
      const anew = { ...delegation, since: plus(NOON, 1), version: 3 };
      await subject.store.transaction(async (tx) => {
        expect(await tx.delegation(WORKSPACE, HOSTILE)).toStrictEqual(over);
        await tx.write(WORKSPACE, NOON, { ...NOTHING, delegations: [anew] });
        expect(await tx.delegation(WORKSPACE, HOSTILE)).toStrictEqual(anew);
      });
      expect(await subject.store.delegation('T0OTHER', HOSTILE)).toBeUndefined();
    });

    it('knows nothing of what was never written', async () => {
      expect(await subject.store.request('req_none')).toBeUndefined();
      expect(await subject.store.grant('grt_none')).toBeUndefined();
      expect(await subject.store.auditHead(WORKSPACE)).toEqual({ seq: 0, hash: GENESIS_HASH });
      expect(await subject.store.latestInstant()).toBeUndefined();
      expect(await subject.store.workspaces()).toEqual([]);
      await subject.store.ping();
    });
  });
}
