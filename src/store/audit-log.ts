import type { AuditEntry, AuditSpan } from '../app/ports/store.ts';
import type { DomainEvent, EventType } from '../domain/events.ts';
import type { Instant } from '../domain/instant.ts';
import { type DbInt, type DbTime, instant, moment } from './columns.ts';
import type { Row, Sql } from './sql.ts';

export interface Head {
  seq: number;
  hash: string;
}

/** Links events to the end of a workspace's chain; audit/chain.ts does it, handed in where things are composed. */
export type Link = (
  head: Head,
  events: readonly DomainEvent[],
) => { entries: readonly { seq: number; at: Instant; type: EventType; body: string; hash: string }[]; head: Head };

/** The head of an empty chain, as audit/chain.ts and the insert triggers of both databases know it. */
export const EMPTY: Head = { seq: 0, hash: '0'.repeat(64) };

/**
 * Appends events to the chains of their workspaces. Each chain's head row stays locked until the commit, so this is the
 * last thing a transaction does; and several heads are locked in sorted order, so that no two transactions wait for one
 * another. Returns the transaction's number where the database can be asked for its fate later.
 */
export async function append(
  sql: Sql,
  link: Link,
  events: ReadonlyMap<string, readonly DomainEvent[]>,
): Promise<string | undefined> {
  let transactionId: string | undefined;
  for (const workspace of [...events.keys()].sort()) {
    const { head, transaction } = await lockHead(sql, workspace);
    transactionId = transaction ?? transactionId;
    const linked = link(head, events.get(workspace) ?? []);
    let prev = head.hash;
    const rows: Row[] = [];
    for (const { seq, at, type, body, hash } of linked.entries) {
      rows.push({ workspace, seq, at: moment(at), type, body, prev, hash });
      prev = hash;
    }
    await sql.add('AuditEntry', rows);
    await sql.change(
      'UPDATE "AuditHead" SET "seq" = ?, "hash" = ? WHERE "workspace" = ?',
      linked.head.seq,
      linked.head.hash,
      workspace,
    );
  }
  return transactionId;
}

async function lockHead(sql: Sql, workspace: string): Promise<{ head: Head; transaction: string | null }> {
  const { lock, transactionId } = sql.dialect;
  const look = () =>
    sql.query<{ seq: DbInt; hash: string; transaction: string | null }>(
      `SELECT "seq", "hash", ${transactionId} AS "transaction" FROM "AuditHead" WHERE "workspace" = ? ${lock}`,
      workspace,
    );
  let [row] = await look();
  if (!row) {
    await sql.insert('AuditHead', [{ workspace, ...EMPTY }], 'ON CONFLICT ("workspace") DO NOTHING');
    [row] = await look();
  }
  if (!row) throw new Error(`The head of the audit chain of workspace ${workspace} cannot be made.`);
  return { head: { seq: Number(row.seq), hash: row.hash }, transaction: row.transaction };
}

export async function auditHead(sql: Sql, workspace: string): Promise<Head> {
  const row = await sql.connection.auditHead.findUnique({ where: { workspace } });
  return row ? { seq: Number(row.seq), hash: row.hash } : { ...EMPTY };
}

interface EntryRow {
  workspace: string;
  seq: DbInt;
  at: DbTime;
  type: string;
  body: string;
  hash: string;
}

const entry = (row: EntryRow): AuditEntry => ({
  workspace: row.workspace,
  seq: Number(row.seq),
  at: instant(row.at),
  type: row.type as EventType,
  body: row.body,
  hash: row.hash,
});

const COLUMNS = '"workspace", "seq", "at", "type", "body", "hash"';

export async function auditPage(sql: Sql, workspace: string, fromSeq: number, limit: number): Promise<AuditEntry[]> {
  const rows = await sql.query<EntryRow>(
    `SELECT ${COLUMNS} FROM "AuditEntry" WHERE "workspace" = ? AND "seq" >= ? ORDER BY "seq" LIMIT ?`,
    workspace,
    fromSeq,
    limit,
  );
  return rows.map(entry);
}

export async function auditBetween(
  sql: Sql,
  workspace: string,
  { from, to, after = 0 }: AuditSpan,
  type: EventType,
  limit: number,
): Promise<AuditEntry[]> {
  const rows = await sql.query<EntryRow>(
    `SELECT ${COLUMNS} FROM "AuditEntry"
     WHERE "workspace" = ? AND "at" >= ? AND "at" < ? AND "type" = ? AND "seq" > ? ORDER BY "seq" LIMIT ?`,
    workspace,
    moment(from),
    moment(to),
    type,
    after,
    limit,
  );
  return rows.map(entry);
}

/** NB. counted by the database: whoever can fill the log with refusals must not fill our memory with them, too. */
export async function auditCounts(
  sql: Sql,
  workspace: string,
  { from, to }: AuditSpan,
): Promise<Partial<Record<EventType, number>>> {
  const rows = await sql.query<{ type: EventType; count: DbInt }>(
    `SELECT "type", count(*) AS "count" FROM "AuditEntry"
     WHERE "workspace" = ? AND "at" >= ? AND "at" < ? GROUP BY "type"`,
    workspace,
    moment(from),
    moment(to),
  );
  return Object.fromEntries(rows.map(({ type, count }) => [type, Number(count)]));
}
