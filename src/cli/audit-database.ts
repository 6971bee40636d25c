import { statSync } from 'node:fs';
import type { Store } from '../app/ports/store.ts';
import { link } from '../audit/index.ts';
import type { Database } from '../store/database.ts';
import { forCallers } from '../store/errors.ts';
import { checkGuards, GuardMissing } from '../store/guards.ts';
import { type AppliedMigration, HISTORY, migrationsFor, pendingMigrations } from '../store/migrate.ts';
import type { Sql } from '../store/sql.ts';
import { providerOf, storeOn } from '../store/store.ts';

/** There is nothing to audit at the address. The message says what is there, and what to do. */
export class DatabaseNotForAudit extends Error {
  override readonly name = 'DatabaseNotForAudit';
}

export interface AuditDatabase {
  store: Store;
  /** What is wrong with the triggers that keep the log append-only; undefined: nothing. */
  unguarded?: string;
}

/**
 * Opens the database for somebody who asks about it. NB. unlike the start of the product this makes no file, applies no
 * migration and does not stop at missing triggers: an auditor must be able to look at what is there, above all when
 * somebody has tampered with it, and must not change it by looking.
 *
 * @throws StoreUnavailable, MigrationRefused, DatabaseNotForAudit
 */
export async function openForAudit(url: string): Promise<AuditDatabase> {
  const provider = providerOf(url);
  try {
    const database = await open(url, provider);
    try {
      const unguarded = await database.read(inspect);
      return { store: storeOn(database, link), ...(unguarded === undefined ? {} : { unguarded }) };
    } catch (error) {
      await database.close();
      throw error;
    }
  } catch (error) {
    throw forCallers(error, provider);
  }
}

async function open(url: string, provider: 'sqlite' | 'postgres'): Promise<Database> {
  if (provider === 'postgres') {
    const { openPostgres } = await import('../store/postgres.ts');
    return openPostgres(url);
  }
  const { openSqlite, sqlitePath } = await import('../store/sqlite.ts');
  const path = sqlitePath(url);
  if (!isFile(path)) {
    throw new DatabaseNotForAudit(
      `There is no file ${path}. Name the database that Latchkey runs on in DATABASE_URL, or run this where its path leads to it.`,
    );
  }
  return openSqlite(url);
}

function isFile(path: string): boolean {
  try {
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

/** The sentence about the guards, if there is one. */
async function inspect(sql: Sql): Promise<string | undefined> {
  const { provider } = sql.dialect;
  const [found] = await sql.query<{ there: number }>(
    provider === 'sqlite'
      ? `SELECT count(*) AS "there" FROM sqlite_master WHERE type = 'table' AND name = '_prisma_migrations'`
      : `SELECT count(*)::int AS "there" FROM pg_class WHERE oid = to_regclass('"_prisma_migrations"')`,
  );
  if (Number(found?.there ?? 0) === 0) {
    throw new DatabaseNotForAudit(
      `It is not a database of Latchkey: the table _prisma_migrations is missing. Look at DATABASE_URL; a new database is set up by the first \`latchkey serve\`${provider === 'sqlite' ? ', and a copy of a file in use needs the file that ends in -wal beside it' : ''}.`,
    );
  }
  const pending = pendingMigrations(migrationsFor(provider), await sql.query<AppliedMigration>(HISTORY));
  if (pending.length > 0) {
    const names = pending.map(({ name }) => name).join(', ');
    throw new DatabaseNotForAudit(
      `It is of an older release, and asking about it does not change it: start this release on it once (it applies ${names}), or ask with the release that wrote it.`,
    );
  }
  try {
    await checkGuards(sql);
    return undefined;
  } catch (error) {
    if (error instanceof GuardMissing) return error.message;
    throw error;
  }
}
