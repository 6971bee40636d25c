import { isDeepStrictEqual } from 'node:util';
import type { Log } from './app/ports/log.ts';
import type { Provider, Target } from './app/ports/provider.ts';
import type { OpenTarget, Targets } from './app/ports/targets.ts';
import type { PolicySet, TargetPolicy } from './policy/index.ts';

/** How long a target that a reload replaced stays open for the calls that are under way; over any call's deadline. */
const LINGER_MS = 30_000;

interface Opened extends OpenTarget {
  policy: TargetPolicy;
}

/** The targets of the policies in force, opened once and kept over reloads that do not change them. */
export class OpenTargets implements Targets {
  readonly #providers: ReadonlyMap<string, Provider>;
  readonly #log: Log;
  #open = new Map<string, Opened>();
  readonly #lingering = new Set<() => Promise<void>>();

  constructor(providers: ReadonlyMap<string, Provider>, log: Log) {
    this.#providers = providers;
    this.#log = log;
  }

  find(name: string): OpenTarget | undefined {
    return this.#open.get(name);
  }

  /** Takes over the targets of a policy set. */
  use(policies: PolicySet): void {
    const next = new Map<string, Opened>();
    for (const policy of policies.targets.values()) {
      const before = this.#open.get(policy.name);
      const same =
        before?.policy.provider === policy.provider && isDeepStrictEqual(before.policy.config, policy.config);
      if (before && same) {
        next.set(policy.name, before);
        continue;
      }
      const provider = this.#providers.get(policy.provider);
      // The policies were checked against the same providers.
      if (!provider) throw new Error(`no provider ${policy.provider}`);
      next.set(policy.name, {
        policy,
        provider,
        target: provider.open(policy.config, policy.name),
        system: policy.system,
      });
    }
    for (const [name, opened] of this.#open) if (next.get(name) !== opened) this.#linger(name, opened.target);
    this.#open = next;
  }

  async close(): Promise<void> {
    const targets = [...this.#open.values()].map(({ target }) => target.close());
    this.#open = new Map();
    await Promise.all([...targets, ...[...this.#lingering].map((close) => close())]);
  }

  #linger(name: string, target: Target): void {
    const close = async () => {
      clearTimeout(timer);
      this.#lingering.delete(close);
      await target.close().catch(() => this.#log.warn({ target: name }, 'a replaced target did not close'));
    };
    const timer = setTimeout(close, LINGER_MS).unref();
    this.#lingering.add(close);
  }
}
