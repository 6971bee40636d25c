import { closeSync, mkdirSync, openSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { type Client, type Config, createClient } from '@libsql/client';
import { PrismaLibSql } from '@prisma/adapter-libsql';
import { StoreUnavailable } from '../app/ports/store.ts';
import type { Database, TransactOptions } from './database.ts';
import { meaningOf } from './errors.ts';
import { PrismaClient } from './generated/sqlite/client.ts';
import { type Connection, type Dialect, Sql } from './sql.ts';
import { LATER, SqliteThread } from './sqlite-client.ts';
import { UnreadableRows } from './unreadable.ts';

const DIALECT: Dialect = {
  provider: 'sqlite',
  concurrency: 1, // SQLite has one writer.
  lock: '',
  lockFree: '',
  byBytes: '',
  transactionId: 'NULL',
  later: LATER,
};

/**
 * How long libsql itself waits for a lock, in milliseconds. NB. it does so inside a native call that blocks the event
 * loop, and with it every acknowledgement to Slack: the waiting proper is done in `whenFree`, between tries.
 */
const NATIVE_WAIT_MS = 15;

/** How long the store waits for another process to let go of the file before it says `locked`. */
const LOCK_TIMEOUT_MS = 5_000;

/**
 * WAL: readers and the writer do not wait for each other. FULL: a commit is on the disk when it returns, so that a power
 * cut cannot lose a grant that people were told of.
 */
const PRAGMAS = `PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;`;

/** Takes the write lock and changes nothing. */
const LOCK_ROW = 'UPDATE "AuditHead" SET "seq" = "seq" WHERE false';

/** The file of a `file:` address: `file:./data/latchkey.db`, `file:/var/lib/latchkey.db`, `file:///var/lib/latchkey.db`. */
export function sqlitePath(url: string): string {
  const path = url.slice('file:'.length).replace(/[?#].*$/, '');
  return resolve(path.startsWith('//') ? fileURLToPath(`file:${path}`) : decodeURIComponent(path));
}

/** Of libsql's client on one kept connection, so that what PRAGMAs set stays set. */
const fileConfig = (path: string): Config => ({
  url: pathToFileURL(path).href,
  concurrency: 1,
  timeout: NATIVE_WAIT_MS,
});

/** A client in this thread, for what is done before anybody waits. */
export const openFile = (path: string): Client => createClient(fileConfig(path));

/**
 * Prisma's adapter on two connections of one thread: transactions have one, which takes the write lock first; everything
 * else has the other, so that reads for people do not wait for the writer. One Prisma client serves both, as each costs
 * memory.
 */
class Adapter extends PrismaLibSql {
  readonly #config: Config;

  constructor(path: string) {
    const config = fileConfig(path);
    super(config);
    this.#config = config;
  }

  override async connect() {
    const thread = new SqliteThread();
    try {
      const reader = await new OnClient(await thread.connect(this.#config)).connect();
      const writer = await new OnClient(await thread.connect(this.#config, LOCK_ROW)).connect();
      for (const connection of [writer, reader]) await whenFree(() => connection.executeScript(PRAGMAS));
      reader.startTransaction = (level) => writer.startTransaction(level);
      reader.dispose = () => thread.stop();
      return reader;
    } catch (error) {
      await thread.stop();
      throw error;
    }
  }
}

/** Prisma's adapter on a client that is open already. */
class OnClient extends PrismaLibSql {
  readonly #client: Client;

  constructor(client: Client) {
    super({ url: '' });
    this.#client = client;
  }

  override createClient(): Client {
    return this.#client;
  }
}

/** Tries again while another process has the lock. */
export async function whenFree<T>(work: () => Promise<T>): Promise<T> {
  const giveUp = Date.now() + LOCK_TIMEOUT_MS;
  for (let tries = 1; ; tries++) {
    try {
      return await work();
    } catch (error) {
      if (meaningOf(error, 'sqlite') !== 'locked' || Date.now() >= giveUp) throw error;
      await new Promise((done) => setTimeout(done, Math.random() * Math.min(2 ** tries, 40)));
    }
  }
}

/**
 * Makes the file and its folder if they are not there: only the owner reads them, for they say who holds what and why.
 * The files beside it (`-wal`, `-shm`) get the mode of the file.
 */
export function prepareFile(path: string): void {
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    closeSync(openSync(path, 'a+', 0o600));
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code;
    if (code === 'EROFS' || code === 'EACCES' || code === 'EPERM') {
      throw new StoreUnavailable('read-only', `The database file ${path} cannot be written.`, { cause });
    }
    if (code === 'ENOSPC')
      throw new StoreUnavailable('full', `There is no room for the database file ${path}.`, { cause });
    throw new StoreUnavailable('gone', `The database file ${path} cannot be opened.`, { cause });
  }
}

export function openSqlite(url: string): Database {
  const path = sqlitePath(url);
  const born = statSync(path).ino;
  const client = new PrismaClient({ adapter: new Adapter(path), errorFormat: 'minimal' });

  // NB. SQLite goes on writing to a file that was deleted: everything would seem to work, and all of it would be lost.
  const present = (): void => {
    if (statSync(path, { throwIfNoEntry: false })?.ino === born) return;
    throw new StoreUnavailable('gone', `The database file ${path} was deleted or replaced while in use.`);
  };

  const unreadable = new UnreadableRows();

  return {
    dialect: DIALECT,
    unreadable,
    async read(work) {
      present();
      return whenFree(() => work(new Sql(client, DIALECT, unreadable)));
    },
    async transact({ body }: TransactOptions) {
      present();
      let begun = false;
      let failure: { error: unknown } | undefined;
      await whenFree(async () => {
        try {
          await client.$transaction(
            async (connection: Connection) => {
              begun = true;
              await body(new Sql(connection, DIALECT, unreadable));
            },
            { maxWait: 10_000, timeout: 60_000 },
          );
        } catch (error) {
          // Only the wait for the lock is tried again; what fails after it is not this place's to repeat.
          if (!begun) throw error;
          failure = { error };
        }
      });
      if (failure) throw failure.error;
    },
    async close() {
      await client.$disconnect();
    },
  };
}
