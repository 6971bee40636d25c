import { type Ahead, UnreadableRow } from '../app/ports/store.ts';
import type { EntitlementState } from '../domain/entitlement.ts';
import type { GrantState } from '../domain/grant.ts';
import type { RequestState } from '../domain/request.ts';
import * as reads from './reads.ts';
import type { Sql } from './sql.ts';
import { readable } from './unreadable.ts';

/** What was read ahead; `found` is undefined for what is not there. */
type Read<T> = { found: T } | undefined;

/**
 * What the units of a group are about to read, read at the beginning of their transaction in a few statements: a thousand
 * grants that end together would else ask the database some thousands of times, one after another. It is as good as a read
 * of their own: whoever writes one of these forgets it here, and what somebody else changes meanwhile is found stale when
 * it is written. A row that cannot be read is left to the unit that asks for it: it is that one's trouble alone.
 */
export class ReadAhead {
  readonly #grants = new Map<string, GrantState | undefined>();
  readonly #entitlements = new Map<string, EntitlementState | undefined>();
  readonly #holders = new Map<string, readonly GrantState[]>();
  readonly #pending = new Map<string, RequestState | undefined>();

  async load(sql: Sql, wanted: readonly Ahead[]): Promise<void> {
    const grants = distinct(wanted.map(({ grant }) => grant));
    const entitlements = named(wanted.map(({ entitlement }) => entitlement));
    const held = named(wanted.map(({ holders }) => holders));
    if (grants.length > 0) {
      const found = new Map((await reads.grants(sql, grants)).map((state) => [state.id, state]));
      for (const id of grants) {
        const state = found.get(id);
        if (!(state instanceof UnreadableRow)) this.#grants.set(id, state);
      }
    }
    if (entitlements.size > 0) {
      const rows = await reads.entitlements(sql, [...entitlements.values()]);
      const found = new Map(readable(rows).map((state) => [nameOf(state), state]));
      const broken = new Set(rows.flatMap((one) => (one instanceof UnreadableRow ? [one.id] : [])));
      for (const [name, { workspace, key }] of entitlements)
        if (!broken.has(UnreadableRow.idIn(workspace, key))) this.#entitlements.set(name, found.get(name));
    }
    if (held.size > 0) {
      const found = await reads.holdersOfAny(sql, [...held.values()]);
      for (const [name, { workspace, key }] of held)
        this.#holders.set(
          name,
          found.filter((it) => it.workspace === workspace && it.holds.some((hold) => hold.key === key)),
        );
    }
  }

  /** What the holders of these grants ask for of the same access: whoever ends a grant looks for its extension. */
  async loadPending(sql: Sql, grants: readonly GrantState[], lock: string): Promise<void> {
    const wanted = new Map(grants.map((grant) => [askingOf(holderOf(grant)), holderOf(grant)]));
    if (wanted.size === 0) return;
    const rows = await reads.pendingRequestsAmong(sql, [...wanted.values()], lock);
    const found = readable(rows);
    // NB. whose request it is that cannot be read is not known here: none may pass for one that asks for nothing.
    if (found.length < rows.length) return;
    for (const name of wanted.keys()) this.#pending.set(name, undefined);
    for (const request of found) this.#pending.set(askingOf(requesterOf(request)), request);
  }

  grant(id: string): Read<GrantState | undefined> {
    return this.#grants.has(id) ? { found: this.#grants.get(id) } : undefined;
  }

  entitlement(workspace: string, key: string): Read<EntitlementState | undefined> {
    const name = nameOf({ workspace, key });
    return this.#entitlements.has(name) ? { found: this.#entitlements.get(name) } : undefined;
  }

  holders(workspace: string, key: string, except: string): Read<readonly GrantState[]> {
    const found = this.#holders.get(nameOf({ workspace, key }));
    return found && { found: found.filter(({ id }) => id !== except) };
  }

  pending(workspace: string, email: string, access: string): Read<RequestState | undefined> {
    const name = askingOf({ workspace, email, access });
    return this.#pending.has(name) ? { found: this.#pending.get(name) } : undefined;
  }

  forgetRequest(state: RequestState): void {
    this.#pending.delete(askingOf(requesterOf(state)));
  }

  /** A grant is written: it, and who holds its entitlements, must be read anew. */
  forgetGrant(state: GrantState): void {
    this.#grants.delete(state.id);
    for (const { key } of state.holds) this.#holders.delete(nameOf({ workspace: state.workspace, key }));
  }

  forgetEntitlement(state: reads.EntitlementName): void {
    this.#entitlements.delete(nameOf(state));
  }
}

const nameOf = ({ workspace, key }: reads.EntitlementName): string => JSON.stringify([workspace, key]);

const askingOf = ({ workspace, email, access }: reads.Asking): string => JSON.stringify([workspace, email, access]);
const holderOf = ({ workspace, person: { email }, access }: GrantState): reads.Asking => ({ workspace, email, access });
const requesterOf = ({ workspace, requester: { email }, access }: RequestState): reads.Asking => ({
  workspace,
  email,
  access,
});

const distinct = (ids: readonly (string | undefined)[]): string[] => [
  ...new Set(ids.filter((id): id is string => id !== undefined)),
];

const named = (wanted: readonly (reads.EntitlementName | undefined)[]): Map<string, reads.EntitlementName> =>
  new Map(wanted.flatMap((one) => (one ? [[nameOf(one), one]] : [])));
