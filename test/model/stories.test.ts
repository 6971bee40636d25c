import fc from 'fast-check';
import { commit } from '../../src/app/commit.ts';
import { delegationsFor } from '../../src/app/delegations.ts';
import { personOf } from '../../src/app/people.ts';
import type { Ports } from '../../src/app/ports/index.ts';
import { requestFacts } from '../../src/app/request-facts.ts';
import { runEffect } from '../../src/app/run-effect.ts';
import { decideVote } from '../../src/domain/decide-vote.ts';
import { instantOf, plus } from '../../src/domain/instant.ts';
import type { AccessPolicy, PolicySet } from '../../src/policy/index.ts';
import { SystemClock } from '../../src/system-clock.ts';
import { holds } from '../properties/holds.ts';
import {
  delegationsThatStay,
  endingLater,
  givingUnderOldPolicies,
  nobody,
  nudgesTooEarly,
  takingUnrecorded,
} from '../support/broken.ts';
import { HOUR, MINUTE } from '../support/clock.ts';
import { inTransactions, replaced, withTargets } from '../support/wrapped.ts';
import type { Twin } from './product.ts';
import { someStories, TOLD } from './some-stories.ts';
import { play } from './telling.ts';

const underPolicies =
  (change: (now: PolicySet, before: PolicySet) => PolicySet) =>
  (ports: Ports): Ports => {
    const before = ports.policies.current();
    return { ...ports, policies: { ...ports.policies, current: () => change(ports.policies.current(), before) } };
  };

const accesses = (set: PolicySet, change: (access: AccessPolicy) => AccessPolicy): PolicySet => ({
  ...set,
  accesses: new Map([...set.accesses].map(([name, access]) => [name, change(access)])),
});

/** The use case with another decision in the place of the real one. */
const voting =
  (decide: typeof decideVote): NonNullable<Twin['vote']> =>
  (ports, caller, { requestId, verdict }) =>
    ports.store.transaction(async (tx) => {
      const now = ports.clock.now();
      const request = await tx.request(requestId);
      const voter = personOf(ports.policies.current().directory, caller.slack);
      const refused = (code: 'unknown-person' | 'unknown-request') =>
        ({ kind: 'refused', refusal: { code, sentence: '' } }) as const;
      if (!(await tx.firstSeen(caller.workspace, caller.interaction, now))) return { kind: 'replayed' };
      if (!request) return refused('unknown-request');
      if (!voter) return refused('unknown-person');
      const grant = request.extension && (await tx.grant(request.extension.grantId));
      const delegations = await delegationsFor(tx, request.workspace, request, now);
      const decided = decide(request, { voter, verdict }, requestFacts(ports, request, now, grant, delegations));
      if (!decided.ok) return { kind: 'refused', refusal: decided.refusal };
      await commit(ports, tx, { workspace: request.workspace, now }, { request, grant }, decided);
      return { kind: 'done' };
    });

holds<Twin>(
  `whatever happens, the product does what the model says, ${TOLD} stories to each set of policies (invariants 1 to 5, 7, 8 and 11)`,
  (twin) =>
    fc.asyncProperty(someStories, async (stories) => {
      for (const story of stories) await play(story, twin);
    }),
  {},
  {
    // Who may vote, and what counts.
    'one in which the requester may vote': {
      vote: voting((request, command, facts) => {
        if (command.voter.email !== request.requester.email) return decideVote(request, command, facts);
        return decideVote({ ...request, requester: nobody }, command, { ...facts, eligible: () => true });
      }),
    },
    'one in which a person votes twice': {
      vote: voting((request, command, facts) => {
        const again = request.votes.some(({ voter }) => voter === command.voter.email);
        const voter = again ? { email: `${command.voter.email}.`, slack: 'U0AGAIN' } : command.voter;
        const own = (email: string) => (email.endsWith('.') ? email.slice(0, -1) : email);
        const eligible: typeof facts.eligible = (email, step) => facts.eligible(own(email), step);
        return decideVote(request, { ...command, voter }, { ...facts, eligible });
      }),
    },
    'one in which everybody may vote': {
      vote: voting((request, command, facts) => decideVote(request, command, { ...facts, eligible: () => true })),
    },
    'one that passes over a denial': {
      vote: voting((request, command, facts) => {
        const decided = decideVote(request, command, facts);
        if (!decided.ok) return decided;
        return { ...decided, events: decided.events.filter(({ type }) => type !== 'RequestDenied') };
      }),
    },
    'one in which one vote fills a step': {
      vote: voting((request, command, facts) => {
        const one = (flow: typeof request.flow) => ({
          ...flow,
          steps: flow.steps.map((step) => ({ ...step, need: 1 })),
        });
        const current = facts.current.ok ? { ...facts.current, flow: one(facts.current.flow) } : facts.current;
        return decideVote({ ...request, flow: one(request.flow) }, command, { ...facts, current });
      }),
    },
    'one that takes every click for a new one': { wrap: inTransactions(() => ({ firstSeen: async () => true })) },
    'one whose delegations do not end': { wrap: inTransactions(delegationsThatStay) },
    'one that lets votes be handed over everywhere': {
      wrap: underPolicies((now) =>
        accesses(now, (access) => ({
          ...access,
          flows: access.flows.map((flow) => ({
            ...flow,
            steps: flow.steps.map((step) => ({ ...step, delegation: 'allowed' as const })),
          })),
        })),
      ),
    },
    // Time.
    'one in which nothing lapses': {
      vote: voting((request, command, facts) =>
        decideVote({ ...request, lapsesAt: plus(request.lapsesAt, 1000 * HOUR) }, command, facts),
      ),
    },
    'one whose requests never lapse': { wrap: inTransactions(() => ({ dueRequests: async () => [] })) },
    'one whose grants never expire': { wrap: inTransactions(() => ({ dueGrants: async () => [] })) },
    'one that misses an expiry when the clock is set back': { clock: (wall) => ({ now: () => instantOf(wall()) }) },
    'one that is started anew at an earlier time than its record': {
      clock: (wall, counter) => {
        const clock = new SystemClock(wall, counter);
        return { now: () => clock.now() };
      },
    },
    'one that escalates before its time': { wrap: inTransactions(nudgesTooEarly) },
    'one that never escalates': { wrap: inTransactions(() => ({ dueNudges: async () => [] })) },
    // The policies change.
    'one that goes on under the policies it was started with': { wrap: underPolicies((_, before) => before) },
    'one that does not ask the policies at the vote': {
      vote: voting((request, command, facts) =>
        decideVote(request, command, {
          ...facts,
          current: { ok: true, flow: request.flow, entitlements: request.entitlements },
        }),
      ),
    },
    'one that does not ask the policies before it gives': givingUnderOldPolicies,
    'one in which whoever has left still counts': {
      wrap: underPolicies((now, before) => ({ ...now, directory: before.directory })),
    },
    // What is given and taken.
    'one in which a target that refuses is believed to have given': {
      wrap: withTargets((target) =>
        replaced(target, {
          provision: (call) => target.provision(call).catch(() => {}),
          inspect: async () => 'present',
        }),
      ),
    },
    'one that takes away what another grant holds': {
      wrap: inTransactions(() => ({ holders: async () => [] }), { holders: async () => [] }),
    },
    'one whose grants last a minute longer': { wrap: inTransactions(endingLater(MINUTE)) },
    'one in which an attempt that slept gives what is over': {
      run: async (ports, run) => {
        const { effect } = run.stored;
        await runEffect(ports, run);
        if (effect.kind !== 'provision') return;
        const hold = (await ports.store.grant(effect.grantId))?.holds.find(({ key }) => key === effect.key);
        if (hold?.status !== 'taken') return;
        const found = ports.targets.find(hold.target);
        await found?.target.provision({ ...hold, signal: run.signal }).catch(() => {});
      },
    },
    'one whose record leaves out an end': { wrap: inTransactions(takingUnrecorded) },
    // Extensions and emergencies.
    'one that extends once too often': {
      wrap: underPolicies((now) =>
        accesses(now, (access) => {
          const { extend } = access.duration;
          if (!extend) return access;
          return { ...access, duration: { ...access.duration, extend: { ...extend, times: extend.times + 1 } } };
        }),
      ),
    },
    'one that waits for two requests of a person at once': {
      wrap: inTransactions(() => ({ pendingRequest: async () => undefined })),
    },
    'one whose quota is off by one': {
      wrap: inTransactions((tx) => ({
        emergencies: async (workspace, who, access, limit) =>
          (await tx.emergencies(workspace, who, access, limit + 1)).slice(1),
      })),
    },
    'one whose quota never becomes free again': {
      wrap: inTransactions((tx) => ({
        emergencies: async (...of) =>
          (await tx.emergencies(...of)).map(({ number, openedAt }) => ({
            number,
            ...(openedAt === undefined ? {} : { openedAt: plus(openedAt, 1000 * HOUR) }),
          })),
      })),
    },
  },
  200,
  { timeoutMs: 240_000, twinRuns: 200 },
);
