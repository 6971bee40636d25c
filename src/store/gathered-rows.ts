import { StaleWrite } from '../app/ports/store.ts';
import { type Row, type Sql, type Value, values } from './sql.ts';

/** The tables of states, each with the columns that name a row. In this order: parts refer to their owners. */
const KEYS = {
  Request: ['id'],
  Grant: ['id'],
  Entitlement: ['workspace', 'key'],
  Delegation: ['workspace', 'delegatorEmail'],
} as const;
/** What belongs to a state and is kept in rows of its own. */
const PARTS = { Request: { table: 'Vote', owner: 'requestId' }, Grant: { table: 'Hold', owner: 'grantId' } } as const;

export type StateTable = keyof typeof KEYS;

/**
 * The rows of states that a transaction writes, gathered to be written in a few statements: what a thousand grants that
 * end together cost is counted in statements. Each row once: whoever is about to read or write one again flushes first.
 */
export class GatheredRows {
  readonly #sql: Sql;
  readonly #alone: boolean;
  readonly #states = {
    Request: new Map<string, Row>(),
    Grant: new Map<string, Row>(),
    Entitlement: new Map<string, Row>(),
    Delegation: new Map<string, Row>(),
  };
  readonly #parts: Record<keyof typeof PARTS, Row[]> = { Request: [], Grant: [] };

  /** `alone`: the transaction may wait for rows that others have. */
  constructor(sql: Sql, alone: boolean) {
    this.#sql = sql;
    this.#alone = alone;
  }

  /** Whether the row is gathered and not written yet. */
  has(table: StateTable, ...identity: string[]): boolean {
    return this.#states[table].has(JSON.stringify(identity));
  }

  /** Whether any gathered row has these values. */
  some(table: StateTable, wanted: Row = {}): boolean {
    const rows = [...this.#states[table].values()];
    return rows.some((row) => Object.entries(wanted).every(([name, value]) => row[name] === value));
  }

  /** A row of version 1 is new; any other is written where the stored version is one less. */
  add(table: StateTable, row: Row, parts: readonly Row[] = []): void {
    const identity = JSON.stringify(KEYS[table].map((name) => row[name]));
    if (this.#states[table].has(identity)) throw new Error(`${table} ${identity} is written twice without a flush.`);
    this.#states[table].set(identity, row);
    if (table in PARTS) this.#parts[table as keyof typeof PARTS].push(...parts);
  }

  /** @throws StaleWrite when a row is not at the version before; the transaction must be undone then. */
  async flush(): Promise<void> {
    for (const table of ['Request', 'Grant', 'Entitlement', 'Delegation'] as const) {
      const rows = [...this.#states[table].values()];
      this.#states[table].clear();
      // Changes first: a request that lapses makes room for the next one of its person and access.
      const changed = rows.filter((row) => row.version !== 1);
      if (changed.length === 1) await this.#update(table, changed);
      if (changed.length > 1) await this.#updateAll(table, changed);
      await this.#sql.add(
        table,
        rows.filter((row) => row.version === 1),
      );
      if (table in PARTS) await this.#writeParts(table as keyof typeof PARTS);
    }
  }

  async #update(table: StateTable, rows: readonly Row[]): Promise<void> {
    for (const row of rows) {
      const key = KEYS[table];
      const columns = Object.keys(row).filter((name) => !includes(key, name));
      const where = [...key, 'version'].map((name) => `"${name}" = ?`).join(' AND ');
      const identity = [...key.map((name) => row[name] ?? null), Number(row.version) - 1];
      // NB. a row that somebody else is changing counts as changed: to wait for it in a group could be a deadlock.
      const free = this.#alone ? '' : this.#sql.dialect.lockFree;
      const only = free && ` AND EXISTS (SELECT 1 FROM "${table}" WHERE ${where} ${free})`;
      const count = await this.#sql.run(
        `UPDATE "${table}" SET ${columns.map((name) => `"${name}" = ?`).join(', ')} WHERE ${where}${only}`,
        ...columns.map((name) => row[name] ?? null),
        ...identity,
        ...(only ? identity : []),
      );
      if (count !== 1) throw stale(table, rows);
    }
  }

  /** In two statements: the rows are looked for and locked, so that none can appear, and then all are overwritten. */
  async #updateAll(table: StateTable, rows: readonly Row[]): Promise<void> {
    const [first] = rows;
    if (!first) return;
    const key = KEYS[table];
    const names = key.map((name) => `"${name}"`).join(', ');
    const { lock, lockFree } = this.#sql.dialect;
    const there = await this.#sql.query(
      `SELECT ${names} FROM "${table}" WHERE (${names}) IN (VALUES ${values(rows.length, key.length)}) ${this.#alone ? lock : lockFree}`,
      ...rows.flatMap((row) => key.map((name): Value => row[name] ?? null)),
    );
    if (there.length !== rows.length) throw stale(table, rows);
    const set = Object.keys(first).filter((name) => !includes(key, name));
    const count = await this.#sql.insert(
      table,
      rows,
      `ON CONFLICT (${names}) DO UPDATE SET ${set.map((name) => `"${name}" = excluded."${name}"`).join(', ')}
       WHERE "${table}"."version" = excluded."version" - 1`,
    );
    if (count !== rows.length) throw stale(table, rows);
  }

  async #writeParts(of: keyof typeof PARTS): Promise<void> {
    const { table, owner } = PARTS[of];
    const rows = this.#parts[of].splice(0);
    const [first] = rows;
    if (!first) return;
    const columns = Object.keys(first).filter((name) => name !== owner && name !== 'position');
    const set = columns.map((name) => `"${name}" = excluded."${name}"`).join(', ');
    await this.#sql.insert(table, rows, `ON CONFLICT ("${owner}", "position") DO UPDATE SET ${set}`);
  }
}

const includes = (names: readonly string[], name: string): boolean => names.includes(name);

function stale(table: StateTable, rows: readonly Row[]): StaleWrite {
  const names = rows.map((row) => KEYS[table].map((name) => row[name]).join(' '));
  return new StaleWrite(`${table} ${names.join(', ')}: not at the version before any more.`);
}
