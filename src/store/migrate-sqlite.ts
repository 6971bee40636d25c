import { randomUUID } from 'node:crypto';
import type { Client } from '@libsql/client';
import { beginWriting } from './begin-writing.js';
import { type AppliedMigration, HISTORY, type Migration, migrationsFor, pendingMigrations } from './migrate.ts';
import { openFile, whenFree } from './sqlite.ts';

/** Prisma's own table, so that `prisma migrate status` agrees. */
const TABLE = `CREATE TABLE IF NOT EXISTS "_prisma_migrations" (
    "id" TEXT PRIMARY KEY NOT NULL, "checksum" TEXT NOT NULL, "finished_at" DATETIME, "migration_name" TEXT NOT NULL,
    "logs" TEXT, "rolled_back_at" DATETIME, "started_at" DATETIME NOT NULL DEFAULT current_timestamp,
    "applied_steps_count" INTEGER UNSIGNED NOT NULL DEFAULT 0)`;

/** Names of the migrations that were applied now. Any number of processes may do this at once. */
export async function migrateSqlite(path: string): Promise<string[]> {
  const client = openFile(path);
  try {
    // Outside of a transaction, where alone it has an effect.
    await whenFree(() => client.executeMultiple('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;'));
    const known = migrationsFor('sqlite');
    if ((await whenFree(() => pendingInSqlite(client, known))).length === 0) return [];
    // A migration that rebuilds a table drops the old one; references to it are checked again before the commit.
    await client.executeMultiple('PRAGMA foreign_keys = OFF');
    // One process migrates; the others wait here and then find nothing to do.
    const lock = `${TABLE}; UPDATE "_prisma_migrations" SET "logs" = "logs" WHERE false`;
    const transaction = await whenFree(() => beginWriting(client, lock));
    try {
      const rows = (await transaction.execute(HISTORY)).rows as unknown as AppliedMigration[];
      const pending = pendingMigrations(known, rows);
      for (const { name, sql, checksum } of pending) {
        await transaction.executeMultiple(sql);
        const now = new Date().toISOString().replace('Z', '+00:00');
        await transaction.execute({
          sql: `INSERT INTO "_prisma_migrations" ("id", "checksum", "finished_at", "migration_name", "started_at", "applied_steps_count")
            VALUES (?, ?, ?, ?, ?, 1)`,
          args: [randomUUID(), checksum, now, name, now],
        });
      }
      const broken = (await transaction.execute('PRAGMA foreign_key_check')).rows;
      if (broken.length > 0)
        throw new Error(`After the migrations ${broken.length} rows refer to rows that are not there.`);
      await transaction.commit();
      return pending.map((migration) => migration.name);
    } finally {
      transaction.close();
    }
  } finally {
    client.close();
  }
}

async function pendingInSqlite(client: Client, known: readonly Migration[]): Promise<Migration[]> {
  const table = await client.execute(
    `SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = '_prisma_migrations'`,
  );
  if (table.rows.length === 0) return [...known];
  return pendingMigrations(known, (await client.execute(HISTORY)).rows as unknown as AppliedMigration[]);
}
