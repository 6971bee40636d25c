import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { createClient } from '@libsql/client';
import pg from 'pg';
import { link } from '../../src/audit/chain.ts';
import { createStore } from '../../src/store/store.ts';
import { startPostgres } from '../support/postgres.ts';
import { latchkey } from '../support/product.ts';
import { AuditedDatabase, expectSentence, on } from './support/audited-database.ts';

let database: AuditedDatabase;
beforeAll(async () => {
  database = await AuditedDatabase.make();
});
afterAll(() => database.remove());

const QUESTIONS = [['verify'], ['list']];
const cannot = (path: string, why: string): RegExp =>
  new RegExp(`^latchkey audit: the database file:${path} cannot be used\\. ${why}`);

async function sql(path: string, ...statements: string[]): Promise<void> {
  const client = createClient({ url: `file:${path}`, timeout: 30_000 });
  for (const statement of statements) await client.execute(statement);
  client.close();
}

describe.each(QUESTIONS)('latchkey audit %s', (question) => {
  it('says that the file is not there, and makes none', async () => {
    const folder = join(database.folder, 'nowhere');
    const path = join(folder, 'latchkey.db');
    const asked = await latchkey(['audit', question], { DATABASE_URL: `file:${path}` });
    expectSentence(asked, { code: 2, err: cannot(path, `There is no file ${path}\\. .*DATABASE_URL`) });
    expect(existsSync(folder)).toBe(false);
  });

  it('says that there is a folder, or a file where a folder should be', async () => {
    const folder = join(database.folder, `folder-${question}`);
    await mkdir(folder);
    expectSentence(await on(folder, 'audit', question), { code: 2, err: cannot(folder, 'There is no file') });
    expect(await readdir(folder)).toEqual([]);
    const inside = join(await database.copy(), 'latchkey.db');
    expectSentence(await on(inside, 'audit', question), { code: 2, err: cannot(inside, 'There is no file') });
  });

  it('says that the file is no database, and leaves it as it is', async () => {
    const path = join(database.folder, `letter-${question}`);
    await writeFile(path, 'Dear auditor,\n'.repeat(500));
    expectSentence(await latchkey(['audit', question], { DATABASE_URL: `file:${path}` }), {
      code: 2,
      err: cannot(path, '.*file is not a database'),
    });
    expect(await readFile(path, 'utf8')).toBe('Dear auditor,\n'.repeat(500));
  });

  it('says that it is somebody else’s database, or an empty file', async () => {
    const path = join(database.folder, `other-${question}.db`);
    for (const statement of ['PRAGMA user_version = 0', 'CREATE TABLE "Request" ("id" TEXT)']) {
      await sql(path, statement);
      expectSentence(await on(path, 'audit', question), {
        code: 2,
        err: cannot(path, 'It is not a database of Latchkey'),
      });
    }
  });

  it('says that a newer release migrated it', async () => {
    const path = await database.copy();
    await sql(
      path,
      `INSERT INTO "_prisma_migrations" ("id", "checksum", "migration_name", "finished_at", "applied_steps_count")
       VALUES ('x', 'y', '29990101000000_future', '2999-01-01', 1)`,
    );
    expectSentence(await latchkey(['audit', question], { DATABASE_URL: `file:${path}` }), {
      code: 2,
      err: cannot(path, 'The database has the migration 29990101000000_future, .* Run the newer release'),
    });
  });

  it('says that it is of an older release, and does not migrate it', async () => {
    const path = await database.copy();
    await sql(path, 'DELETE FROM "_prisma_migrations"');
    const expected = { code: 2, err: cannot(path, 'It is of an older release, .*it applies \\d{14}_init') };
    expectSentence(await on(path, 'audit', question), expected);
    expectSentence(await on(path, 'audit', question), expected);
  });

  it('says that a Postgres does not answer, and never its password', async () => {
    // A port that was free a moment ago.
    const listener = createServer();
    const port = await new Promise<number>((resolve) => {
      listener.listen(0, '127.0.0.1', () => resolve((listener.address() as { port: number }).port));
    });
    await new Promise((resolve) => listener.close(resolve));
    const url = `postgresql://latchkey:hunter2@127.0.0.1:${port}/latchkey`;
    const asked = await latchkey(['audit', question], { DATABASE_URL: url });
    expectSentence(asked, {
      code: 2,
      err: new RegExp(`^latchkey audit: the database postgresql://127\\.0\\.0\\.1:${port}/latchkey cannot be used\\.`),
    });
    expect(asked.err).not.toContain('hunter2');
  });
});

describe('latchkey audit on Postgres', () => {
  let server: Awaited<ReturnType<typeof startPostgres>>;
  beforeAll(async () => {
    server = await startPostgres();
  });
  afterAll(() => server.stop());

  const execute = async (url: string, text: string) => {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    await client.query(text).finally(() => client.end());
  };

  it('needs no more than the right to read', async () => {
    const url = await server.createDatabase('audited');
    await (await createStore({ url, link })).close();
    await execute(
      url,
      `CREATE ROLE auditor LOGIN PASSWORD 'auditor'; GRANT pg_read_all_data TO auditor; ALTER ROLE auditor SET default_transaction_read_only = on`,
    );
    const reader = new URL(url);
    reader.username = 'auditor';
    reader.password = 'auditor';
    const env = { DATABASE_URL: reader.href };
    expect(await latchkey(['audit', 'verify'], env)).toEqual({ code: 0, out: 'The audit log is empty.\n', err: '' });
    expect(await latchkey(['audit', 'list', '--json'], env)).toEqual({ code: 0, out: '', err: '' });
  });

  it('says that the log’s triggers were switched off', async () => {
    const url = await server.createDatabase('unguarded');
    await (await createStore({ url, link })).close();
    await execute(url, 'ALTER TABLE "AuditEntry" DISABLE TRIGGER ALL');
    const { code, out } = await latchkey(['audit', 'verify'], { DATABASE_URL: url });
    expect(out).toMatch(
      /^BROKEN\. The audit log is not protected: the trigger AuditEntry_no_change is not enabled always/,
    );
    expect(code).toBe(3);
  });

  it('says that the database is empty, or is not there', async () => {
    const url = await server.createDatabase('nothing');
    expectSentence(await latchkey(['audit', 'verify'], { DATABASE_URL: url }), {
      code: 2,
      err: /\/nothing cannot be used\. It is not a database of Latchkey/,
    });
    const missing = new URL(url);
    missing.pathname = '/latchky';
    expectSentence(await latchkey(['audit', 'verify'], { DATABASE_URL: missing.href }), {
      code: 2,
      err: /\/latchky cannot be used\. The database cannot be reached\. \(.*latchky.*\)/,
    });
  });
});
