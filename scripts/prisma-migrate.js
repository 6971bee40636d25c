/**
 * Writes the next migration for both databases: what leads from the migrations there are to the schema.
 *
 *   node scripts/prisma-schema.js            first, so that the Postgres schema is current
 *   node scripts/prisma-migrate.js <name>    writes prisma/migrations/<time>_<name>/migration.sql and the same under
 *                                            prisma/postgres/; says so when there is nothing to write
 *
 * Then append by hand what Prisma's language cannot say: partial indexes, triggers, functions. Two rules:
 * - NB. SQLite loses a table's triggers and partial indexes when a migration rebuilds the table: write them again at the
 *   end of that migration. The store refuses to start when a guard of the audit log is missing or not the latest text.
 * - Never edit a migration that was released: its checksum is in people's databases.
 *
 * The existing migrations are applied to empty databases first: SQLite in a temporary file, Postgres at DATABASE_URL,
 * which must be the address of an empty scratch database.
 */
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { diff, postgresFactory, sqliteFactory } from './prisma-engine.js';

const ROOT = new URL('../prisma/', import.meta.url);
const EMPTY = '-- This is an empty migration.';

/** @param {URL} folder @returns {Promise<string[]>} the SQL of every migration, oldest first */
async function existing(folder) {
  /** @type {string[]} */
  const entries = await readdir(folder).catch(() => []);
  const names = entries.filter((name) => /^\d{14}_/.test(name)).sort();
  return Promise.all(names.map((name) => readFile(new URL(`${name}/migration.sql`, folder), 'utf8')));
}

/** @param {URL} folder @param {string} name @param {string} provider @param {string} sql */
async function write(folder, name, provider, sql) {
  if (sql.trim() === EMPTY || sql.trim() === '') {
    console.log(`${provider}: nothing to write`);
    return;
  }
  await mkdir(new URL(`${name}/`, folder), { recursive: true });
  await writeFile(new URL(`${name}/migration.sql`, folder), sql);
  await writeFile(
    new URL('migration_lock.toml', folder),
    `# Written by scripts/prisma-migrate.js\nprovider = "${provider}"\n`,
  );
  console.log(`${provider}: wrote ${name}/migration.sql`);
}

const title = process.argv[2] ?? '';
if (!/^[a-z0-9_]+$/.test(title)) {
  console.error('Name the migration with a-z, 0-9 and _: node scripts/prisma-migrate.js add_something');
  process.exit(2);
}
const name = `${new Date().toISOString().replace(/\D/g, '').slice(0, 14)}_${title}`;

{
  const folder = new URL('migrations/', ROOT);
  const scratch = await mkdtemp(join(tmpdir(), 'latchkey-migrate-'));
  const factory = sqliteFactory(`file:${join(scratch, 'scratch.db')}`);
  const database = await factory.connect();
  for (const sql of await existing(folder)) await database.executeScript(sql);
  const schema = await readFile(new URL('schema.prisma', ROOT), 'utf8');
  await write(folder, name, 'sqlite', await diff({ factory, schema, fromDatabase: true }));
  await database.dispose();
  await rm(scratch, { recursive: true, force: true });
}

const url = process.env.DATABASE_URL ?? '';
if (!/^postgres(ql)?:/.test(url)) {
  console.error('postgresql: left out. Set DATABASE_URL to an empty scratch Postgres database and run again.');
  process.exitCode = 1;
} else {
  const folder = new URL('postgres/migrations/', ROOT);
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  for (const sql of await existing(folder)) await client.query(sql);
  await client.end();
  const schema = await readFile(new URL('postgres/schema.prisma', ROOT), 'utf8');
  const factory = postgresFactory(url);
  await write(folder, name, 'postgresql', await diff({ factory, schema, fromDatabase: true }));
}
