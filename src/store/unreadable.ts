import { UnreadableRow } from '../app/ports/store.ts';

/** How many rows are remembered by name; a database with more of them has one trouble, not so many. */
const MOST = 1_000;

/**
 * The rows of one database that could not be read: somebody wrote them around Latchkey, or a bug did. Each is set aside by
 * itself, so that one of them does not stop everything that is read together with it.
 */
export class UnreadableRows {
  readonly #rows = new Map<string, UnreadableRow>();
  /** Told of each row once. */
  onFound: (row: UnreadableRow) => void = () => {};

  /** Reads one row. */
  read<State>(table: UnreadableRow['table'], id: string, read: () => State): State | UnreadableRow {
    const name = `${table} ${id}`;
    try {
      const state = read();
      if (this.#rows.size > 0) this.#rows.delete(name);
      return state;
    } catch (error) {
      return this.setAside(table, id, error instanceof Error ? error.message : 'it is broken');
    }
  }

  /** Remembers one that cannot be read; `why` says what is wrong with it. */
  setAside(table: UnreadableRow['table'], id: string, why: string): UnreadableRow {
    const row = new UnreadableRow(table, id, why);
    const name = `${table} ${id}`;
    const known = this.#rows.has(name);
    if (known || this.#rows.size < MOST) this.#rows.set(name, row);
    if (!known) this.onFound(row);
    return row;
  }

  /** Those of state tables; what is set aside in the outbox is in the outbox. */
  get all(): readonly UnreadableRow[] {
    return [...this.#rows.values()].filter(({ table }) => table !== 'Effect');
  }
}

/** What could be read, without the rest. */
export const readable = <State>(found: readonly (State | UnreadableRow)[]): State[] =>
  found.filter((one): one is State => !(one instanceof UnreadableRow));

/** @throws UnreadableRow */
export function demand<State>(found: State | UnreadableRow | undefined): State | undefined {
  if (found instanceof UnreadableRow) throw found;
  return found;
}

/**
 * A page of at most `limit` rows that can be read, however many before them cannot: those must not fill every page and so
 * keep the others from their turn.
 */
export async function pageOfReadable<State>(
  limit: number,
  page: (except: readonly string[]) => Promise<(State | UnreadableRow)[]>,
): Promise<State[]> {
  const except: string[] = [];
  for (;;) {
    const found = await page(except);
    const unreadable = found.flatMap((one) => (one instanceof UnreadableRow ? [one.id] : []));
    if (unreadable.length === 0 || found.length < limit) return readable(found);
    except.push(...unreadable);
  }
}

/** NB. no message quotes what stands in the row: it may be somebody's reason. */
export function json<T>(column: string, text: string, fits: (value: unknown) => boolean): T {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new Error(`its ${column} is not JSON`);
  }
  if (!fits(value)) throw new Error(`its ${column} is not what Latchkey writes there`);
  return value as T;
}

export function oneOf<Word extends string>(column: string, text: string, words: Readonly<Record<Word, true>>): Word {
  if (!Object.hasOwn(words, text)) throw new Error(`its ${column} is none that Latchkey writes`);
  return text as Word;
}

export function whole(column: string, value: number | bigint): number {
  const number = Number(value);
  if (!Number.isSafeInteger(number)) throw new Error(`its ${column} is not a whole number`);
  return number;
}

export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
