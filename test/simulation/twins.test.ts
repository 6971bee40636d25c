import fc from 'fast-check';
import { commit } from '../../src/app/commit.ts';
import { requestFacts } from '../../src/app/request-facts.ts';
import { decideVote } from '../../src/domain/decide-vote.ts';
import type { GrantState } from '../../src/domain/grant.ts';
import type { PolicySet } from '../../src/policy/index.ts';
import { firstFailure } from '../properties/holds.ts';
import {
  delegationsThatStay,
  endingLater,
  givingUnderOldPolicies,
  givingUnderPoliciesOfItsStart,
  nobody,
  nudgesTooEarly,
  takingUnrecorded,
} from '../support/broken.ts';
import { systemNamed } from '../support/fake-target.ts';
import { email, slackOf } from '../support/world.ts';
import { inTransactions, replaced, withStore, withTargets } from '../support/wrapped.ts';
import { play, type Twin } from './simulation.ts';
import { story } from './some-stories.ts';

// Products that are broken on purpose. A simulation that does not catch each of them proves nothing.

const RUNS = 3_000;

const forgetUnsettled = (grant: GrantState | undefined): GrantState | undefined =>
  grant && { ...grant, holds: grant.holds.map(({ unsettledUntil: _, ...hold }) => hold) };

/** `not quiet`: it would go on for ever. */
const twins: Record<string, { caughtBy: readonly (number | 'not quiet')[]; twin: Twin }> = {
  'a revocation that does not ask who else holds it': {
    caughtBy: [5],
    twin: {
      wrap: inTransactions(() => ({ holders: async () => [] }), { holders: async () => [] }),
    },
  },
  'a baseline that is written after the change': {
    // The look that gives is one that nobody allowed, too.
    caughtBy: [4, 5],
    twin: {
      wrap: withTargets((target) => {
        let began = false;
        return replaced(target, {
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
        return replaced(target, {
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
        return replaced(target, {
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
      wrap: withStore((store) => replaced(store, { grant: async (id) => forgetUnsettled(await store.grant(id)) })),
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
    twin: { wrap: inTransactions(() => ({ dueGrants: async () => [] })) },
  },
  'an approval that reads the time twice': {
    caughtBy: [4],
    twin: { wrap: inTransactions(endingLater(1)) },
  },
  'a retry that posts without looking': {
    caughtBy: [8],
    twin: {
      wrap: (ports) => ({
        ...ports,
        messenger: replaced(ports.messenger, {
          post: ({ lookSince: _, ...request }) => ports.messenger.post(request),
        }),
      }),
    },
  },
  'an end that is not in the log': {
    caughtBy: [7],
    twin: { wrap: inTransactions(takingUnrecorded) },
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
          { ...request, requester: nobody },
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
    twin: { wrap: inTransactions(delegationsThatStay) },
  },
  'reminders and escalations before their time': {
    caughtBy: [1, 11],
    twin: { wrap: inTransactions(nudgesTooEarly) },
  },
  'a giving that does not ask the policies again': { caughtBy: [1], twin: givingUnderOldPolicies },
  'a giving that asks before it looks at the target, and not after': {
    caughtBy: [1],
    twin: givingUnderPoliciesOfItsStart,
  },
};

describe('a broken product is caught', () => {
  it.each(Object.entries(twins))(
    '%s',
    async (_name, { caughtBy, twin }) => {
      const property = fc.asyncProperty(story, (one) => play(one, undefined, twin));
      const message = await firstFailure(property, RUNS);
      const expected = caughtBy.map((by) => (by === 'not quiet' ? by : `invariant ${by}: `));
      expect({ message, caught: expected.some((start) => message.startsWith(start)) }).toEqual({
        message,
        caught: true,
      });
    },
    400_000,
  );
});
