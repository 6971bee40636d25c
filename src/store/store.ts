import { existsSync } from 'node:fs';
import { type Committed, type Posting, StaleWrite, type Store } from '../app/ports/store.ts';
import * as auditLog from './audit-log.ts';
import type { Database } from './database.ts';
import { forCallers } from './errors.ts';
import { GroupCommit } from './group-commit.ts';
import { checkGuards } from './guards.ts';
import * as outbox from './outbox.ts';
import * as delegations from './read-delegations.ts';
import * as reads from './reads.ts';
import { moment } from './rows.ts';
import { sharedRead } from './shared-read.ts';
import type { Sql } from './sql.ts';
import { Session } from './unit.ts';

export interface StoreOptions {
  /** `file:./data/latchkey.db`, or `postgresql://…` with the options that `pg` knows. */
  url: string;
  /** `link` of audit/chain.ts. */
  link: auditLog.Link;
  log?: { info(fields: object, message: string): void };
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
export async function createStore({ url, link, log }: StoreOptions): Promise<Store> {
  const provider = providerOf(url);
  try {
    // NB. one of the two only: each client costs memory and start time.
    if (provider === 'sqlite') {
      const { prepareFile, sqlitePath, openSqlite } = await import('./sqlite.ts');
      const { migrateSqlite } = await import('./migrate-sqlite.ts');
      prepareFile(sqlitePath(url));
      say(await migrateSqlite(sqlitePath(url)));
      return await checked(openSqlite(url), link);
    }
    const { openPostgres } = await import('./postgres.ts');
    const { migratePostgres } = await import('./migrate-postgres.ts');
    say(await migratePostgres(url));
    return await checked(openPostgres(url), link);
  } catch (error) {
    throw forCallers(error, provider);
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

async function checked(database: Database, link: auditLog.Link): Promise<Store> {
  try {
    await database.read(checkGuards);
    return storeOn(database, link);
  } catch (error) {
    await database.close();
    throw error;
  }
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
    return (id) => found.get(id);
  });
  const grant = sharedRead(async (ids: readonly string[]) => {
    const found = new Map((await read((sql) => reads.grants(sql, [...new Set(ids)]))).map((it) => [it.id, it]));
    return (id) => found.get(id);
  });
  const entitlement = sharedRead(async (wanted: readonly reads.EntitlementName[]) => {
    const found = new Map((await read((sql) => reads.entitlements(sql, wanted))).map((it) => [named(it), it]));
    return (name) => found.get(named(name));
  });
  const holders = sharedRead(async (wanted: readonly reads.EntitlementName[]) => {
    const found = await read((sql) => reads.holdersOfAny(sql, wanted));
    return ({ workspace, key }) =>
      found.filter((it) => it.workspace === workspace && it.holds.some((hold) => hold.key === key));
  });

  /** One writing statement: on Postgres by itself, on SQLite in its turn with everything else that writes. */
  const statement = <T>(work: (sql: Sql) => Promise<T>): Promise<T> =>
    provider === 'postgres' ? read(work) : groups.runRaw(work);

  async function* pages<T>(page: (sql: Sql, after: string) => Promise<T[]>, key: (item: T) => string) {
    for (let after = ''; ; ) {
      const items = await read((sql) => page(sql, after));
      yield* items;
      const last = items.at(-1);
      if (items.length < PAGE || last === undefined) return;
      after = key(last);
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
          return await statement((sql) => outbox.claimEffects(sql, lane, claim, now, leaseUntil, limit, orders));
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
    failingEffects: (limit) => read((sql) => outbox.failingEffects(sql, limit)),
    auditPage: (workspace, fromSeq, limit) => read((sql) => auditLog.auditPage(sql, workspace, fromSeq, limit)),
    auditHead: (workspace) => read((sql) => auditLog.auditHead(sql, workspace)),
    auditBetween: (workspace, span, type, limit) =>
      read((sql) => auditLog.auditBetween(sql, workspace, span, type, limit)),
    auditCounts: (workspace, span) => read((sql) => auditLog.auditCounts(sql, workspace, span)),
    latestInstant: () => read(auditLog.latestInstant),
    workspaces: () => read(reads.workspaces),
    allRequests: (workspace) =>
      pages(
        (sql, after) => reads.requestsAfter(sql, workspace, after, PAGE),
        (state) => state.id,
      ),
    allGrants: (workspace) =>
      pages(
        (sql, after) => reads.grantsAfter(sql, workspace, after, PAGE),
        (state) => state.id,
      ),
    allEntitlements: (workspace) =>
      pages(
        (sql, after) => reads.entitlementsAfter(sql, workspace, after, PAGE),
        (state) => state.key,
      ),
    allDelegations: (workspace) =>
      pages(
        (sql, after) => delegations.delegationsAfter(sql, workspace, after, PAGE),
        (state) => state.delegator.email,
      ),

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
