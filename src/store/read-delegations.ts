import { UnreadableRow } from '../app/ports/store.ts';
import type { DelegationState } from '../domain/delegation.ts';
import type { Instant } from '../domain/instant.ts';
import { moment } from './columns.ts';
import { type DelegationRow, delegationState } from './delegation-rows.ts';
import { places, type Sql } from './sql.ts';
import { demand, pageOfReadable, readable } from './unreadable.ts';

// NB. the conditions on `endedAt` are those of the partial indexes: what is over costs nothing. A
// delegation that cannot be read is none, so that nobody votes on it and everybody else can.

export async function delegation(
  sql: Sql,
  workspace: string,
  delegator: string,
  lock = '',
): Promise<DelegationState | undefined> {
  const [row] = await sql.query<DelegationRow>(
    `SELECT * FROM "Delegation" WHERE "workspace" = ? AND "delegatorEmail" = ? ${lock}`,
    workspace,
    delegator,
  );
  return row && demand(eachDelegation(sql, row));
}

export async function delegationsInForce(
  sql: Sql,
  workspace: string,
  now: Instant,
  delegate?: string,
): Promise<DelegationState[]> {
  const rows = await sql.query<DelegationRow>(
    `SELECT * FROM "Delegation" WHERE "workspace" = ? AND "endedAt" IS NULL AND "since" <= ? AND "until" > ?
     ${delegate === undefined ? '' : 'AND "delegateEmail" = ?'} ORDER BY "delegatorEmail"`,
    workspace,
    moment(now),
    moment(now),
    ...(delegate === undefined ? [] : [delegate]),
  );
  return readable(rows.map((row) => eachDelegation(sql, row)));
}

export async function dueDelegations(sql: Sql, now: Instant, limit: number): Promise<DelegationState[]> {
  return pageOfReadable(limit, async (except) => {
    const without =
      except.length === 0 ? '' : `AND ("workspace" || ' ' || "delegatorEmail") NOT IN (${places(except)})`;
    const rows = await sql.query<DelegationRow>(
      `SELECT * FROM "Delegation" WHERE "endedAt" IS NULL AND "until" <= ? ${without}
       ORDER BY "until", "delegatorEmail" LIMIT ? ${sql.dialect.lockFree}`,
      moment(now),
      ...except,
      limit,
    );
    return rows.map((row) => eachDelegation(sql, row));
  });
}

export async function delegationsAfter(
  sql: Sql,
  workspace: string,
  delegator: string,
  limit: number,
): Promise<(DelegationState | UnreadableRow)[]> {
  const rows = await sql.query<DelegationRow>(
    'SELECT * FROM "Delegation" WHERE "workspace" = ? AND "delegatorEmail" > ? ORDER BY "delegatorEmail" LIMIT ?',
    workspace,
    delegator,
    limit,
  );
  return rows.map((row) => eachDelegation(sql, row));
}

const eachDelegation = (sql: Sql, row: DelegationRow): DelegationState | UnreadableRow =>
  sql.unreadable.read('Delegation', UnreadableRow.idIn(row.workspace, row.delegatorEmail), () => delegationState(row));
