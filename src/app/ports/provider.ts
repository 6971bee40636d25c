import type { Permission } from '../../domain/entitlement.ts';
import type { Use } from '../../domain/idle.ts';
import type { Milliseconds } from '../../domain/instant.ts';

export type { Use };

/** The part of a zod schema that the core needs, so that no validator is tied into it. */
export interface Schema<T> {
  safeParse(input: unknown):
    | { success: true; data: T }
    | {
        success: false;
        error: { issues: readonly { path: readonly PropertyKey[]; message: string; code?: string }[] };
      };
}

/**
 * How a target failed.
 * `retry`: try again later (unreachable, busy). `wait`: accepted, ask again after `retryAfterMs` (asynchronous targets).
 * `give-up`: trying again cannot help without a person (no such role, no such account, not permitted).
 * For a revocation there is no giving up: the engine keeps trying and raises the alarm.
 */
export type FailureKind = 'retry' | 'wait' | 'give-up';

/** The only error a provider throws. `code` is stable kebab-case; `message` is for people and never holds a secret. */
export class ProviderError extends Error {
  override readonly name = 'ProviderError';
  readonly kind: FailureKind;
  readonly code: string;
  readonly retryAfterMs: Milliseconds | undefined;

  constructor(kind: FailureKind, code: string, message: string, retryAfterMs?: Milliseconds) {
    super(message);
    this.kind = kind;
    this.code = code;
    this.retryAfterMs = retryAfterMs;
  }
}

export interface TargetCall {
  permission: Permission;
  account: string;
  /** Fires at the call's deadline: the provider must stop and leave nothing running that could land later. */
  signal: AbortSignal;
}

/** A configured system, open for work. Every method is idempotent and throws only `ProviderError`. */
export interface Target {
  /** Gives the permission. Already there is success. */
  provision(call: TargetCall): Promise<void>;
  /** Takes it away. Already gone, or an account that no longer exists, is success. */
  revoke(call: TargetCall): Promise<void>;
  /** Reads the target: is the permission there now? Never answered from a cache. */
  inspect(call: TargetCall): Promise<'present' | 'absent'>;
  /**
   * When was it used last? There if the provider `tellsUse`. NB. whatever may be a use is one: an access ends early by this
   * answer. What cannot be seen is an error, and never "not used".
   */
  lastUsed?(call: TargetCall): Promise<Use>;
  close(): Promise<void>;
}

/** The code that can change one kind of system. One folder under `src/providers/` each; the folder name is the name. */
export interface Provider {
  readonly name: string;
  /** The target's settings, without `provider` and `owner`. Strict: unknown keys are errors. */
  readonly config: Schema<object>;
  /** Names of settings that hold secrets: a value written into the file instead of `${env:NAME}` is an error. */
  readonly secretSettings: readonly string[];
  /** A grant's fields, without `target`. Strict: unknown keys are errors. Values are text. */
  readonly permission: Schema<Permission>;
  /** Which part of a person names their account when the directory does not say. */
  readonly account: 'email' | 'local-part';
  /** Whether its targets can tell when a permission was used last (`lastUsed`): only then may a policy say `revoke_on_idle`. */
  readonly tellsUse: boolean;
  /** `{ role: 'app_writer' }` → `role app_writer`. */
  describe(permission: Permission): string;
  /** One sentence for the requester: how to use it once given. */
  howToUse(permission: Permission, account: string, target: string): string;
  /**
   * Names the real system that `config` points at: equal for two settings of one system, also after its credentials were
   * rotated, and another for another system. NB. it is written into the audit log: never with a secret in it. It does not
   * throw and does not ask the system. `config` has passed the schema.
   */
  identity(config: object): string;
  /** `config` has passed the schema. Opens lazily: an unreachable target is an error of the calls, not of this. */
  open(config: object, target: string): Target;
}
