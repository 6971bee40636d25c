import { existsSync } from 'node:fs';
import {
  type Committed,
  type Posting,
  StaleWrite,
  type Store,
  type TellUnreadable,
  UnreadableRow,
} from '../app/ports/store.ts';
import type { EntitlementState } from '../domain/entitlement.ts';
import * as auditLog from './audit-log.ts';
import { anyChanged, mendEffects } from './changed-effects.ts';
import { moment } from './columns.ts';
import type { Database } from './database.ts';
import { forCallers } from './errors.ts';
import { GroupCommit } from './group-commit.ts';
import { checkGuards } from './guards.ts';
import * as outbox from './outbox.ts';
import * as delegations from './read-delegations.ts';
import * as reads from './reads.ts';
import { Session } from './session.ts';
import { sharedRead } from './shared-read.ts';
import type { Sql } from './sql.ts';
import * as stranded from './stranded.ts';
import * as timeReached from './time-reached.ts';
import { demand, readable } from './unreadable.ts';

export interface StoreOptions {
  /** `file:./data/latchkey.db`, or `postgresql://…` with the options that `pg` knows. */
  url: string;
  /** `link` of audit/chain.ts. */
  link: auditLog.Link;
  log?: { info(fields: object, message: string): void };
  /** Told of each row that cannot be read, once while the process runs. */
  onUnreadable?(row: UnreadableRow): void;
}

/** How often a claim that met another one is tried again. */
const CLAIM_TRIES = 5;
/** Rows read at a time by the `all…` iterators. */
const PAGE = 500;

/**
 * Opens the database, applies the migrations and checks the guards of the audit log.
 *
 * @throws StoreUnavailable, MigrationRefused, GuardMissing
 */
export async function createStore({ url, link, log, onUnreadable }: StoreOptions): Promise<Store> {
  const provider = providerOf(url);
  try {
    // NB. one of the two only: each client costs memory and start time.
    if (provider === 'sqlite') {
      const { prepareFile, sqlitePath, openSqlite } = await import('./sqlite.ts');
      const { migrateSqlite } = await import('./migrate-sqlite.ts');
      prepareFile(sqlitePath(url));
      say(await migrateSqlite(sqlitePath(url)));
      return await checked(openSqlite(url));
    }
    const { openPostgres } = await import('./postgres.ts');
    const { migratePostgres } = await import('./migrate-postgres.ts');
    say(await migratePostgres(url));
    return await checked(openPostgres(url));
  } catch (error) {
    throw forCallers(error, provider);
  }

  async function checked(database: Database): Promise<Store> {
    try {
      if (onUnreadable) database.unreadable.onFound = onUnreadable;
      await database.read(checkGuards);
      return storeOn(database, link);
    } catch (error) {
      await database.close();
      throw error;
    }
  }

  function say(applied: readonly string[]): void {
    for (const migration of applied) log?.info({ migration }, 'migration applied');
  }
}

/** Whether there may be something in the database: a file that is not there holds nothing. Nothing is made or opened. */
export async function mayHoldSomething(url: string): Promise<boolean> {
  return providerOf(url) === 'postgres' || existsSync((await import('./sqlite.ts')).sqlitePath(url));
}

export function providerOf(url: string): 'sqlite' | 'postgres' {
  if (/^file:./.test(url)) return 'sqlite';
  if (/^postgres(ql)?:\/\//.test(url)) return 'postgres';
  throw new Error('DATABASE_URL must begin with file: or postgresql://, for example file:./data/latchkey.db.');
}

/** The store on a database that is open, migrated and guarded. */
export function storeOn(database: Database, link: auditLog.Link): Store {
  const { provider, concurrency } = database.dialect;
  let closing: Promise<void> | undefined;
  const listeners: ((committed: readonly Committed[]) => void)[] = [];

  const groups = new GroupCommit({
    provider,
    concurrency,
    forCallers: (error) => forCallers(error, provider),
    committed: (committed) => {
      for (const listener of listeners) listener(committed);
    },
    async transact(alone, body) {
      let session: Session | undefined;
      await database.transact({
        body: async (sql) => {
          session = new Session(sql, link, alone);
          await body(session);
        },
        number: () => session?.transactionId,
      });
    },
  });

  const read = async <T>(work: (sql: Sql) => Promise<T>): Promise<T> => {
    try {
      return await database.read(work);
    } catch (error) {
      throw forCallers(error, provider);
    }
  };

  // What the attempts at effects ask for, many at a time.
  const named = ({ workspace, key }: reads.EntitlementName) => JSON.stringify([workspace, key]);
  const request = sharedRead(async (ids: readonly string[]) => {
    const found = new Map((await read((sql) => reads.requests(sql, [...new Set(ids)]))).map((it) => [it.id, it]));
    return (id) => demand(found.get(id));
  });
  const grant = sharedRead(async (ids: readonly string[]) => {
    const found = new Map((await read((sql) => reads.grants(sql, [...new Set(ids)]))).map((it) => [it.id, it]));
    return (id) => demand(found.get(id));
  });
  const entitlement = sharedRead(async (wanted: readonly reads.EntitlementName[]) => {
    const all = await read((sql) => reads.entitlements(sql, wanted));
    const found = new Map(readable(all).map((it) => [named(it), it]));
    const broken = new Map(all.flatMap((it) => (it instanceof UnreadableRow ? [[it.id, it]] : [])));
    return (name) =>
      found.get(named(name)) ?? demand<EntitlementState>(broken.get(UnreadableRow.idIn(name.workspace, name.key)));
  });
  const holders = sharedRead(async (wanted: readonly reads.EntitlementName[]) => {
    const found = await read((sql) => reads.holdersOfAny(sql, wanted));
    return ({ workspace, key }) =>
      found.filter((it) => it.workspace === workspace && it.holds.some((hold) => hold.key === key));
  });

  /** One writing statement: on Postgres by itself, on SQLite in its turn with everything else that writes. */
  const statement = <T>(work: (sql: Sql) => Promise<T>): Promise<T> =>
    provider === 'postgres' ? read(work) : groups.runRaw(work);

  /** Every row of a workspace, of which those that cannot be read are told, or else thrown. */
  async function* pages<State>(
    workspace: string,
    page: (sql: Sql, workspace: string, after: string, limit: number) => Promise<(State | UnreadableRow)[]>,
    key: (state: State) => string,
    unreadable?: TellUnreadable,
  ): AsyncGenerator<State> {
    for (let after = ''; ; ) {
      const items = await read((sql) => page(sql, workspace, after, PAGE));
      for (const item of items) {
        if (!(item instanceof UnreadableRow)) yield item;
        else if (unreadable) unreadable(item);
        else throw item;
      }
      const last = items.at(-1);
      if (items.length < PAGE || last === undefined) return;
      after = last instanceof UnreadableRow ? last.keyIn(workspace) : key(last);
    }
  }

  return {
    transaction: (work, ahead) => groups.run(work, ahead),
    onCommitted: (listener) => {
      listeners.push(listener);
    },

    async claimEffects(lane, claim, now, leaseUntil, limit, orders) {
      // SQLite: a look first, so that an idle worker never takes the write lock.
      if (provider === 'sqlite' && !(await read((sql) => outbox.anythingDue(sql, lane, now)))) return [];
      for (let tries = 1; ; tries++) {
        try {
          const { claimed, more } = await statement((sql) =>
            outbox.claimEffects(sql, lane, claim, now, leaseUntil, limit, orders),
          );
          // What was set aside must not look like the end of what is due.
          if (claimed.length > 0 || !more) return claimed;
          tries = 0;
        } catch (error) {
          // Another process took the head of an order meanwhile: the next look sees it.
          if (!(error instanceof StaleWrite) || tries === CLAIM_TRIES) throw error;
        }
      }
    },

    request,
    grant,
    entitlement: (workspace, key) => entitlement({ workspace, key }),
    holders: async (workspace, key, except) => (await holders({ workspace, key })).filter(({ id }) => id !== except),
    delegation: (workspace, delegator) => read((sql) => delegations.delegation(sql, workspace, delegator)),
    delegationsInForce: (workspace, now, delegate) =>
      read((sql) => delegations.delegationsInForce(sql, workspace, now, delegate)),
    pendingRequestsOf: (workspace, email) => read((sql) => reads.pendingRequestsOf(sql, workspace, email)),
    openGrantsOf: (workspace, email) => read((sql) => reads.openGrantsOf(sql, workspace, email)),
    openGrants: (workspace, limit) => read((sql) => reads.openGrants(sql, workspace, limit)),
    overdueReviews: (workspace, now, limit) => read((sql) => reads.overdueReviews(sql, workspace, now, limit)),
    countOverdueReviews: (workspace, now) => read((sql) => reads.countOverdueReviews(sql, workspace, now)),
    countOpenGrants: (workspace) => read((sql) => reads.countOpenGrants(sql, workspace)),
    postings: (requestId) =>
      read(async ({ connection }) => {
        const rows = await connection.posting.findMany({ where: { requestId }, orderBy: { id: 'asc' } });
        return rows.map(({ savedAt: _, role, ...row }) => ({ ...row, role: role as Posting['role'] }));
      }),
    outbox: (now) => read((sql) => outbox.outbox(sql, now)),
    anyStranded: () => read(stranded.anyStranded),
    async mendEffects(now) {
      if (!(await read((sql) => anyChanged(sql, now)))) return { setAside: 0, hastened: 0, freed: 0 };
      return statement((sql) => mendEffects(sql, now));
    },
    async setAside(limit) {
      const effects = await read((sql) => outbox.unreadable(sql, limit));
      const rows = database.unreadable.all;
      const first = [...effects.first, ...rows.map(({ message }) => message)].slice(0, limit);
      return { count: effects.count + rows.length, first };
    },
    failingEffects: (limit) => read((sql) => outbox.failingEffects(sql, limit)),
    auditPage: (workspace, fromSeq, limit) => read((sql) => auditLog.auditPage(sql, workspace, fromSeq, limit)),
    auditHead: (workspace) => read((sql) => auditLog.auditHead(sql, workspace)),
    auditBetween: (workspace, span, type, limit) =>
      read((sql) => auditLog.auditBetween(sql, workspace, span, type, limit)),
    auditCounts: (workspace, span) => read((sql) => auditLog.auditCounts(sql, workspace, span)),
    rememberTime: (now) => statement((sql) => timeReached.rememberTime(sql, now)),
    latestInstant: () => read(timeReached.latestInstant),
    workspaces: () => read(reads.workspaces),
    allRequests: (workspace, unreadable) => pages(workspace, reads.requestsAfter, (state) => state.id, unreadable),
    allGrants: (workspace, unreadable) => pages(workspace, reads.grantsAfter, (state) => state.id, unreadable),
    allEntitlements: (workspace, unreadable) =>
      pages(workspace, reads.entitlementsAfter, (state) => state.key, unreadable),
    allDelegations: (workspace, unreadable) =>
      pages(workspace, delegations.delegationsAfter, (state) => state.delegator.email, unreadable),
    pendingEffects: (workspace, unreadable) => pages(workspace, outbox.effectsAfter, (effect) => effect.id, unreadable),

    async forgetInteractions(before) {
      await statement((sql) => sql.run('DELETE FROM "Interaction" WHERE "seenAt" < ?', moment(before)));
    },
    forgetDoneEffects: (before) => statement((sql) => outbox.forgetDoneEffects(sql, before)),
    async ping() {
      // NB. a write that changes nothing: a database that can only be read is not ready.
      await statement((sql) => sql.run('UPDATE "AuditHead" SET "seq" = "seq" WHERE false'));
    },
    close() {
      closing ??= groups.close().then(() => database.close());
      return closing;
    },
  };
}
