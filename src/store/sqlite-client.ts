import { Worker } from 'node:worker_threads';
import type { Client, Config, InStatement, ResultSet, Transaction } from '@libsql/client';
import { LEAVING, RUNNING, sharedWith } from './sqlite-exit.ts';

/**
 * What is asked of the thread. `on`: which client or transaction; its number is given on this side, also to new ones.
 * `before`: statements of the same transaction that came `LATER`. `write`: what the transaction begins with.
 */
export type Call = { id: number } & (
  | { do: 'open'; on: number; config: Config }
  | { do: 'execute'; on: number; before?: InStatement[]; statement: InStatement }
  | { do: 'script'; on: number; before?: InStatement[]; sql: string }
  | { do: 'begin'; on: number; as: number; write: string }
  | { do: 'commit'; on: number; before?: InStatement[] }
  | { do: 'rollback' | 'close'; on: number }
  | { do: 'stop' }
);

/** A result as it crosses between threads: rows are lists. */
export interface Plain {
  columns: string[];
  columnTypes: string[];
  rows: unknown[][];
  rowsAffected: number;
}

export type Answer = { id: number } & ({ value: Plain | undefined } | { error: Told });

/** An error as it crosses between threads: its words and the codes that `errors.ts` reads. */
interface Told {
  message: string;
  code?: unknown;
  rawCode?: unknown;
  extendedCode?: unknown;
}

/** A call without its number. The distribution keeps each kind of call a kind of its own. */
type Asked<C = Call> = C extends Call ? Omit<C, 'id'> : never;

interface Waiting {
  resolve: (value: Plain | undefined) => void;
  reject: (error: Error) => void;
}

/**
 * A statement of a transaction that begins with this is answered at once, as if it had changed nothing, and goes along with
 * the next one or with the commit, where its failure shows: each message to the thread costs more than most statements.
 */
export const LATER = '/* later */ ';
const NOTHING: Plain = { columns: [], columnTypes: [], rows: [], rowsAffected: 0 };
const textOf = (statement: InStatement | string): string => (typeof statement === 'string' ? statement : statement.sql);

/** The thread holds a statement and its rows for a moment, and nothing else. */
const YOUNG_MB = 2;

export function startThread(): Worker {
  let forget = (): void => {};
  const calls = sharedWith((ended) => {
    forget = ended;
  });
  const worker = new Worker(new URL('./sqlite-thread.js', import.meta.url), {
    resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MB },
    // NB. it needs no secret, so it gets none.
    env: {},
    workerData: { calls, RUNNING, LEAVING },
  });
  return worker.once('exit', () => forget());
}

/**
 * libsql in a thread of its own: its calls are synchronous, and would hold up every acknowledgement to Slack while they
 * run, a commit for as long as the disk takes (docs/decisions/0011). The clients it gives out are used like libsql's own.
 */
export class SqliteThread {
  readonly #worker: Worker;
  readonly #waiting = new Map<number, Waiting>();
  #calls = 0;
  #held = 0;
  #over: Error | undefined;

  constructor(worker = startThread()) {
    this.#worker = worker;
    this.#worker.on('message', (answer: Answer) => this.#answered(answer));
    this.#worker.once('error', (error) => this.#ended(error));
    this.#worker.once('exit', () => this.#ended(new Error('The thread of the database ended.')));
    // A process that has nothing to ask is not kept by the thread.
    this.#worker.unref();
  }

  /** Opens a connection, each of whose transactions begins with `write`. Rejects when the file cannot be opened. */
  async connect(config: Config, write = ''): Promise<Client> {
    const on = ++this.#held;
    await this.#ask({ do: 'open', on, config });
    // Prisma's adapter and the store use these alone.
    const client: Pick<Client, 'execute' | 'executeMultiple' | 'transaction' | 'close'> = {
      ...this.#statements(on),
      transaction: async () => {
        const transaction = ++this.#held;
        await this.#ask({ do: 'begin', on, as: transaction, write });
        return this.#transaction(transaction);
      },
    };
    return client as Client;
  }

  /** Ends the thread, which closes what it holds. Safe to call more than once. */
  async stop(): Promise<void> {
    if (this.#over) return;
    this.#worker.ref();
    const ended = new Promise((resolve) => this.#worker.once('exit', resolve));
    this.#worker.postMessage({ id: 0, do: 'stop' } satisfies Call);
    await ended;
  }

  #transaction(on: number): Transaction {
    let later: InStatement[] = [];
    const before = () => {
      const some = later;
      later = [];
      return some.length > 0 ? { before: some } : {};
    };
    const { execute, executeMultiple, close } = this.#statements(on, before);
    const transaction: Pick<Transaction, 'execute' | 'executeMultiple' | 'commit' | 'rollback' | 'close'> = {
      execute: async (statement: InStatement | string) => {
        if (!textOf(statement).startsWith(LATER)) return execute(statement);
        later.push(statement);
        return NOTHING as unknown as ResultSet;
      },
      executeMultiple,
      close,
      commit: async () => void (await this.#ask({ do: 'commit', on, ...before() })),
      rollback: async () => void (await this.#ask({ do: 'rollback', on })),
    };
    return transaction as Transaction;
  }

  #statements(on: number, before: () => { before?: InStatement[] } = () => ({})) {
    return {
      execute: async (statement: InStatement | string) =>
        // Prisma's adapter reads the parts that cross.
        (await this.#ask({ do: 'execute', on, ...before(), statement })) as unknown as ResultSet,
      executeMultiple: async (sql: string) => void (await this.#ask({ do: 'script', on, ...before(), sql })),
      close: () => {
        // Whoever closes does not wait; calls are taken in order, so that what comes next finds it closed.
        this.#ask({ do: 'close', on }).catch(() => {});
      },
    };
  }

  #ask(call: Asked): Promise<Plain | undefined> {
    return new Promise((resolve, reject) => {
      if (this.#over) return reject(this.#over);
      const id = ++this.#calls;
      if (this.#waiting.size === 0) this.#worker.ref();
      this.#waiting.set(id, { resolve, reject });
      this.#worker.postMessage({ ...call, id } satisfies Call);
    });
  }

  #answered(answer: Answer): void {
    const waiting = this.#waiting.get(answer.id);
    this.#waiting.delete(answer.id);
    if (this.#waiting.size === 0) this.#worker.unref();
    if ('error' in answer) {
      const { message, ...codes } = answer.error;
      waiting?.reject(Object.assign(new Error(message), codes));
    } else waiting?.resolve(answer.value);
  }

  /** NB. never left unanswered: a person waits, and the store must say that it cannot be reached. */
  #ended(error: Error): void {
    this.#over ??= Object.assign(error, { rawCode: GONE });
    for (const { reject } of this.#waiting.values()) reject(this.#over);
    this.#waiting.clear();
  }
}

/** SQLITE_IOERR: what the store takes for a database that cannot be reached. */
const GONE = 10;
