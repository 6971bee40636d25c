import {
  type Ahead,
  type Changes,
  type Committed,
  type NewEffect,
  type Posting,
  StaleWrite,
  type Transaction,
} from '../app/ports/store.ts';
import type { DomainEvent } from '../domain/events.ts';
import type { GrantState } from '../domain/grant.ts';
import type { Instant } from '../domain/instant.ts';
import type { RequestState } from '../domain/request.ts';
import * as auditLog from './audit-log.ts';
import { instant, moment } from './columns.ts';
import { delegationRow } from './delegation-rows.ts';
import { entitlementRow } from './entitlement-rows.ts';
import { GatheredRows } from './gathered-rows.ts';
import { grantRow, holdRow } from './grant-rows.ts';
import * as outbox from './outbox.ts';
import { ReadAhead } from './read-ahead.ts';
import * as delegations from './read-delegations.ts';
import * as reads from './reads.ts';
import { requestRow, voteRow } from './request-rows.ts';
import type { Row, Sql } from './sql.ts';
import * as stranded from './stranded.ts';
import { Unit } from './unit.ts';

/**
 * One database transaction, shared by the units of work that run in it one after another. What they write is gathered and
 * written at its end, in few statements, or before somebody reads it. No unit reads effects and events, and the audit
 * chain's head is locked last.
 */
export class Session {
  readonly sql: Sql;
  /** What each unit has committed when the transaction has. */
  readonly committed: Committed[] = [];
  /** How many changes were made: a unit that throws before its first leaves nothing to undo. */
  changes = 0;
  /** A statement failed: on Postgres nothing after it counts, so the transaction must be undone. */
  failed = false;
  /** Its number in the database, when that can be asked for the transaction's fate later. */
  transactionId: string | undefined;

  readonly #link: auditLog.Link;
  readonly #alone: boolean;
  readonly #rows: GatheredRows;
  readonly #ahead = new ReadAhead();
  readonly #effects: Row[] = [];
  /** Claimed effects that are over. */
  readonly #finished: { id: string; claim: string }[] = [];
  #finishedAt: Instant | undefined;
  /** Orders to be hastened, by workspace and time. */
  readonly #hastened = new Map<string, { workspace: string; now: Instant; orders: Set<string> }>();
  readonly #events = new Map<string, DomainEvent[]>();
  /** Entitlements that gathered grants hold or held: whoever asks for holders must see those grants. */
  readonly #holding = new Set<string>();
  /** Votes and holds as the database has them, as text, so that only those that differ are written. */
  readonly #parts = new Map<string, readonly string[]>();

  /**
   * `alone`: the transaction has one unit. It then locks the rows that it reads, where the database can, so that it may
   * have to wait but cannot be stale. In a group nobody waits for rows: groups would wait for each other in a circle.
   */
  constructor(sql: Sql, link: auditLog.Link, alone: boolean) {
    this.sql = sql;
    this.#link = link;
    this.#alone = alone;
    this.#rows = new GatheredRows(sql, alone);
  }

  /** Reads what the units of a group are about to read. */
  readAhead(wanted: readonly Ahead[]): Promise<void> {
    return this.#ahead.load(this.sql, wanted);
  }

  /** Runs one unit. Fails when any of its statements failed, even if the unit caught that. */
  async run<T>(work: (tx: Transaction) => Promise<T>): Promise<T> {
    const unit = new Unit(this.#transaction(), () => {
      this.failed = true;
    });
    try {
      const value = await work(unit.transaction);
      unit.end();
      return value;
    } catch (error) {
      unit.end();
      throw error;
    }
  }

  /** Runs the store's own statements as a unit. */
  async runRaw<T>(work: (sql: Sql) => Promise<T>): Promise<T> {
    this.changes++;
    await this.#writeAll();
    return work(this.sql);
  }

  /** Writes what was gathered; the commit comes next. */
  async finish(): Promise<void> {
    await this.#writeAll();
    if (this.#events.size > 0) this.transactionId = await auditLog.append(this.sql, this.#link, this.#events);
  }

  #transaction(): Transaction {
    const { sql } = this;
    const rows = this.#rows;
    const lock = this.#alone ? sql.dialect.lock : '';
    /** Reads after what was written of it. */
    const after = async <T>(touched: boolean, read: () => Promise<T>): Promise<T> => {
      if (touched) await rows.flush();
      return read();
    };
    return {
      request: async (id) =>
        this.#seenRequest(await after(rows.has('Request', id), () => reads.request(sql, id, lock))),
      grant: async (id) => {
        const known = this.#ahead.grant(id);
        if (known) return this.#seenGrant(known.found);
        return this.#seenGrant(await after(rows.has('Grant', id), () => reads.grant(sql, id, lock)));
      },
      entitlement: async (workspace, key) => {
        const known = this.#ahead.entitlement(workspace, key);
        if (known) return known.found;
        return after(rows.has('Entitlement', workspace, key), () => reads.entitlement(sql, workspace, key, lock));
      },
      delegation: (workspace, delegator) =>
        after(rows.has('Delegation', workspace, delegator), () =>
          delegations.delegation(sql, workspace, delegator, lock),
        ),
      delegationsInForce: (workspace, now, delegate) =>
        after(rows.some('Delegation', { workspace }), () =>
          delegations.delegationsInForce(sql, workspace, now, delegate),
        ),
      dueDelegations: (now, limit) => after(rows.some('Delegation'), () => delegations.dueDelegations(sql, now, limit)),
      pendingRequest: async (workspace, email, access) => {
        const known = this.#ahead.pending(workspace, email, access);
        if (known) return this.#seenRequest(known.found);
        return this.#seenRequest(
          await after(rows.some('Request', { workspace, requesterEmail: email, access }), () =>
            reads.pendingRequest(sql, workspace, email, access, lock),
          ),
        );
      },
      pendingRequestsOf: async (workspace, email) =>
        (
          await after(rows.some('Request', { workspace, requesterEmail: email }), () =>
            reads.pendingRequestsOf(sql, workspace, email, lock),
          )
        ).map((it) => this.#seenRequest(it)),
      holders: async (workspace, key, except) => {
        const known = this.#ahead.holders(workspace, key, except);
        if (known) return known.found;
        return after(this.#holding.has(holding(workspace, key)), () => reads.holders(sql, workspace, key, except));
      },
      dueRequests: async (now, limit) =>
        (await after(rows.some('Request'), () => reads.dueRequests(sql, now, limit))).map((it) =>
          this.#seenRequest(it),
        ),
      dueNudges: async (now, limit) =>
        (await after(rows.some('Request'), () => reads.dueNudges(sql, now, limit))).map((it) => this.#seenRequest(it)),
      strandedGrants: async (limit) => {
        // NB. a revocation that was gathered in this transaction and not written yet would pass for one that is missing.
        await this.#writeAll();
        return (await stranded.strandedGrants(sql, limit)).map(({ grant, keys }) => ({
          grant: this.#seenGrant(grant),
          keys,
        }));
      },
      dueGrants: async (now, limit) => {
        const due = await after(rows.some('Grant') || rows.some('Request'), () => reads.dueGrants(sql, now, limit));
        await this.#ahead.loadPending(sql, due, lock);
        return due.map((it) => this.#seenGrant(it));
      },
      dueWarnings: async (now, limit) =>
        (await after(rows.some('Grant'), () => reads.dueWarnings(sql, now, limit))).map((it) => this.#seenGrant(it)),
      dueReviews: async (now, limit) =>
        (await after(rows.some('Request'), () => reads.dueReviews(sql, now, limit))).map((it) => this.#seenRequest(it)),
      dueUnused: async (now, limit) =>
        (await after(rows.some('Request'), () => reads.dueUnused(sql, now, limit))).map((it) => this.#seenRequest(it)),
      emergencies: (workspace, person, access, limit) =>
        after(rows.some('Request', { workspace, access }), () =>
          reads.emergencies(sql, workspace, person, access, limit),
        ),
      firstSeen: (workspace, interaction, now) => this.#firstSeen(workspace, interaction, now),
      lastDigest: (workspace) => this.#lastDigest(workspace),
      recordDigest: async (workspace, date, to) => {
        this.changes++;
        await sql.add('Digest', [{ workspace, date, to: moment(to) }]);
      },
      write: (workspace, now, changes) => this.#write(workspace, now, changes),
      hasten: async (workspace, orders, now) => {
        this.changes++;
        const name = JSON.stringify([workspace, now]);
        const hastened = this.#hastened.get(name) ?? { workspace, now, orders: new Set() };
        for (const order of orders) hastened.orders.add(order);
        this.#hastened.set(name, hastened);
      },
      finishEffect: (id, claim, now) => this.#finishEffect(id, claim, now),
      postponeEffect: async (id, claim, runAt, failure) =>
        this.#changed(await outbox.postponeEffect(sql, id, claim, runAt, failure)),
      repeatEffect: async (id, claim, anew, now) => this.#changed(await outbox.repeatEffect(sql, id, claim, anew, now)),
      savePosting: (posting, now) => this.#savePosting(posting, now),
    };
  }

  #changed(did: boolean): boolean {
    if (did) this.changes++;
    return did;
  }

  async #firstSeen(workspace: string, key: string, now: Instant): Promise<boolean> {
    const count = await this.sql.run(
      'INSERT INTO "Interaction" ("workspace", "key", "seenAt") VALUES (?, ?, ?) ON CONFLICT ("workspace", "key") DO NOTHING',
      workspace,
      key,
      moment(now),
    );
    return this.#changed(count === 1);
  }

  /**
   * In a group, the claim is believed for now and looked at with all the others at the end: one that was lost undoes the
   * group, and then each unit is told by itself.
   */
  async #finishEffect(id: string, claim: string, now: Instant): Promise<boolean> {
    if (this.#alone) return this.#changed(await outbox.finishEffect(this.sql, id, claim, now));
    if (this.#finished.some((one) => one.id === id)) return false;
    this.#finished.push({ id, claim });
    this.#finishedAt = now;
    return this.#changed(true);
  }

  async #writeFinished(): Promise<void> {
    const finished = this.#finished.splice(0);
    if (finished.length === 0 || this.#finishedAt === undefined) return;
    const count = await outbox.finishEffects(this.sql, finished, this.#finishedAt);
    if (count !== finished.length) throw new StaleWrite('The claim of an effect was lost meanwhile.');
  }

  async #lastDigest(workspace: string): Promise<{ date: string; to: Instant } | undefined> {
    const row = await this.sql.connection.digest.findFirst({ where: { workspace }, orderBy: { date: 'desc' } });
    return row ? { date: row.date, to: instant(row.to) } : undefined;
  }

  async #savePosting(posting: Posting, now: Instant): Promise<void> {
    this.changes++;
    const { id, workspace, requestId, role, channel, ts, shown } = posting;
    await this.sql.insert(
      'Posting',
      [{ id, workspace, requestId, role, channel, ts, shown, savedAt: moment(now) }],
      `ON CONFLICT ("id") DO UPDATE SET "channel" = excluded."channel", "ts" = excluded."ts", "shown" = excluded."shown",
       "savedAt" = excluded."savedAt"`,
    );
  }

  async #write(workspace: string, now: Instant, changes: Changes): Promise<void> {
    const { requests = [], grants = [], entitlements = [], delegations: handed = [], events, effects } = changes;
    // NB. a row or an event of another workspace would land in the wrong audit chain.
    for (const item of [...requests, ...grants, ...entitlements, ...handed, ...events]) {
      if (item.workspace !== workspace)
        throw new Error(`A change of workspace ${item.workspace} was written in ${workspace}.`);
    }
    this.changes++;
    const again =
      requests.some(({ id }) => this.#rows.has('Request', id)) ||
      grants.some(({ id }) => this.#rows.has('Grant', id)) ||
      entitlements.some(({ key }) => this.#rows.has('Entitlement', workspace, key)) ||
      handed.some(({ delegator }) => this.#rows.has('Delegation', workspace, delegator.email));
    if (again) await this.#rows.flush();
    for (const state of requests) {
      this.#ahead.forgetRequest(state);
      const votes = state.votes.map((vote, position) => voteRow(state.id, position, vote));
      this.#rows.add('Request', requestRow(state), await this.#differing('Vote', state, votes, textsOfVotes(state)));
    }
    for (const state of grants) {
      this.#ahead.forgetGrant(state);
      const holds = state.holds.map((hold, position) => holdRow(state, position, hold));
      for (const { key } of state.holds) this.#holding.add(holding(workspace, key));
      this.#rows.add('Grant', grantRow(state), await this.#differing('Hold', state, holds, textsOfHolds(state)));
    }
    for (const state of entitlements) {
      this.#ahead.forgetEntitlement(state);
      this.#rows.add('Entitlement', entitlementRow(state));
    }
    for (const state of handed) this.#rows.add('Delegation', delegationRow(state));
    this.#effects.push(...effects.map((effect: NewEffect) => outbox.effectRow(workspace, now, effect)));
    if (events.length > 0) this.#events.set(workspace, [...(this.#events.get(workspace) ?? []), ...events]);
    this.committed.push({ workspace, events, effects });
  }

  /** The votes or holds of a state that are not in the database as they should be; those too many there are removed. */
  async #differing(
    table: 'Vote' | 'Hold',
    state: RequestState | GrantState,
    rows: readonly Row[],
    texts: readonly string[],
  ): Promise<Row[]> {
    const known = state.version === 1 ? [] : this.#parts.get(state.id);
    this.#parts.set(state.id, texts);
    if (!known || known.length > rows.length) {
      const owner = table === 'Vote' ? 'requestId' : 'grantId';
      await this.sql.run(`DELETE FROM "${table}" WHERE "${owner}" = ? AND "position" >= ?`, state.id, rows.length);
    }
    return rows.filter((_row, index) => known?.[index] !== texts[index]);
  }

  async #writeAll(): Promise<void> {
    await this.#rows.flush();
    this.#holding.clear();
    await this.#writeFinished();
    await this.sql.add('Effect', this.#effects.splice(0));
    for (const { workspace, now, orders } of this.#hastened.values())
      await outbox.hasten(this.sql, workspace, [...orders], now);
    this.#hastened.clear();
  }

  #seenRequest<T extends RequestState | undefined>(state: T): T {
    if (state) this.#parts.set(state.id, textsOfVotes(state));
    return state;
  }

  #seenGrant<T extends GrantState | undefined>(state: T): T {
    if (state) this.#parts.set(state.id, textsOfHolds(state));
    return state;
  }
}

const holding = (workspace: string, key: string): string => JSON.stringify([workspace, key]);

const textsOfVotes = (state: RequestState): string[] => state.votes.map((vote) => JSON.stringify(vote));

/** With the grant's status, which each hold's row repeats as `held`. */
const textsOfHolds = (state: GrantState): string[] =>
  state.holds.map((hold) => `${state.status} ${JSON.stringify(hold)}`);
