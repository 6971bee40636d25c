import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient } from '@libsql/client';
import pg from 'pg';
import type { Store } from '../../src/app/ports/store.ts';
import { link } from '../../src/audit/chain.ts';
import { createStore } from '../../src/store/store.ts';
import { startPostgres } from './postgres.ts';

/** One empty database and a way to it that goes around the store. */
export interface TestDatabase {
  url: string;
  /** Opens a store on it; each is what one process would have. Closed with the database. */
  open(): Promise<Store>;
  /** Runs SQL on a connection of its own. `$1`, `$2`, … are values. */
  sql<Row = Record<string, unknown>>(text: string, values?: readonly (string | number)[]): Promise<Row[]>;
  /** Closes the stores and removes the database. */
  close(): Promise<void>;
}

/** A kind of database that a suite runs on. */
export interface DatabaseKind {
  name: 'SQLite' | 'Postgres';
  /** Call in beforeAll. */
  start(): Promise<void>;
  /** An empty database. */
  database(): Promise<TestDatabase>;
  /** Call in afterAll. */
  stop(): Promise<void>;
}

/** Empty databases of a kind for the tests of a suite, all of which are closed at its end and not before. */
export function databasesOf(kind: DatabaseKind): () => Promise<TestDatabase> {
  const opened: TestDatabase[] = [];
  beforeAll(() => kind.start());
  afterAll(async () => {
    for (const database of opened) await database.close();
    await kind.stop();
  });
  return async () => {
    const database = await kind.database();
    opened.push(database);
    return database;
  };
}

const openers = (url: string) => {
  const stores: Store[] = [];
  return {
    async open() {
      const store = await createStore({ url, link });
      stores.push(store);
      return store;
    },
    async closeAll() {
      await Promise.all(stores.map((store) => store.close()));
    },
  };
};

export function sqlite(): DatabaseKind {
  let folder: string;
  let count = 0;
  return {
    name: 'SQLite',
    async start() {
      folder = await mkdtemp(join(tmpdir(), 'latchkey-sqlite-'));
    },
    async database() {
      const url = `file:${join(folder, `store-${++count}.db`)}`;
      const { open, closeAll } = openers(url);
      return {
        url,
        open,
        async sql(text, values = []) {
          const client = createClient({ url, timeout: 30_000 });
          try {
            const result = await client.execute({ sql: text.replace(/\$(\d+)/g, '?$1'), args: [...values] });
            return result.rows as never;
          } finally {
            client.close();
          }
        },
        close: closeAll,
      };
    },
    async stop() {
      await rm(folder, { recursive: true, force: true });
    },
  };
}

export function postgres(flags: readonly string[] = []): DatabaseKind {
  let server: Awaited<ReturnType<typeof startPostgres>>;
  let count = 0;
  return {
    name: 'Postgres',
    async start() {
      server = await startPostgres(flags);
    },
    async database() {
      const url = await server.createDatabase(`store_${++count}`);
      const { open, closeAll } = openers(url);
      return {
        url,
        open,
        async sql(text, values = []) {
          const client = new pg.Client({ connectionString: url });
          await client.connect();
          try {
            return (await client.query(text, [...values])).rows;
          } finally {
            await client.end();
          }
        },
        close: closeAll,
      };
    },
    async stop() {
      await server.stop();
    },
  };
}
