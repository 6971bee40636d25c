import fc from 'fast-check';
import { commit } from '../../src/app/commit.ts';
import type { Ports } from '../../src/app/ports/index.ts';
import type { Target } from '../../src/app/ports/provider.ts';
import type { Store, Transaction } from '../../src/app/ports/store.ts';
import { requestFacts } from '../../src/app/request-facts.ts';
import { runEffect } from '../../src/app/run-effect.ts';
import { decideVote } from '../../src/domain/decide-request.ts';
import type { GrantState } from '../../src/domain/grant.ts';
import { plus } from '../../src/domain/instant.ts';
import type { PolicySet } from '../../src/policy/index.ts';
import { HOUR } from '../support/clock.ts';
import { systemNamed } from '../support/fake-target.ts';
import { email, slackOf } from '../support/world.ts';
import { play, story, type Twin } from './simulation.ts';

// Products that are broken on purpose. A simulation that does not catch each of them proves nothing.

const RUNS = 3_000;

const replace = <T extends object>(object: T, values: Partial<T>): T =>
  new Proxy(object, {
    get: (target, name) => {
      const value = Reflect.get(name in values ? values : target, name);
      return typeof value === 'function' && !(name in values) ? value.bind(target) : value;
    },
  });

const inTransactions = (store: Store, values: (tx: Transaction) => Partial<Transaction>): Store =>
  replace(store, { transaction: (work) => store.transaction((tx) => work(replace(tx, values(tx)))) });

const withStore =
  (change: (store: Store) => Store) =>
  (ports: Ports): Ports => ({ ...ports, store: change(ports.store) });

const withTargets =
  (change: (target: Target) => Target) =>
  (ports: Ports): Ports => ({
    ...ports,
    targets: {
      find: (name) => {
        const found = ports.targets.find(name);
        return found && { ...found, target: change(found.target) };
      },
    },
  });

const forgetUnsettled = (grant: GrantState | undefined): GrantState | undefined =>
  grant && { ...grant, holds: grant.holds.map(({ unsettledUntil: _, ...hold }) => hold) };

/** `not quiet`: it would go on for ever. */
const twins: Record<string, { caughtBy: readonly (number | 'not quiet')[]; twin: Twin }> = {
  'a revocation that does not ask who else holds it': {
    caughtBy: [5],
    twin: {
      wrap: withStore((store) =>
        inTransactions(replace(store, { holders: async () => [] }), () => ({ holders: async () => [] })),
      ),
    },
  },
  'a baseline that is written after the change': {
    // The look that gives is one that nobody allowed, too.
    caughtBy: [4, 5],
    twin: {
      wrap: withTargets((target) => {
        let began = false;
        return replace(target, {
          inspect: async (call) => {
            if (!began) await target.provision(call);
            began = true;
            return target.inspect(call);
          },
        });
      }),
    },
  },
  'a revocation that is believed without looking': {
    caughtBy: [6],
    twin: {
      wrap: withTargets((target) => {
        let revoked = false;
        return replace(target, {
          revoke: async (call) => {
            revoked = true;
            await target.revoke(call);
          },
          inspect: async (call) => (revoked ? 'absent' : target.inspect(call)),
        });
      }),
    },
  },
  'a giving that is believed without looking': {
    caughtBy: [6],
    twin: {
      wrap: withTargets((target) => {
        let given = false;
        return replace(target, {
          provision: async (call) => {
            given = true;
            await target.provision(call);
          },
          inspect: async (call) => (given ? 'present' : target.inspect(call)),
        });
      }),
    },
  },
  'an answer that never came and is forgotten': {
    caughtBy: [5],
    twin: {
      wrap: withStore((store) => replace(store, { grant: async (id) => forgetUnsettled(await store.grant(id)) })),
    },
  },
  'a target that is known by its name only': {
    // It gives at the new system what was granted at the old one.
    caughtBy: [4, 5, 6],
    twin: {
      wrap: (ports) => {
        const named = (policies: PolicySet): PolicySet => ({
          ...policies,
          targets: new Map([...policies.targets].map(([name, one]) => [name, { ...one, system: systemNamed(name) }])),
        });
        return {
          ...ports,
          policies: { ...ports.policies, current: () => named(ports.policies.current()) },
          targets: {
            find: (name) => {
              const found = ports.targets.find(name);
              return found && { ...found, system: systemNamed(name) };
            },
          },
        };
      },
    },
  },
  'an expiry that never comes': {
    caughtBy: ['not quiet'],
    twin: { wrap: withStore((store) => inTransactions(store, () => ({ dueGrants: async () => [] }))) },
  },
  'an approval that reads the time twice': {
    caughtBy: [4],
    twin: {
      wrap: withStore((store) =>
        inTransactions(store, (tx) => {
          const later = <G extends { endsAt: string }>(grant: G): G => ({ ...grant, endsAt: plus(grant.endsAt, 1) });
          return {
            write: (workspace, now, changes) =>
              tx.write(workspace, now, {
                ...changes,
                events: changes.events.map((event) =>
                  event.type === 'RequestApproved' ? { ...event, grant: later(event.grant) } : event,
                ),
                grants: (changes.grants ?? []).map((grant) => (grant.version === 1 ? later(grant) : grant)),
              }),
          };
        }),
      ),
    },
  },
  'a retry that posts without looking': {
    caughtBy: [8],
    twin: {
      wrap: (ports) => ({
        ...ports,
        messenger: replace(ports.messenger, {
          post: ({ lookSince: _, ...request }) => ports.messenger.post(request),
        }),
      }),
    },
  },
  'an end that is not in the log': {
    caughtBy: [7],
    twin: {
      wrap: withStore((store) =>
        inTransactions(store, (tx) => ({
          write: (workspace, now, changes) =>
            tx.write(workspace, now, {
              ...changes,
              events: changes.events.filter(({ type }) => type !== 'EntitlementTaken'),
            }),
        })),
      ),
    },
  },
  'a vote of the requester that counts': {
    caughtBy: [2],
    twin: {
      vote: async (app, who, requestId) => {
        const request = await app.request(requestId);
        if (request.requester.email !== email(who)) return app.approve(who, requestId);
        const facts = { ...requestFacts(app.ports, request, app.clock.now()), eligible: () => true };
        // The same decision, asked under a name that is not the requester's, and recorded under the one that is.
        const decided = decideVote(
          { ...request, requester: { email: 'nobody@example.com', slack: 'U0NOBODY' } },
          { voter: { email: email(who), slack: slackOf(who) }, verdict: 'approve' },
          facts,
        );
        if (!decided.ok) return decided;
        const at = { workspace: app.workspace, now: facts.now };
        return app.store.transaction((tx) => commit(app.ports, tx, at, { request }, decided));
      },
    },
  },
  'votes of somebody who was away and is back': {
    caughtBy: [1],
    twin: {
      wrap: withStore((store) =>
        inTransactions(store, (tx) => ({
          dueDelegations: async () => [],
          delegationsInForce: async (workspace, now, delegate) =>
            (await tx.delegationsInForce(workspace, plus(now, -HOUR), delegate)).map((one) => ({
              ...one,
              until: plus(one.until, HOUR),
            })),
        })),
      ),
    },
  },
  'reminders and escalations before their time': {
    caughtBy: [1, 11],
    twin: {
      wrap: withStore((store) =>
        inTransactions(store, (tx) => ({
          dueNudges: async (now, limit) =>
            (await tx.dueNudges(plus(now, HOUR), limit)).map((one) =>
              one.waiting ? { ...one, waiting: { ...one.waiting, since: plus(one.waiting.since, -HOUR) } } : one,
            ),
        })),
      ),
    },
  },
  'a giving that does not ask the policies again': {
    caughtBy: [1],
    twin: {
      // It goes on under the policies that it was started with.
      wrap: (ports) => ({ ...ports, started: ports.policies.current() }),
      run: (ports, run) => {
        const { started } = ports as Ports & { started: ReturnType<Ports['policies']['current']> };
        if (run.stored.effect.kind !== 'provision') return runEffect(ports, run);
        return runEffect({ ...ports, policies: { ...ports.policies, current: () => started } }, run);
      },
    },
  },
};

describe('a broken product is caught', () => {
  it.each(Object.entries(twins))(
    '%s',
    async (_name, { caughtBy, twin }) => {
      const result = await fc.check(
        fc.asyncProperty(story, (one) => play(one, undefined, twin)),
        { numRuns: RUNS, endOnFailure: true, seed: 42 },
      );
      expect(result.failed).toBe(true);
      const error = result.errorInstance;
      const message = error instanceof Error ? error.message : '';
      const expected = caughtBy.map((by) => (by === 'not quiet' ? by : `invariant ${by}: `));
      expect({ message, caught: expected.some((start) => message.startsWith(start)) }).toEqual({
        message,
        caught: true,
      });
    },
    120_000,
  );
});
