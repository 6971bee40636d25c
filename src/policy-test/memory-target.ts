import type { Target, TargetCall } from '../app/ports/provider.ts';
import { entitlementKey } from '../domain/entitlement.ts';

/** A system of a timeline: it always answers, and does what it is told. */
export class MemoryTarget implements Target {
  readonly #system: string;
  readonly #there = new Map<string, Pick<TargetCall, 'permission' | 'account'>>();

  constructor(system: string) {
    this.#system = system;
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
