import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { diff, postgresFactory, sqliteFactory } from '../../scripts/prisma-engine.js';
import { postgresSchema } from '../../scripts/prisma-schema.js';
import { GENESIS_HASH } from '../../src/audit/chain.ts';
import { EMPTY } from '../../src/store/audit-log.ts';
import { migratePostgres } from '../../src/store/migrate-postgres.ts';
import { migrateSqlite } from '../../src/store/migrate-sqlite.ts';
import { startPostgres } from '../support/postgres.ts';

const read = (path: string) => readFile(new URL(`../../${path}`, import.meta.url), 'utf8');
const NOTHING_TO_DO = /^\s*(-- This is an empty migration\.)?\s*$/;

/** The names of triggers and partial indexes that a migration makes by hand. */
const byHand = (sql: string, pattern: RegExp) => [...sql.matchAll(pattern)].map((match) => match[1]).sort();

describe('the data model', () => {
  it('is the same for both databases: prisma/postgres/schema.prisma is current', async () => {
    expect(await read('prisma/postgres/schema.prisma')).toBe(postgresSchema(await read('prisma/schema.prisma')));
  });

  it('has a check of that for the command line', async () => {
    const script = new URL('../../scripts/prisma-schema.js', import.meta.url).pathname;
    await promisify(execFile)(process.execPath, [script, '--check']);
  });

  it('has the same migrations by name in both databases, with the same indexes by hand', async () => {
    const names = async (folder: string) =>
      (await readdir(new URL(`../../${folder}/`, import.meta.url))).filter((name) => /^\d/.test(name)).sort();
    const sqlite = await names('prisma/migrations');
    expect(await names('prisma/postgres/migrations')).toEqual(sqlite);
    for (const name of sqlite) {
      const indexes = /CREATE (?:UNIQUE )?INDEX "(\w+)"/g;
      expect(byHand(await read(`prisma/postgres/migrations/${name}/migration.sql`), indexes)).toEqual(
        byHand(await read(`prisma/migrations/${name}/migration.sql`), indexes),
      );
    }
  });

  it('is what the migrations make of an empty SQLite file', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'latchkey-schema-'));
    const path = join(folder, 'schema.db');
    await migrateSqlite(path);
    const schema = await read('prisma/schema.prisma');
    const factory = sqliteFactory(`file:${path}`);
    expect(await diff({ factory, schema, fromDatabase: true })).toMatch(NOTHING_TO_DO);
    // And the comparison sees a difference when there is one.
    const changed = schema.replace('savedAt   DateTime', 'savedAt   DateTime\n  extra String?');
    expect(await diff({ factory, schema: changed, fromDatabase: true })).toContain('ADD COLUMN "extra"');
    await rm(folder, { recursive: true });
  });

  it('is what the migrations make of an empty Postgres database', async () => {
    const server = await startPostgres();
    try {
      const url = await server.createDatabase('schema');
      await migratePostgres(url);
      const schema = await read('prisma/postgres/schema.prisma');
      const comparison = await diff({ factory: postgresFactory(url), schema, fromDatabase: true });
      expect(comparison).toMatch(NOTHING_TO_DO);
      const changed = schema.replace(/savedAt {3}DateTime/, 'extra String?\n  savedAt DateTime');
      expect(await diff({ factory: postgresFactory(url), schema: changed, fromDatabase: true })).toContain('"extra"');
    } finally {
      await server.stop();
    }
  });

  it('begins its audit chains where the audit code does', () => {
    expect(EMPTY).toEqual({ seq: 0, hash: GENESIS_HASH });
  });
});
