import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Worker } from 'node:worker_threads';
import type { Client } from '@libsql/client';
import { meaningOf } from '../../src/store/errors.ts';
import { LATER, SqliteThread, startThread } from '../../src/store/sqlite-client.ts';

const CHILD = new URL('../support/exiting-child.js', import.meta.url).pathname;

describe('SQLite in a thread of its own', () => {
  let folder: string;
  let thread: SqliteThread;
  let worker: Worker;
  const config = (name: string) => ({ url: pathToFileURL(join(folder, name)).href, concurrency: 1, timeout: 0 });

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'latchkey-'));
    worker = startThread();
    thread = new SqliteThread(worker);
  });
  afterEach(async () => {
    await thread.stop();
    rmSync(folder, { recursive: true });
  });

  it('answers with the rows as lists, whole numbers beyond 2^53 excepted, which are an error and not rounded', async () => {
    const client = await thread.connect(config('one.db'));
    const { columns, rows } = await client.execute(`SELECT 1 AS a, 'x' AS b, NULL AS c, 2 AS a`);
    expect({ columns, rows }).toEqual({ columns: ['a', 'b', 'c', 'a'], rows: [[1, 'x', null, 2]] });
    await expect(client.execute('SELECT 9007199254740993')).rejects.toThrow('cannot be safely represented');
  });

  it('says what failed with the codes by which the store knows it', async () => {
    const [one, other] = [await thread.connect(config('one.db')), await thread.connect(config('one.db'))];
    await one.executeMultiple(
      'PRAGMA journal_mode = WAL; CREATE TABLE t (id TEXT PRIMARY KEY); INSERT INTO t VALUES (1)',
    );
    const twice = await one.execute('INSERT INTO t VALUES (1)').catch((error: unknown) => error);
    expect(meaningOf(twice, 'sqlite')).toBe('stale');
    const transaction = await one.transaction('deferred');
    await transaction.execute('INSERT INTO t VALUES (2)');
    const locked = await other.execute('INSERT INTO t VALUES (3)').catch((error: unknown) => error);
    expect(meaningOf(locked, 'sqlite')).toBe('locked');
    await transaction.rollback();
    expect((await other.execute('SELECT id FROM t')).rows).toEqual([['1']]);
  });

  it('refuses what is asked of a transaction that has ended, and lets it be closed again', async () => {
    const client = await thread.connect(config('one.db'));
    const transaction = await client.transaction('deferred');
    await transaction.commit();
    await expect(transaction.execute('SELECT 1')).rejects.toMatchObject({ code: 'CLIENT_CLOSED' });
    transaction.close();
    expect((await client.execute('SELECT 1')).rows).toEqual([[1]]);
  });

  describe('a statement that comes later', () => {
    const TABLE = 'PRAGMA journal_mode = WAL; CREATE TABLE t (id TEXT PRIMARY KEY)';
    const count = async (client: Client) => (await client.execute('SELECT count(*) FROM t')).rows[0]?.[0];
    let client: Client;
    beforeEach(async () => {
      client = await thread.connect(config('later.db'), 'UPDATE t SET id = id WHERE false');
      await client.executeMultiple(TABLE);
    });

    it('is done before what comes after it, in order', async () => {
      const transaction = await client.transaction('deferred');
      await transaction.execute(`${LATER}INSERT INTO t VALUES ('a')`);
      await transaction.execute({ sql: `${LATER}UPDATE t SET id = ? WHERE id = 'a'`, args: ['b'] });
      expect((await transaction.execute('SELECT id FROM t')).rows).toEqual([['b']]);
      await transaction.execute(`${LATER}INSERT INTO t VALUES ('c')`);
      await transaction.commit();
      expect((await client.execute('SELECT id FROM t ORDER BY id')).rows).toEqual([['b'], ['c']]);
    });

    it('fails with what comes after it, by the code that the store knows', async () => {
      const transaction = await client.transaction('deferred');
      await transaction.execute(`${LATER}INSERT INTO t VALUES ('a'), ('a')`);
      const failed = await transaction.execute('SELECT id FROM t').catch((error: unknown) => error);
      expect(meaningOf(failed, 'sqlite')).toBe('stale');
      await transaction.rollback();
      expect(await count(client)).toBe(0);
    });

    it('undoes everything when it fails at the commit, and keeps no lock', async () => {
      const transaction = await client.transaction('deferred');
      await transaction.execute(`INSERT INTO t VALUES ('first')`);
      await transaction.execute(`${LATER}INSERT INTO t VALUES ('a'), ('a')`);
      const failed = await transaction.commit().catch((error: unknown) => error);
      expect(meaningOf(failed, 'sqlite')).toBe('stale');
      await transaction.rollback().catch(() => {}); // As Prisma does.
      transaction.close();
      expect(await count(client)).toBe(0);
      const other = await thread.connect(config('later.db'));
      await other.execute(`INSERT INTO t VALUES ('b')`);
      expect(await count(client)).toBe(1);
    });

    it('is never done when the transaction is undone', async () => {
      for (const end of ['rollback', 'close'] as const) {
        const transaction = await client.transaction('deferred');
        await transaction.execute(`${LATER}INSERT INTO t VALUES ('a')`);
        await transaction[end]();
        expect(await count(client)).toBe(0);
      }
    });
  });

  it('cannot open a file in a folder that is not there', async () => {
    await expect(thread.connect(config('no/such/folder.db'))).rejects.toThrow('Unable to open connection');
  });

  it('leaves nobody waiting when the thread ends by itself: the database cannot be reached', async () => {
    const client = await thread.connect(config('one.db'));
    // NB. not `terminate()`: libsql does not survive being ended in the middle of a call, and takes the process with it.
    worker.postMessage({ id: 0, do: 'stop' });
    const asked = [1, 2].map((number) => client.execute(`SELECT ${number}`).catch((error: unknown) => error));
    for (const answer of await Promise.all(asked)) expect(meaningOf(answer, 'sqlite')).toBe('gone');
    const later = await client.execute('SELECT 1').catch((error: unknown) => error);
    expect(meaningOf(later, 'sqlite')).toBe('gone');
  });

  it.each([
    ['exit', 3, /^$/],
    ['throw', 1, /^Error: a bug$/m],
  ])(
    'lets a process end in the middle of a call (%s), with its own exit code and no trace of the inside',
    async (how, code, said) => {
      const path = join(folder, 'ending.db');
      const child = fork(CHILD, [pathToFileURL(path).href, how], { silent: true });
      let err = '';
      child.stderr?.on('data', (chunk: Buffer) => {
        err += chunk.toString();
      });
      expect(await once(child, 'close')).toEqual([code, null]);
      expect(err).toMatch(said);
      expect(err).not.toMatch(/assertion|PendingException|panicked|RUST_BACKTRACE/);
      const client = await thread.connect(config('ending.db'));
      expect((await client.execute('SELECT id FROM t ORDER BY id')).rows[0]).toEqual([1]);
    },
  );

  it('may be stopped twice', async () => {
    await thread.connect(config('one.db'));
    await thread.stop();
    await expect(thread.stop()).resolves.toBeUndefined();
  });
});
