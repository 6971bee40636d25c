/** What a provider is asked to give: the policy's own fields for it, such as `{ role: 'app_writer' }`. */
export type Permission = Readonly<Record<string, string>>;

/** One concrete permission at one target for one account: what a provider gives and takes. */
export interface EntitlementRef {
  /** Identifies the permission across grants: system, permission and account. Equal keys are one entitlement. */
  key: string;
  /** The name in the policies by which it was granted. */
  target: string;
  /**
   * The real system that the target's settings pointed at when it was granted, without secrets. NB. a name can be pointed
   * at another system while a grant runs, and two names can point at one: what was given is bound to this, not to a name.
   */
  system: string;
  provider: string;
  permission: Permission;
  account: string;
  /** For people: `role app_writer`. */
  label: string;
}

/** The identity of an entitlement. JSON keeps separators in names from joining two different permissions into one. */
export function entitlementKey(system: string, permission: Permission, account: string): string {
  const fields = Object.keys(permission)
    .sort()
    .map((name) => [name, permission[name]]);
  return JSON.stringify([system, fields, account]);
}

/**
 * What Latchkey knows of a permission at its target.
 * `unheld`: no grant holds it. `standing`: it was there before the first grant, so it is not ours to take.
 * `ours`: it was seen absent before we gave it (or may have given it), so it is ours to take away.
 */
export type EntitlementStatus = 'unheld' | 'standing' | 'ours';

export interface EntitlementState {
  workspace: string;
  key: string;
  /** The name by which it was granted last. */
  target: string;
  status: EntitlementStatus;
  version: number;
}
