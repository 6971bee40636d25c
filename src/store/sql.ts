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
  /** Before a statement whose count nobody needs. */
  readonly later: string;
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

  /** Changes what nobody counts. It may be done with the next statement or the commit, and fail there. */
  async change(text: string, ...values: Value[]): Promise<void> {
    await this.run(`${this.dialect.later}${text}`, ...values);
  }

  /** Adds new rows, by `change`. */
  async add(table: string, rows: readonly Row[]): Promise<void> {
    for (const { text, values } of insertions(table, rows)) await this.change(text, ...values);
  }

  /**
   * Inserts rows of equal columns, and does what `conflict` says with those that are there. Returns the number of rows it
   * inserted or changed.
   */
  async insert(table: string, rows: readonly Row[], conflict: string): Promise<number> {
    let count = 0;
    for (const { text, values } of insertions(table, rows)) count += await this.run(`${text} ${conflict}`, ...values);
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

/** Many rows in a statement: each statement is a round trip. */
function* insertions(table: string, rows: readonly Row[]): Iterable<{ text: string; values: Value[] }> {
  const [first] = rows;
  if (!first) return;
  const columns = Object.keys(first);
  const head = `INSERT INTO "${table}" (${columns.map((name) => `"${name}"`).join(', ')}) VALUES `;
  const most = Math.floor(MOST_VALUES / columns.length);
  for (let from = 0; from < rows.length; from += most) {
    const part = rows.slice(from, from + most);
    yield {
      text: `${head}${values(part.length, columns.length)}`,
      values: part.flatMap((item) => columns.map((name) => item[name] ?? null)),
    };
  }
}

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
