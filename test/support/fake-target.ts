import { z } from 'zod';
import { type Provider, ProviderError, type Target, type TargetCall, type Use } from '../../src/app/ports/provider.ts';
import { epochMs, type Instant, type Milliseconds } from '../../src/domain/instant.ts';

type Operation = 'provision' | 'revoke' | 'inspect' | 'lastUsed';

/**
 * What goes wrong with one call.
 * `retry`, `give-up`: refused, nothing done. `lost`: done, but the answer never comes: `retry`. `hang`: nothing done, no
 * answer until the signal. `late`: no answer until the signal, and done some time after it. `unseen`: said to be done,
 * but it is not there.
 */
export type Trouble =
  | { kind: 'retry' | 'give-up'; code?: string; retryAfterMs?: Milliseconds }
  | { kind: 'wait'; retryAfterMs: Milliseconds }
  | { kind: 'lost' | 'hang' | 'unseen' }
  | { kind: 'late'; afterMs: Milliseconds };

/** `ana app_writer`: a permission as this target keeps it. */
export const permissionOf = ({ permission, account }: Pick<TargetCall, 'permission' | 'account'>): string =>
  `${account} ${permission.role}`;

/** A system in memory: the set of the permissions that are there, and what is going to go wrong. */
export class FakeTarget implements Target {
  readonly name: string;
  readonly permissions = new Set<string>();
  /** Every call, in order: `provision ana app_writer`. */
  readonly calls: string[] = [];
  /** Who uses what they have now, by account, and who did until when: all that this target remembers. */
  readonly uses = new Map<string, 'now' | Instant>();
  /** How far back it remembers uses. */
  remembersMs: Milliseconds = 0;
  /** Unreachable until switched off. */
  down = false;
  /** Called when a call hangs: the harness lets its deadline pass. */
  onHang: () => void = () => {};
  /** Called before every call is answered. */
  onCall: (operation: Operation, what: string) => void | Promise<void> = () => {};
  readonly #troubles: { operation: Operation; trouble: Trouble }[] = [];
  #landings: { at: number; land: () => void }[] = [];
  #now: () => Instant;

  constructor(name: string, now: () => Instant) {
    this.name = name;
    this.#now = now;
  }

  /** The next `times` calls of the operation go wrong. */
  fail(operation: Operation, trouble: Trouble, times = 1): void {
    for (let count = 0; count < times; count += 1) this.#troubles.push({ operation, trouble });
  }

  heal(): void {
    this.#troubles.length = 0;
    this.down = false;
  }

  /** What was sent long ago arrives. */
  settle(): void {
    const now = epochMs(this.#now());
    const due = this.#landings.filter(({ at }) => at <= now);
    this.#landings = this.#landings.filter(({ at }) => at > now);
    for (const { land } of due) land();
  }

  get landing(): number {
    return this.#landings.length;
  }

  provision(call: TargetCall): Promise<void> {
    return this.#call('provision', call, () => void this.permissions.add(permissionOf(call)));
  }

  revoke(call: TargetCall): Promise<void> {
    return this.#call('revoke', call, () => void this.permissions.delete(permissionOf(call)));
  }

  async inspect(call: TargetCall): Promise<'present' | 'absent'> {
    await this.#call('inspect', call, () => {});
    return this.permissions.has(permissionOf(call)) ? 'present' : 'absent';
  }

  async lastUsed(call: TargetCall): Promise<Use> {
    await this.#call('lastUsed', call, () => {});
    const used = this.uses.get(call.account);
    const knownMs = this.remembersMs;
    if (used === undefined) return { knownMs };
    return { usedMsAgo: used === 'now' ? 0 : epochMs(this.#now()) - epochMs(used), knownMs };
  }

  async close(): Promise<void> {}

  async #call(operation: Operation, call: TargetCall, work: () => void): Promise<void> {
    this.calls.push(`${operation} ${permissionOf(call)}`);
    await this.onCall(operation, permissionOf(call));
    if (call.signal.aborted) throw deadline(this.name);
    if (this.down) throw new ProviderError('retry', 'unreachable', `${this.name} cannot be reached.`);
    const index = this.#troubles.findIndex((one) => one.operation === operation);
    const trouble = index === -1 ? undefined : this.#troubles.splice(index, 1)[0]?.trouble;
    if (!trouble) return work();
    switch (trouble.kind) {
      case 'unseen':
        return;
      case 'lost':
        work();
        throw new ProviderError('retry', 'unreachable', `${this.name} went away before it answered.`);
      case 'hang':
        return this.#hang(call.signal);
      case 'late':
        try {
          return await this.#hang(call.signal);
        } finally {
          this.#landings.push({ at: epochMs(this.#now()) + trouble.afterMs, land: work });
        }
      case 'wait':
        throw new ProviderError('wait', 'accepted', `${this.name} works on it.`, trouble.retryAfterMs);
      default:
        throw new ProviderError(
          trouble.kind,
          trouble.code ?? (trouble.kind === 'retry' ? 'busy' : 'no-such-role'),
          `${this.name} says no.`,
          trouble.retryAfterMs,
        );
    }
  }

  #hang(signal: AbortSignal): Promise<void> {
    return new Promise((_resolve, reject) => {
      signal.addEventListener('abort', () => reject(deadline(this.name)), { once: true });
      this.onHang();
    });
  }
}

const deadline = (target: string) => new ProviderError('retry', 'deadline', `${target} did not finish in time.`);

/** What is kept as the system of a target with the setting `system: <name>`. */
export const systemNamed = (name: string): string => `fake://${name}`;

/** The provider of fake targets, for the policies. */
export const fakeProvider = (open: (target: string) => Target): Provider => ({
  name: 'fake',
  config: z.strictObject({ system: z.string().optional() }),
  secretSettings: [],
  permission: z.strictObject({ role: z.string().min(1) }),
  account: 'local-part',
  tellsUse: true,
  describe: ({ role }) => `role ${role}`,
  howToUse: ({ role }, account, target) => `Log in to ${target} as ${account}; you have ${role}.`,
  identity: (config) => systemNamed('system' in config ? String(config.system) : ''),
  open: (_config, target) => open(target),
});
