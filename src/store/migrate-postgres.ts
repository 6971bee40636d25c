import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { type AppliedMigration, HISTORY, migrationsFor, pendingMigrations } from './migrate.ts';
import { poolConfig } from './postgres.ts';

/** Prisma's own table, so that `prisma migrate status` agrees. */
const TABLE = `CREATE TABLE IF NOT EXISTS "_prisma_migrations" (
    "id" VARCHAR(36) PRIMARY KEY NOT NULL, "checksum" VARCHAR(64) NOT NULL, "finished_at" TIMESTAMPTZ,
    "migration_name" VARCHAR(255) NOT NULL, "logs" TEXT, "rolled_back_at" TIMESTAMPTZ,
    "started_at" TIMESTAMPTZ NOT NULL DEFAULT now(), "applied_steps_count" INTEGER NOT NULL DEFAULT 0)`;

/** The lock that `prisma migrate` takes, so that the two exclude each other. */
const ADVISORY_LOCK = 72_707_369;

/** Names of the migrations that were applied now. Any number of processes may do this at once. */
export async function migratePostgres(url: string): Promise<string[]> {
  const client = new pg.Client({ ...poolConfig(url), query_timeout: 0 } as pg.ClientConfig);
  client.on('error', () => {}); // The query in hand fails with it.
  await client.connect();
  try {
    const known = migrationsFor('postgres');
    const table = await client.query(`SELECT to_regclass('"_prisma_migrations"') AS "name"`);
    if (table.rows[0]?.name !== null) {
      const { rows } = await client.query<AppliedMigration>(HISTORY);
      if (pendingMigrations(known, rows).length === 0) return [];
    }
    await client.query('SELECT pg_advisory_lock($1)', [ADVISORY_LOCK]);
    await client.query(TABLE);
    const { rows } = await client.query<AppliedMigration>(HISTORY);
    const pending = pendingMigrations(known, rows);
    for (const { name, sql, checksum } of pending) {
      await client.query('BEGIN');
      // One call: the server takes the file apart, and knows where a function's body ends.
      await client.query(sql);
      await client.query(
        `INSERT INTO "_prisma_migrations" ("id", "checksum", "finished_at", "migration_name", "started_at", "applied_steps_count")
         VALUES ($1, $2, now(), $3, now(), 1)`,
        [randomUUID(), checksum, name],
      );
      await client.query('COMMIT');
    }
    return pending.map((migration) => migration.name);
  } finally {
    await client.end().catch(() => {}); // Ends the transaction and the lock with it.
  }
}
