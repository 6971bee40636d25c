import type { Target, TargetCall, Use } from '../app/ports/provider.ts';
import { entitlementKey } from '../domain/entitlement.ts';
import { between, type Instant } from '../domain/instant.ts';

/** An account is not used from a moment on, or between two. */
interface Idle {
  from: Instant;
  until?: Instant;
}

/** A system of a timeline: it always answers, does what it is told, and remembers who used it. */
export class MemoryTarget implements Target {
  readonly #system: string;
  readonly #there = new Map<string, Pick<TargetCall, 'permission' | 'account'>>();
  readonly #idle = new Map<string, Idle>();
  readonly #now: () => Instant;

  constructor(system: string, now: () => Instant) {
    this.#system = system;
    this.#now = now;
  }

  async provision({ permission, account }: TargetCall): Promise<void> {
    this.#there.set(this.#key({ permission, account }), { permission, account });
  }

  async revoke(call: TargetCall): Promise<void> {
    this.#there.delete(this.#key(call));
  }

  async inspect(call: TargetCall): Promise<'present' | 'absent'> {
    return this.has(call) ? 'present' : 'absent';
  }

  /** An account is used all the time, unless it is idle. */
  async lastUsed({ account }: TargetCall): Promise<Use> {
    const now = this.#now();
    const idle = this.#idle.get(account);
    const knownMs = Number.MAX_SAFE_INTEGER;
    if (!idle || (idle.until !== undefined && idle.until <= now)) return { usedMsAgo: 0, knownMs };
    return { usedMsAgo: between(idle.from, now), knownMs };
  }

  idle(account: string, idle: Idle): void {
    this.#idle.set(account, idle);
  }

  async close(): Promise<void> {}

  has(call: Pick<TargetCall, 'permission' | 'account'>): boolean {
    return this.#there.has(this.#key(call));
  }

  /** What an account has. */
  permissionsOf(account: string): TargetCall['permission'][] {
    return [...this.#there.values()].filter((one) => one.account === account).map(({ permission }) => permission);
  }

  #key({ permission, account }: Pick<TargetCall, 'permission' | 'account'>): string {
    return entitlementKey(this.#system, permission, account);
  }
}
