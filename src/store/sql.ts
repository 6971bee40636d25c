import type { Provider } from './errors.ts';
import type { PrismaClient } from './generated/sqlite/client.ts';
import { UnreadableRows } from './unreadable.ts';

/** A connection or an open transaction of Prisma: models and raw statements. */
export type Connection = Omit<PrismaClient, '$connect' | '$disconnect' | '$transaction' | '$on' | '$extends' | '$use'>;

export type Value = string | number | bigint | boolean | Date | null;

/** What SQLite and Postgres say differently. All of it is constant text, put between constant texts. */
export interface Dialect {
  readonly provider: Provider;
  /** How many group transactions may run at once. */
  readonly concurrency: number;
  /** Locks the rows a SELECT finds, waiting for whoever has them. */
  readonly lock: string;
  /** Locks the rows a SELECT finds and leaves out those that somebody else has. */
  readonly lockFree: string;
  /** Compares text by bytes, as ids are made to be compared; Postgres would ask the database's language. */
  readonly byBytes: string;
  /** A SELECT list item: the number of the running transaction as text, where the database can tell its fate later. */
  readonly transactionId: string;
}

/** Raw SQL on one connection. Texts are constants with `?` for values; values are always bound, never part of the text. */
export class Sql {
  readonly connection: Connection;
  readonly dialect: Dialect;
  readonly unreadable: UnreadableRows;

  constructor(connection: Connection, dialect: Dialect, unreadable = new UnreadableRows()) {
    this.connection = connection;
    this.dialect = dialect;
    this.unreadable = unreadable;
  }

  query<Row>(text: string, ...values: Value[]): Promise<Row[]> {
    return this.connection.$queryRawUnsafe<Row[]>(this.#placed(text), ...values);
  }

  /** The number of rows it changed. */
  run(text: string, ...values: Value[]): Promise<number> {
    return this.connection.$executeRawUnsafe(this.#placed(text), ...values);
  }

  /**
   * Inserts rows of equal columns, many in a statement: each statement is a round trip. Returns
   * the number of rows it inserted or changed.
   */
  async insert(table: string, rows: readonly Row[], conflict = ''): Promise<number> {
    const [first] = rows;
    if (!first) return 0;
    const columns = Object.keys(first);
    const head = `INSERT INTO "${table}" (${columns.map((name) => `"${name}"`).join(', ')}) VALUES `;
    const most = Math.floor(MOST_VALUES / columns.length);
    let count = 0;
    for (let from = 0; from < rows.length; from += most) {
      const part = rows.slice(from, from + most);
      const all = part.flatMap((item) => columns.map((name) => item[name] ?? null));
      count += await this.run(`${head}${values(part.length, columns.length)} ${conflict}`, ...all);
    }
    return count;
  }

  #placed(text: string): string {
    return this.dialect.provider === 'postgres' ? numbered(text) : text;
  }
}

/** A row to write, by column name. NB. the names come from this folder's code, never from data. */
export type Row = Readonly<Record<string, Value>>;

/** Both databases take 32,766 values a statement; Postgres a few more. */
const MOST_VALUES = 30_000;

const cache = new Map<string, string>();

/** `?` → `$1`, `$2`, … */
function numbered(text: string): string {
  let known = cache.get(text);
  if (known === undefined) {
    let count = 0;
    known = text.replace(/\?/g, () => `$${++count}`);
    if (cache.size < 1000) cache.set(text, known);
  }
  return known;
}

/** `?, ?, ?` for a list of values. */
export const places = (values: readonly unknown[]): string => values.map(() => '?').join(', ');

/** `(?, ?), (?, ?)` for rows of values. */
export const values = (rows: number, columns: number): string =>
  Array(rows)
    .fill(`(${Array(columns).fill('?').join(', ')})`)
    .join(', ');
