import { fork } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync } from 'node:fs';
import { mkdtemp, rename, rm } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient } from '@libsql/client';
import pg from 'pg';
import type { Store } from '../../src/app/ports/store.ts';
import { StoreUnavailable } from '../../src/app/ports/store.ts';
import { link } from '../../src/audit/chain.ts';
import { forCallers, meaningOf, withoutPasswords } from '../../src/store/errors.ts';
import { openSqlite } from '../../src/store/sqlite.ts';
import { createStore, storeOn } from '../../src/store/store.ts';
import { type DatabaseKind, postgres, sqlite, type TestDatabase } from '../support/databases.ts';
import { type PostgresServer, startPostgres } from '../support/postgres.ts';
import { aRefresh, aRequest, NOON, opened, WORKSPACE } from '../support/samples.ts';

const CHILD = new URL('../support/store-child.js', import.meta.url).pathname;

const writeOne = (store: Store, reason = 'r') =>
  store.transaction(async (tx) => {
    const request = aRequest({ access: `access-${Math.random()}`, reason });
    await tx.write(WORKSPACE, NOON, {
      requests: [request],
      events: [opened(request)],
      effects: [aRefresh(request.id)],
    });
    return request.id;
  });

/** Runs the work and returns what it failed with. */
async function failure(work: Promise<unknown>): Promise<StoreUnavailable> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(StoreUnavailable);
  return error as StoreUnavailable;
}

describe.each([sqlite(), postgres()])('the store on $name, when its process is killed', (kind: DatabaseKind) => {
  let database: TestDatabase;
  beforeAll(async () => {
    await kind.start();
    database = await kind.database();
  });
  afterAll(async () => {
    await database.close();
    await kind.stop();
  });

  it('in the middle of a transaction leaves nothing of it and no lock behind', async () => {
    const store = await database.open();
    const child = fork(CHILD, [database.url, 'hang'], { execArgv: [] });
    await once(child, 'message');
    child.kill('SIGKILL');
    await once(child, 'exit');
    const id = await writeOne(store);
    expect(await store.request('req_of_the_dead')).toBeUndefined();
    expect(await store.request(id)).toBeDefined();
    expect(await store.auditHead(WORKSPACE)).toMatchObject({ seq: 1 });
  });
});

describe('the store on SQLite', () => {
  let folder: string;
  let path: string;
  let store: Store;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'latchkey-unavailable-'));
    path = join(folder, 'store.db');
    store = await createStore({ url: `file:${path}`, link });
    await writeOne(store);
  });
  afterEach(async () => {
    await store.close();
    await rm(folder, { recursive: true, force: true });
  });

  it('waits for another process without stopping its own, then says locked, and works again afterwards', async () => {
    const other = createClient({ url: `file:${path}`, timeout: 30_000 });
    const lock = await other.transaction('write');
    let ticks = 0;
    const timer = setInterval(() => ticks++, 20);
    const started = performance.now();
    const error = await failure(writeOne(store));
    clearInterval(timer);
    expect(error.code).toBe('locked');
    expect(performance.now() - started).toBeGreaterThan(4_000);
    expect(ticks).toBeGreaterThan(10); // The event loop ran on.
    expect(await store.countOpenGrants(WORKSPACE)).toBe(0); // Reads do not wait for writers.
    await lock.rollback();
    other.close();
    await writeOne(store);
    expect(await store.auditHead(WORKSPACE)).toMatchObject({ seq: 2 });
  });

  it('takes its turn when the other process lets go in time', async () => {
    const other = createClient({ url: `file:${path}`, timeout: 30_000 });
    const lock = await other.transaction('write');
    const writing = writeOne(store);
    await store.countOpenGrants(WORKSPACE);
    await lock.rollback();
    other.close();
    await writing;
    expect(await store.auditHead(WORKSPACE)).toMatchObject({ seq: 2 });
  });

  it('says gone when the file is deleted or moved, writes nothing into the void, and works when it is back', async () => {
    await rename(path, `${path}.away`);
    expect((await failure(writeOne(store))).code).toBe('gone');
    expect((await failure(store.ping())).code).toBe('gone');
    expect((await failure(store.countOpenGrants(WORKSPACE))).code).toBe('gone');
    await rename(`${path}.away`, path);
    await writeOne(store);
    expect(await store.auditHead(WORKSPACE)).toMatchObject({ seq: 2 });
  });

  /** A store whose writing connection the test can set. */
  const adjustable = () => {
    const database = openSqlite(`file:${path}`);
    const set = (pragma: string) =>
      database.transact({ number: () => undefined, body: async (sql) => void (await sql.query(`PRAGMA ${pragma}`)) });
    return { set, adjusted: storeOn(database, link) };
  };

  it('says full when the file may not grow, writes nothing, and works again when there is room', async () => {
    const { set, adjusted } = adjustable();
    await set('max_page_count = 1'); // That is: no more than there are.
    const big = 'x'.repeat(100_000);
    const answers = await Promise.allSettled([
      writeOne(adjusted, big),
      writeOne(adjusted, big),
      writeOne(adjusted, big),
    ]);
    for (const answer of answers) expect(answer).toMatchObject({ reason: { name: 'StoreUnavailable', code: 'full' } });
    expect(await adjusted.auditHead(WORKSPACE)).toMatchObject({ seq: 1 });
    await set('max_page_count = 1000000');
    await writeOne(adjusted, big);
    expect(await adjusted.auditHead(WORKSPACE)).toMatchObject({ seq: 2 });
    await adjusted.close();
  });

  it('says read-only when it cannot write, still reads, and works again afterwards', async () => {
    const { set, adjusted } = adjustable();
    await set('query_only = ON');
    expect((await failure(writeOne(adjusted))).code).toBe('read-only');
    expect((await failure(adjusted.ping())).code).toBe('read-only');
    expect(await adjusted.workspaces()).toEqual([WORKSPACE]);
    // The lock itself is a write, so the way back is not through a transaction of the store.
    await adjusted.close();
    await writeOne(store);
  });

  it('says gone at start when the file is something else', async () => {
    expect((await failure(createStore({ url: `file:${folder}`, link }))).code).toBe('gone');
  });

  it('says read-only at start when the folder cannot be written', async () => {
    if (process.getuid?.() === 0) return; // Root writes everywhere.
    chmodSync(folder, 0o500);
    const error = await failure(createStore({ url: `file:${join(folder, 'new.db')}`, link }));
    chmodSync(folder, 0o700);
    expect(error.code).toBe('read-only');
  });
});

describe('the store on Postgres', () => {
  let server: PostgresServer;
  let store: Store;
  let url: string;
  let count = 0;

  const admin = async (text: string) => {
    const client = new pg.Client({ connectionString: server.url });
    await client.connect();
    try {
      return await client.query(text);
    } finally {
      await client.end();
    }
  };

  beforeAll(async () => {
    server = await startPostgres();
  });
  afterAll(() => server.stop());
  beforeEach(async () => {
    url = await server.createDatabase(`unavailable_${++count}`);
    store = await createStore({ url, link });
    await writeOne(store);
  });
  afterEach(() => store.close());

  /** Resolves when they have ended, and not when they were told to. */
  const killConnections = () =>
    admin(`SELECT pg_terminate_backend(pid, 60000) FROM pg_stat_activity
      WHERE datname = 'unavailable_${count}' AND pid <> pg_backend_pid()`);

  it('says gone when its connection ends in a transaction, leaves nothing of it, and works again', async () => {
    const request = aRequest({ access: 'interrupted' });
    const interrupted = store.transaction(async (tx) => {
      await tx.write(WORKSPACE, NOON, { requests: [request], events: [opened(request)], effects: [] });
      await killConnections();
    });
    const error = await failure(interrupted);
    expect(error.code).toBe('gone');
    expect(`${error.message} ${error.cause}`).not.toContain(new URL(url).password);
    await writeOne(store);
    expect(await store.request(request.id)).toBeUndefined();
    expect(await store.auditHead(WORKSPACE)).toMatchObject({ seq: 2 });
  });

  it('survives the end of idle connections', async () => {
    await Promise.all([store.ping(), store.workspaces(), store.outbox(NOON)]);
    await killConnections();
    // The pool hears of it on its own time: at worst one call fails, as gone.
    await store.ping().catch((error) => expect(error.code).toBe('gone'));
    await writeOne(store);
  });

  it('says read-only in a database that cannot be written, and works again afterwards', async () => {
    await admin(`ALTER DATABASE unavailable_${count} SET default_transaction_read_only = on`);
    await killConnections();
    await store.workspaces().catch(() => {});
    expect((await failure(writeOne(store))).code).toBe('read-only');
    expect((await failure(store.ping())).code).toBe('read-only');
    expect(await store.countOpenGrants(WORKSPACE)).toBe(0);
    await admin(`ALTER DATABASE unavailable_${count} SET default_transaction_read_only = off`);
    await killConnections();
    await store.workspaces().catch(() => {});
    await writeOne(store);
  });

  it('learns whether a commit happened whose answer was lost', async () => {
    // The connection breaks in the commit itself, by a trigger that runs there and nowhere else.
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    await client.query(`CREATE FUNCTION break() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END $$;
      CREATE CONSTRAINT TRIGGER break AFTER INSERT ON "Request" DEFERRABLE INITIALLY DEFERRED
      FOR EACH ROW EXECUTE FUNCTION break()`);
    const error = await failure(writeOne(store));
    expect(error.code).toBe('gone');
    await client.query('DROP TRIGGER break ON "Request"');
    const { rows } = await client.query('SELECT count(*)::int AS count FROM "Request"');
    expect(rows).toEqual([{ count: 1 }]); // Aborted, as it was told.
    await client.end();
    await writeOne(store);
  });

  it('answers as committed when only the answer to the commit was lost', async () => {
    const target = new URL(url);
    let armed = false;
    let cuts = 0;
    const proxy = createServer((client) => {
      const upstream = connect(Number(target.port), target.hostname);
      let committing = false;
      client.on('data', (chunk) => {
        // Not the COMMITTED of an isolation level.
        if (armed && /COMMIT(?!TED)/.test(chunk.toString('latin1'))) committing = true;
        upstream.write(chunk);
      });
      upstream.on('data', (chunk) => {
        if (!committing) return void client.write(chunk);
        // The server has answered, so the commit is done; the client never hears it.
        armed = false;
        cuts++;
        client.destroy();
        upstream.destroy();
      });
      for (const [one, two] of [
        [client, upstream],
        [upstream, client],
      ] as const) {
        one.on('error', () => {});
        one.on('close', () => two.destroy());
      }
    }).listen(0, '127.0.0.1');
    await once(proxy, 'listening');
    const through = new URL(url);
    through.port = String((proxy.address() as { port: number }).port);
    const proxied = await createStore({ url: through.href, link });
    const told: number[] = [];
    proxied.onCommitted((committed) => told.push(committed.length));
    armed = true;
    const id = await writeOne(proxied).finally(() => proxy.close());
    expect(cuts).toBe(1);
    expect(told).toEqual([1]);
    expect(await store.request(id)).toBeDefined();
    expect(await store.auditHead(WORKSPACE)).toMatchObject({ seq: 2 }); // Once.
    await proxied.close();
  });

  it('says gone, soon and without the password, when nobody answers at the address', async () => {
    const elsewhere = url.replace(/:\d+\//, ':1/').replace(/:[^:@/]+@/, ':s3cret-w0rd@');
    const error = await failure(createStore({ url: elsewhere, link }));
    expect(error.code).toBe('gone');
    expect(JSON.stringify([error.message, String(error.cause), error.stack])).not.toContain('s3cret-w0rd');
    const wrong = url.replace(/:[^:@/]+@/, ':s3cret-w0rd@');
    const refused = await failure(createStore({ url: wrong, link }));
    expect(refused.code).toBe('gone');
    expect(JSON.stringify([refused.message, String(refused.cause), refused.stack])).not.toContain('s3cret-w0rd');
  });

  it('says gone when the server stops', async () => {
    const own = await startPostgres();
    const lonely = await createStore({ url: own.url, link });
    await own.stop();
    expect((await failure(writeOne(lonely))).code).toBe('gone');
    expect((await failure(lonely.ping())).code).toBe('gone');
    await lonely.close();
  });
});

describe('what a database error means', () => {
  const raw = (originalCode: string, kind: string) => ({
    code: 'P2010',
    meta: { driverAdapterError: { name: 'DriverAdapterError', cause: { originalCode, kind } } },
  });

  it.each([
    ['sqlite', raw('13', 'sqlite'), 'full'],
    ['sqlite', raw('8', 'sqlite'), 'read-only'],
    ['sqlite', raw('1544', 'sqlite'), 'read-only'], // SQLITE_READONLY_DBMOVED's family, by its low byte
    ['sqlite', raw('5', 'SocketTimeout'), 'locked'],
    ['sqlite', raw('517', 'SocketTimeout'), 'locked'], // SQLITE_BUSY_SNAPSHOT
    ['sqlite', raw('778', 'sqlite'), 'gone'], // SQLITE_IOERR_WRITE
    ['sqlite', raw('2067', 'UniqueConstraintViolation'), 'stale'],
    ['postgres', raw('53100', 'postgres'), 'full'],
    ['postgres', raw('25006', 'postgres'), 'read-only'],
    ['postgres', raw('55P03', 'postgres'), 'locked'],
    ['postgres', raw('57P01', 'postgres'), 'gone'],
    ['postgres', raw('08006', 'postgres'), 'gone'],
    ['postgres', raw('40P01', 'TransactionWriteConflict'), 'stale'],
    ['postgres', raw('23505', 'UniqueConstraintViolation'), 'stale'],
    ['postgres', new Error('Connection terminated unexpectedly'), 'gone'],
    ['postgres', raw('P0001', 'postgres'), undefined],
    ['sqlite', raw('1811', 'sqlite'), undefined], // a trigger's RAISE
    ['sqlite', new RangeError('mine'), undefined],
  ] as const)('on %s, %j is %s', (provider, error, meaning) => {
    expect(meaningOf(error, provider)).toBe(meaning);
  });

  it('never shows a password', () => {
    expect(withoutPasswords('at postgresql://latchkey:s3cret@db:5432/x and file:./x')).toBe(
      'at postgresql://latchkey:***@db:5432/x and file:./x',
    );
    const error = forCallers(
      Object.assign(new Error('no route to postgresql://u:s3cret@h/d'), { code: 'ECONNREFUSED' }),
      'postgres',
    );
    expect(String((error as Error).cause)).not.toContain('s3cret');
  });
});
