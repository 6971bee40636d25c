import pg from 'pg';
import { ProviderError } from '../../app/ports/provider.ts';
import { stopAtDeadline, untilDeadline } from '../deadline.ts';
import { toProviderError } from './errors.ts';

/** Runs one statement inside the call's transaction and gives its rows. Nothing is begun after the deadline. */
export type Run = <Row extends object>(text: string, values?: readonly unknown[]) => Promise<Row[]>;

export interface ServerFacts {
  /** `180004` for 18.4. */
  version: number;
}

const CONNECT_MS = 5_000;
/** A backstop for a process that dies in the middle: the server ends its statement and frees its locks. */
const STATEMENT_MS = 30_000;
const CANCEL_MS = 1_000;

/**
 * The connections to one server: at most a few, opened when needed, closed when idle. Every piece of work is one
 * transaction whose COMMIT is a message of its own, so that work whose connection is cut never lands.
 */
export class Connections {
  readonly #url: string;
  readonly #target: string;
  readonly #open = new Set<pg.PoolClient>();
  #pool: pg.Pool | undefined;
  #closed = false;

  constructor(url: string, target: string) {
    this.#url = url;
    this.#target = target;
  }

  async transaction<T>(signal: AbortSignal, work: (run: Run, server: ServerFacts) => Promise<T>): Promise<T> {
    stopAtDeadline(signal, this.#target);
    const client = await this.#connect(signal);
    client.on('error', ignore); // A cut connection is reported by the statement on it; unheard, the event ends the process.
    let backend: Backend | undefined;
    let busy = false;
    const query = async (text: string, values: readonly unknown[] = []) => {
      stopAtDeadline(signal, this.#target);
      busy = true;
      const result = await client.query(text, [...values]);
      busy = false;
      return result;
    };
    const run = async <Row extends object>(text: string, values?: readonly unknown[]) =>
      (await query(text, values)).rows as Row[];
    const whole = async () => {
      await query(BEGIN);
      backend = (await run<Backend>(PREPARE, [String(STATEMENT_MS)]))[0];
      const result = await work(run, { version: backend?.version ?? 0 });
      await query('COMMIT');
      return result;
    };
    try {
      const result = await untilDeadline(signal, this.#target, whole());
      client.release();
      return result;
    } catch (error) {
      // Cutting the connection rolls the transaction back: even a statement that gets its lock later cannot commit.
      client.release(true);
      if (signal.aborted && busy && backend) await this.#cancel(backend);
      throw toProviderError(error, this.#target, true);
    } finally {
      client.off('error', ignore);
    }
  }

  /** Waits for the work in hand, then closes every connection. */
  async close(): Promise<void> {
    this.#closed = true;
    const pool = this.#pool;
    if (!pool) return;
    this.#pool = undefined;
    const gone = new Promise<void>((resolve) => {
      const check = () => this.#open.size === 0 && resolve();
      pool.on('remove', check);
      check();
    });
    await pool.end(); // Settles when the pool has let go of its connections; they close a moment later.
    await gone;
  }

  async #connect(signal: AbortSignal): Promise<pg.PoolClient> {
    if (this.#closed) throw new ProviderError('retry', 'closed', `${this.#target} is closed: the program is stopping.`);
    try {
      this.#pool ??= this.#newPool();
      const connecting = this.#pool.connect();
      return await untilDeadline(signal, this.#target, connecting).catch((error) => {
        // Too late for this call: whoever comes next may have the connection.
        connecting.then((client) => client.release(), ignore);
        throw error;
      });
    } catch (error) {
      throw toProviderError(error, this.#target, false);
    }
  }

  #newPool(): pg.Pool {
    const pool = new pg.Pool({
      connectionString: this.#url,
      application_name: 'latchkey',
      max: 4,
      connectionTimeoutMillis: CONNECT_MS,
      idleTimeoutMillis: 10_000,
      allowExitOnIdle: true,
      keepAlive: true,
    });
    pool.on('error', ignore); // An idle connection was cut: the pool has dropped it, and the next call opens another.
    pool.on('connect', (client) => this.#open.add(client));
    pool.on('remove', (client) => this.#open.delete(client));
    return pool;
  }

  /**
   * Stops the statement at the server too, over a connection of its own: it holds locks, or is a COMMIT that waits for a
   * standby and would land whenever that comes back. NB. The start time says that the process id still means that backend.
   */
  async #cancel(backend: Backend): Promise<void> {
    const client = new pg.Client({
      connectionString: this.#url,
      application_name: 'latchkey',
      connectionTimeoutMillis: CANCEL_MS,
      query_timeout: CANCEL_MS,
    });
    client.on('error', ignore);
    try {
      await client.connect();
      await client.query(CANCEL, [backend.pid, backend.started]);
    } catch {
      // The connection is cut and STATEMENT_MS ends what is left: this was only the quicker way.
    } finally {
      await client.end().catch(ignore);
    }
  }
}

interface Backend {
  pid: number;
  started: string;
  version: number;
}

/** NB. The search path keeps tables and operators that others made out of the statements here. */
const BEGIN = 'BEGIN; SET LOCAL search_path = pg_catalog, pg_temp';

const PREPARE = `
  SELECT pg_backend_pid() AS pid,
         (SELECT backend_start::text FROM pg_stat_activity WHERE pid = pg_backend_pid()) AS started,
         current_setting('server_version_num')::int AS version,
         set_config('statement_timeout', $1, true),
         set_config('lock_timeout', $1, true),
         set_config('idle_in_transaction_session_timeout', $1, true)`;

const CANCEL = `
  SELECT pg_catalog.pg_cancel_backend(pid) FROM pg_catalog.pg_stat_activity
   WHERE pid = $1 AND backend_start::text = $2 AND state <> 'idle'`;

function ignore(): void {}
