import type { DelegationState } from '../domain/delegation.ts';
import type { Instant } from '../domain/instant.ts';
import { type DelegationRow, delegationState, moment } from './rows.ts';
import type { Sql } from './sql.ts';

// NB. the conditions on `endedAt` are those of the partial indexes: what is over costs nothing.

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
  return row && delegationState(row);
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
  return rows.map(delegationState);
}

export async function dueDelegations(sql: Sql, now: Instant, limit: number): Promise<DelegationState[]> {
  const rows = await sql.query<DelegationRow>(
    `SELECT * FROM "Delegation" WHERE "endedAt" IS NULL AND "until" <= ?
     ORDER BY "until", "delegatorEmail" LIMIT ? ${sql.dialect.lockFree}`,
    moment(now),
    limit,
  );
  return rows.map(delegationState);
}

export async function delegationsAfter(
  sql: Sql,
  workspace: string,
  delegator: string,
  limit: number,
): Promise<DelegationState[]> {
  const rows = await sql.query<DelegationRow>(
    'SELECT * FROM "Delegation" WHERE "workspace" = ? AND "delegatorEmail" > ? ORDER BY "delegatorEmail" LIMIT ?',
    workspace,
    delegator,
    limit,
  );
  return rows.map(delegationState);
}
