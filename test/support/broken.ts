import type { Ports } from '../../src/app/ports/index.ts';
import type { Transaction } from '../../src/app/ports/store.ts';
import { runEffect } from '../../src/app/run-effect.ts';
import { type Milliseconds, plus } from '../../src/domain/instant.ts';
import type { PolicySet } from '../../src/policy/index.ts';
import { HOUR } from './clock.ts';

// What is broken in more than one twin of the product: the model catches it in other stories than the simulation does.

/** For whoever must not be anybody that the policies know. */
export const nobody = { email: 'nobody@example.com', slack: 'U0NOBODY' };

/** Grants end later than it was written before they began. */
export const endingLater =
  (by: Milliseconds) =>
  (tx: Transaction): Partial<Transaction> => {
    const later = <G extends { endsAt: string }>(grant: G): G => ({ ...grant, endsAt: plus(grant.endsAt, by) });
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
  };

/** The rows say that something was taken, and the record does not. */
export const takingUnrecorded = (tx: Transaction): Partial<Transaction> => ({
  write: (workspace, now, changes) =>
    tx.write(workspace, now, { ...changes, events: changes.events.filter(({ type }) => type !== 'EntitlementTaken') }),
});

/** Whoever was away is away for an hour longer than it was said. */
export const delegationsThatStay = (tx: Transaction): Partial<Transaction> => ({
  dueDelegations: async () => [],
  delegationsInForce: async (workspace, now, delegate) =>
    (await tx.delegationsInForce(workspace, plus(now, -HOUR), delegate)).map((one) => ({
      ...one,
      until: plus(one.until, HOUR),
    })),
});

/** Reminders and escalations come an hour early. */
export const nudgesTooEarly = (tx: Transaction): Partial<Transaction> => ({
  dueNudges: async (now, limit) =>
    (await tx.dueNudges(plus(now, HOUR), limit)).map((one) =>
      one.waiting ? { ...one, waiting: { ...one.waiting, since: plus(one.waiting.since, -HOUR) } } : one,
    ),
});

/** What is approved is given under the policies that the process was started with. */
export const givingUnderOldPolicies = {
  wrap: (ports: Ports): Ports => ({ ...ports, started: ports.policies.current() }) as Ports,
  run: (ports: Ports, run: Parameters<typeof runEffect>[1]): Promise<void> => {
    const { started } = ports as Ports & { started: PolicySet };
    if (run.stored.effect.kind !== 'provision') return runEffect(ports, run);
    return runEffect({ ...ports, policies: { ...ports.policies, current: () => started } }, run);
  },
};

/** What changes while an attempt at giving is under way comes too late for it. */
export const givingUnderPoliciesOfItsStart = {
  run: (ports: Ports, run: Parameters<typeof runEffect>[1]): Promise<void> => {
    if (run.stored.effect.kind !== 'provision') return runEffect(ports, run);
    const begun = ports.policies.current();
    return runEffect({ ...ports, policies: { ...ports.policies, current: () => begun } }, run);
  },
};
