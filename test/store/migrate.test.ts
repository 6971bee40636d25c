import { fork } from 'node:child_process';
import { once } from 'node:events';
import { statSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { link } from '../../src/audit/chain.ts';
import { migrationsFor, pendingMigrations } from '../../src/store/migrate.ts';
import { createStore } from '../../src/store/store.ts';
import { type DatabaseKind, postgres, sqlite, type TestDatabase } from '../support/databases.ts';

describe.each([sqlite(), postgres()])('migration at start on $name', (kind: DatabaseKind) => {
  const provider = kind.name === 'SQLite' ? 'sqlite' : 'postgres';
  let database: TestDatabase;

  beforeAll(() => kind.start());
  afterAll(() => kind.stop());
  beforeEach(async () => {
    database = await kind.database();
  });
  afterEach(() => database.close());

  const history = () =>
    database.sql('SELECT "migration_name", "checksum", "applied_steps_count" FROM "_prisma_migrations" ORDER BY 1');

  const expected = migrationsFor(provider).map(({ name, checksum }) => ({
    migration_name: name,
    checksum,
    applied_steps_count: 1,
  }));

  it('applies every migration once, in the words of `prisma migrate`, and tells the log', async () => {
    const told: object[] = [];
    const log = { info: (fields: object) => void told.push(fields) };
    for (let start = 0; start < 3; start++) await (await createStore({ url: database.url, link, log })).close();
    expect(await history()).toEqual(expected);
    expect(told).toEqual(expected.map(({ migration_name }) => ({ migration: migration_name })));
  });

  it('is safe when five replicas start at once', async () => {
    const stores = await Promise.all(Array.from({ length: 5 }, () => database.open()));
    for (const store of stores) await store.ping();
    expect(await history()).toEqual(expected);
  });

  it('is safe when three processes start at once', async () => {
    const child = new URL('../support/store-child.js', import.meta.url).pathname;
    const processes = Array.from({ length: 3 }, () => fork(child, [database.url], { execArgv: [] }));
    const codes = await Promise.all(processes.map(async (process) => (await once(process, 'exit'))[0]));
    expect(codes).toEqual([0, 0, 0]);
    expect(await history()).toEqual(expected);
  });

  const refusal = async (change: string, code: string, words: RegExp) => {
    await (await createStore({ url: database.url, link })).close();
    await database.sql(change);
    const starting = createStore({ url: database.url, link });
    await expect(starting).rejects.toMatchObject({ name: 'MigrationRefused', code });
    await expect(starting).rejects.toThrow(words);
  };

  it('refuses a database that a newer release migrated', () =>
    refusal(
      `INSERT INTO "_prisma_migrations" ("id", "checksum", "migration_name", "finished_at", "applied_steps_count")
       VALUES ('x', 'y', '29990101000000_future', '2999-01-01', 1)`,
      'unknown-migration',
      /29990101000000_future.*newer release/,
    ));

  it('refuses a migration whose file is not the one that was applied', () =>
    refusal(`UPDATE "_prisma_migrations" SET "checksum" = 'abc'`, 'changed-migration', /checksum is abc/));

  it('refuses a migration that was begun and not finished', () =>
    refusal(
      'UPDATE "_prisma_migrations" SET "finished_at" = NULL',
      'half-applied-migration',
      /begun and not finished/,
    ));
});

describe('the history of migrations', () => {
  const [a, b] = ['20260101000000_a', '20260102000000_b'].map((name) => ({ name, sql: '', checksum: name }));
  const row = (name: string, rolledBack: string | null = null) => ({
    migration_name: name,
    checksum: name,
    finished_at: '2026',
    rolled_back_at: rolledBack,
  });

  it('leaves what is not applied, in order', () => {
    if (!a || !b) throw new Error('no samples');
    expect(pendingMigrations([a, b], [])).toEqual([a, b]);
    expect(pendingMigrations([a, b], [row(a.name)])).toEqual([b]);
    expect(pendingMigrations([a, b], [row(a.name), row(b.name, '2026')])).toEqual([b]);
    expect(pendingMigrations([a, b], [row(a.name), row(b.name)])).toEqual([]);
  });

  it('may not have a hole', () => {
    if (!a || !b) throw new Error('no samples');
    expect(() => pendingMigrations([a, b], [row(b.name)])).toThrow(/not the older 20260101000000_a/);
  });
});

describe('the SQLite file', () => {
  it('and its folder are made for the owner alone', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'latchkey-file-'));
    const path = join(folder, 'deep', 'data', 'latch key #1?.db');
    const store = await createStore({ url: `file:${encodeURI(path).replace('#', '%23').replace('?', '%3F')}`, link });
    await store.ping();
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(statSync(`${path}-wal`).mode & 0o777).toBe(0o600);
    expect(statSync(join(folder, 'deep', 'data')).mode & 0o777).toBe(0o700);
    await store.close();
    expect((await readFile(path)).subarray(0, 15).toString()).toBe('SQLite format 3');
    await rm(folder, { recursive: true });
  });

  it('needs an address that says what it is', async () => {
    await expect(createStore({ url: 'mysql://root@localhost/x', link })).rejects.toThrow('must begin with file:');
  });
});
