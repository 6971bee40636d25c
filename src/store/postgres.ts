import { PrismaPg } from '@prisma/adapter-pg';
import pg from 'pg';
import { StoreUnavailable } from '../app/ports/store.ts';
import type { Database, TransactOptions } from './database.ts';
import { meaningOf } from './errors.ts';
import { PrismaClient } from './generated/postgres/client.ts';
import { type Connection, type Dialect, Sql } from './sql.ts';
import { UnreadableRows } from './unreadable.ts';

const DIALECT: Dialect = {
  provider: 'postgres',
  // One commits while the next one fills: with more, each is smaller, and they queue at the audit chain's head all the same.
  concurrency: 2,
  lock: 'FOR NO KEY UPDATE',
  lockFree: 'FOR NO KEY UPDATE SKIP LOCKED',
  byBytes: ' COLLATE "C"',
  transactionId: 'pg_current_xact_id()::text',
  later: '',
};

/** Well over the group transactions, so that reads for people do not wait for them. */
const CONNECTIONS = 8;

/** How long the fate of a commit is asked for after the connection broke in it. */
const FATE_TIMEOUT_MS = 5_000;

/**
 * The settings of every connection. NB. Prisma binds moments as text without a zone, so the session's zone must be UTC;
 * a process that hangs in a transaction must not keep its locks; a lock that never comes must not keep a caller. The
 * isolation is set here and not for each transaction, which would be one more round trip in each.
 */
const SETTINGS = `SET TIME ZONE 'UTC'; SET idle_in_transaction_session_timeout = '60s'; SET lock_timeout = '10s';
  SET default_transaction_isolation = 'read committed'`;

export function poolConfig(url: string): pg.PoolConfig {
  return {
    connectionString: url,
    max: CONNECTIONS,
    connectionTimeoutMillis: 5_000,
    query_timeout: 60_000,
    keepAlive: true,
    application_name: 'latchkey',
  };
}

export function openPostgres(url: string): Database {
  const pool = new pg.Pool({
    ...poolConfig(url),
    // Awaited before a connection is handed out.
    onConnect: async (client: pg.ClientBase) => {
      await client.query(SETTINGS);
    },
  } as pg.PoolConfig);
  pool.on('error', () => {}); // An idle connection broke: the pool drops it, the next query opens another.
  // The generated clients of the two databases have the same shape but are different types.
  const client = new PrismaClient({
    adapter: new PrismaPg(pool),
    errorFormat: 'minimal',
    log: [],
  });
  const unreadable = new UnreadableRows();
  const outside = new Sql(client as unknown as Connection, DIALECT, unreadable);

  /** Whether a transaction was committed whose connection broke at its commit. */
  const fate = async (number: string): Promise<'committed' | 'aborted' | 'unknown'> => {
    const giveUp = Date.now() + FATE_TIMEOUT_MS;
    while (Date.now() < giveUp) {
      try {
        const [row] = await outside.query<{ status: string | null }>(
          'SELECT pg_xact_status(?::xid8) AS "status"',
          number,
        );
        if (row?.status === 'committed' || row?.status === 'aborted') return row.status;
      } catch (error) {
        if (meaningOf(error, 'postgres') !== 'gone') throw error;
      }
      await new Promise((done) => setTimeout(done, 50));
    }
    return 'unknown';
  };

  return {
    dialect: DIALECT,
    unreadable,
    read: (work) => work(outside),
    async transact({ body, number }: TransactOptions) {
      let done = false;
      try {
        await client.$transaction(
          async (connection) => {
            await body(new Sql(connection as unknown as Connection, DIALECT, unreadable));
            done = true;
          },
          { maxWait: 10_000, timeout: 60_000 },
        );
      } catch (error) {
        const transaction = number();
        if (!done || transaction === undefined || meaningOf(error, 'postgres') !== 'gone') throw error;
        // NB. the answer to COMMIT was lost, not necessarily the commit: to run the units again could do them twice.
        const status = await fate(transaction);
        if (status === 'committed') return;
        if (status === 'aborted') throw error;
        throw new StoreUnavailable(
          'gone',
          'The database went away during a commit, and has not said whether it happened.',
        );
      }
    },
    async close() {
      await client.$disconnect();
      await pool.end();
    },
  };
}
