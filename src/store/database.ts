import type { Dialect, Sql } from './sql.ts';
import type { UnreadableRows } from './unreadable.ts';

export interface TransactOptions {
  body: (sql: Sql) => Promise<void>;
  /** The transaction's number, once the body knows it. */
  number: () => string | undefined;
}

/** One open database: where the two kinds differ is behind this. Errors are the driver's own. */
export interface Database {
  readonly dialect: Dialect;
  readonly unreadable: UnreadableRows;
  /** Reads, or one statement that commits by itself, outside of any transaction. */
  read<T>(work: (sql: Sql) => Promise<T>): Promise<T>;
  /** Runs the body in a transaction that can write. Resolves when it is committed, rejects when nothing of it is. */
  transact(options: TransactOptions): Promise<void>;
  close(): Promise<void>;
}
