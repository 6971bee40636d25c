import type { Instant, Milliseconds } from '../domain/instant.ts';
import { type Decision, evaluate, type PolicySet } from '../policy/index.ts';

/** A question of a matrix or a `never`, beside who asks for what. */
export interface Asking {
  durationMs?: Milliseconds | undefined;
  /** Absent: as long as the access wants it. */
  reason?: string | undefined;
  now: Instant;
}

/** What the policies decide for one person and one access. */
export function decide(policies: PolicySet, email: string, access: string, asking: Asking): Decision {
  const { durationMs, now } = asking;
  const least = policies.accesses.get(access)?.reason.minLength ?? 0;
  const reason = asking.reason ?? '?'.repeat(Math.max(1, least));
  return evaluate(policies, { email, access, reason, now, ...(durationMs === undefined ? {} : { durationMs }) });
}
