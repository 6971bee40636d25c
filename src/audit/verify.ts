import type { DelegationState } from '../domain/delegation.ts';
import type { Effect } from '../domain/effects.ts';
import type { EntitlementState } from '../domain/entitlement.ts';
import type { DomainEvent } from '../domain/events.ts';
import { emptyWorld, fold, type World } from '../domain/fold.ts';
import type { GrantState } from '../domain/grant.ts';
import type { RequestState } from '../domain/request.ts';
import { canonicalJson } from './canonical-json.ts';
import { type ChainEntry, type ChainHead, GENESIS_HASH, sha256 } from './chain.ts';
import { illegality } from './legal.ts';

/**
 * What is wrong, and where: the number of the first broken entry; an entry that is whole but tells of what never happens;
 * or the row that the log does not explain.
 */
export type Finding =
  | { kind: 'chain'; seq: number; problem: string }
  | { kind: 'event'; seq: number; problem: string }
  | { kind: 'row'; row: string; problem: string };

/** Re-computes a workspace's chain entry by entry, and folds its events as it goes. */
export class Verification {
  readonly #world: World = emptyWorld();
  #head: ChainHead = { seq: 0, hash: GENESIS_HASH };
  #broken: Finding | undefined;
  readonly #illegal: Finding[] = [];
  readonly #revocations = new Set<string>();
  #last: DomainEvent | undefined;
  readonly #noted: string | undefined;
  #notedAt: number | undefined;

  /** `noted`: the hash of an entry that somebody wrote down earlier; the log must still hold it. */
  constructor(noted?: string) {
    this.#noted = noted;
  }

  /** Takes the next entry. After the first broken one nothing more is believed. */
  add(entry: ChainEntry): void {
    if (this.#broken) return;
    const problem = this.#problemOf(entry);
    if (problem !== undefined) this.#broken = { kind: 'chain', seq: this.#head.seq + 1, problem };
  }

  /** The chain's own end must be the end that the database remembers: a cut tail is a broken log, too. */
  finishChain(stored: ChainHead): void {
    if (this.#broken) return;
    const { seq, hash } = this.#head;
    if (stored.seq !== seq || stored.hash !== hash) {
      const problem =
        stored.seq === seq
          ? 'it does not have the hash that the head remembers: it was replaced'
          : `the log ends at entry ${seq}, but the head says ${stored.seq}: entries were removed or added`;
      this.#broken = { kind: 'chain', seq: stored.seq === seq ? seq : Math.min(stored.seq, seq) + 1, problem };
    }
  }

  get chain(): { head: ChainHead; broken?: Finding } {
    return this.#broken ? { head: this.#head, broken: this.#broken } : { head: this.#head };
  }

  /** The entries that tell of what the product never does. */
  get illegal(): readonly Finding[] {
    return this.#illegal;
  }

  /** The number of the noted entry, once it was read. */
  get notedAt(): number | undefined {
    return this.#notedAt;
  }

  /**
   * What a pending effect of the outbox names must be in the log: all else that it does is judged by the rows when it is done.
   * Ask before the rows, which are crossed off.
   */
  checkEffect(id: string, effect: Effect): Finding | undefined {
    const about = (problem: string): Finding => ({ kind: 'row', row: `effect ${id}`, problem });
    if ('grantId' in effect) {
      const grant = this.#world.grants.get(effect.grantId);
      if (!grant) return about(`is about grant ${effect.grantId}, which is not in the log`);
      if (!('key' in effect)) return undefined;
      if (!grant.holds.some(({ key }) => key === effect.key)) return about('is about nothing that its grant holds');
      if (effect.kind === 'revoke') this.#revocations.add(`${grant.id} ${effect.key}`);
    } else if ('requestId' in effect && !this.#world.requests.has(effect.requestId)) {
      return about(`is about request ${effect.requestId}, which is not in the log`);
    }
    return undefined;
  }

  /** What has to be taken away, and the outbox says nothing of it. Ask when all effects were checked, and no row yet. */
  missingRevocations(): Finding[] {
    const ending = [...this.#world.grants.values()].filter(({ status }) => status === 'revoking');
    return ending.flatMap(({ id, holds }) =>
      holds
        .filter(
          ({ key, status }) => (status === 'pending' || status === 'given') && !this.#revocations.has(`${id} ${key}`),
        )
        .map(
          ({ key }): Finding => ({
            kind: 'row',
            row: `grant ${id}`,
            problem: `is being ended, and the outbox holds no revocation of ${key}`,
          }),
        ),
    );
  }

  /** Compares one row with what the events say it must be, and crosses it off. */
  checkRequest(row: RequestState): Finding | undefined {
    return crossOff(this.#world.requests, row.id, row, `request ${row.id}`);
  }
  checkGrant(row: GrantState): Finding | undefined {
    return crossOff(this.#world.grants, row.id, row, `grant ${row.id}`);
  }
  checkEntitlement(row: EntitlementState): Finding | undefined {
    return crossOff(this.#world.entitlements, row.key, row, `entitlement ${row.key}`);
  }

  checkDelegation(row: DelegationState): Finding | undefined {
    const { email } = row.delegator;
    return crossOff(this.#world.delegations, email, row, `delegation of ${email}`);
  }

  /** A row that is there and cannot be read: it is crossed off, and named. */
  setAside(table: string, key: string, problem: string): Finding {
    const kind = table.toLowerCase();
    const row = kind === 'delegation' ? `delegation of ${key}` : `${kind} ${key}`;
    const { requests, grants, entitlements, delegations } = this.#world;
    const rows = { request: requests, grant: grants, entitlement: entitlements, delegation: delegations };
    if (Object.hasOwn(rows, kind)) rows[kind as keyof typeof rows].delete(key);
    return { kind: 'row', row, problem };
  }

  /** Rows that the events tell of and the database does not have. Ask when all rows were checked. */
  missingRows(): Finding[] {
    const missing = (kind: string, ids: Iterable<string>) =>
      [...ids].map(
        (id): Finding => ({ kind: 'row', row: `${kind} ${id}`, problem: 'is in the log but not in the database' }),
      );
    return [
      ...missing('request', this.#world.requests.keys()),
      ...missing('grant', this.#world.grants.keys()),
      ...missing('entitlement', this.#world.entitlements.keys()),
      ...missing('delegation of', this.#world.delegations.keys()),
    ];
  }

  #problemOf(entry: ChainEntry): string | undefined {
    const seq = this.#head.seq + 1;
    if (entry.seq !== seq) return `entry ${seq} is missing; the next one is ${entry.seq}`;
    if (sha256(entry.body) !== entry.hash) return 'its bytes do not have the hash that stands beside them';
    const body = parse(entry.body);
    if (!body) return 'its bytes are not an audit entry';
    if (body.seq !== seq) return `its bytes say they are entry ${body.seq}`;
    if (body.prev !== this.#head.hash)
      return 'it does not follow the entry before it: the hash of the previous entry differs';
    // NB. whoever forges an entry may put anything into it: what cannot be read is named, and must not stop the reading.
    try {
      if (canonicalJson(body) !== entry.body) return 'its bytes are not canonical JSON (RFC 8785)';
      if (body.event.type !== entry.type || body.event.at !== entry.at) return 'its columns say other than its bytes';
      const problem = illegality(this.#world, body.event, this.#last);
      if (problem !== undefined) this.#illegal.push({ kind: 'event', seq, problem });
      fold(this.#world, body.event);
      this.#last = body.event;
    } catch {
      return 'its event is not one that Latchkey writes';
    }
    this.#head = { seq, hash: entry.hash };
    if (entry.hash === this.#noted) this.#notedAt = seq;
    return undefined;
  }
}

function parse(body: string): { event: DomainEvent; prev: string; seq: number } | undefined {
  try {
    const value: unknown = JSON.parse(body);
    const shaped = typeof value === 'object' && value !== null && 'event' in value && 'prev' in value && 'seq' in value;
    return shaped ? (value as { event: DomainEvent; prev: string; seq: number }) : undefined;
  } catch {
    return undefined;
  }
}

function crossOff<State extends { version: number }>(
  expected: Map<string, State>,
  id: string,
  row: State,
  name: string,
): Finding | undefined {
  const state = expected.get(id);
  expected.delete(id);
  if (!state) return { kind: 'row', row: name, problem: 'is in the database but not in the log' };
  const differing = Object.keys({ ...row, ...state }).filter(
    (field) =>
      field !== 'version' &&
      canonicalJson({ is: row[field as keyof State] }) !== canonicalJson({ is: state[field as keyof State] }),
  );
  if (differing.length === 0) return undefined;
  return { kind: 'row', row: name, problem: `differs from the log in ${differing.join(', ')}` };
}
