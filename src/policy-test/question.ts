import { type Instant, instantOf, type Milliseconds } from '../domain/instant.ts';
import { type Decision, evaluate, type PolicySet } from '../policy/index.ts';

/** A question of a matrix, beside who asks for what. */
export interface Asking {
  durationMs?: Milliseconds | undefined;
  /** Absent: as long as the access wants it. */
  reason?: string | undefined;
  /** Filled in wherever the access has a field of this name. */
  fields: Readonly<Record<string, string>>;
  now: Instant;
}

/** The time of tests of policies that read none. */
export const NO_TIME: Instant = instantOf(0);

/** Whether a condition of the access hangs on the time. */
export const readsTime = (policies: PolicySet, access: string): boolean =>
  policies.accesses.get(access)?.flows.some(({ when }) => when?.reads.has('now')) ?? false;

/** What the policies decide for one person and one access. */
export function decide(policies: PolicySet, email: string, access: string, asking: Asking): Decision {
  const { durationMs, now } = asking;
  const policy = policies.accesses.get(access);
  const reason = asking.reason ?? '?'.repeat(Math.max(1, policy?.reason.minLength ?? 0));
  const names = policy?.fields.map(({ name }) => name) ?? [];
  const fields = Object.fromEntries(Object.entries(asking.fields).filter(([name]) => names.includes(name)));
  const duration = durationMs === undefined ? {} : { durationMs };
  return evaluate(policies, { email, access, reason, fields, now, ...duration });
}
