import type { Permission } from '../domain/entitlement.ts';

/** What went wrong at one place of a checked value. The shape of a zod issue, as far as it is needed. */
export interface SchemaIssue {
  readonly path: readonly PropertyKey[];
  readonly message: string;
  readonly code?: string;
}

/** The part of a zod schema that this folder needs, so that a provider may check its settings in any way it likes. */
export interface Schema<T> {
  safeParse(input: unknown): { success: true; data: T } | { success: false; error: { issues: readonly SchemaIssue[] } };
}

/** What the policy language must know of a provider to check the files. A provider port satisfies it as it is. */
export interface ProviderSchema {
  /** The target's settings, without `provider` and `owner`. Strict: unknown keys are errors. */
  readonly config: Schema<object>;
  /** Settings that hold secrets: a value written into the file instead of `${env:NAME}` is an error. */
  readonly secretSettings: readonly string[];
  /** A grant's fields, without `target`. Strict. Values are text. */
  readonly permission: Schema<Permission>;
  /** Which part of a person names their account when the directory does not say. */
  readonly account: 'email' | 'local-part';
  /** Whether it can tell when a permission was used last: only then may an access at its targets say `revoke_on_idle`. */
  readonly tellsUse: boolean;
  /** `{ role: 'app_writer' }` → `role app_writer`. */
  describe(permission: Permission): string;
  /** Names the real system that checked settings point at, without secrets: two targets with equal ones are one system. */
  identity(config: object): string;
}

/** By provider name, as `provider:` in a target writes it. */
export type ProviderSchemas = ReadonlyMap<string, ProviderSchema>;
