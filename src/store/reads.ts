import { UnreadableRow } from '../app/ports/store.ts';
import type { PastEmergency } from '../domain/decide-emergency.ts';
import type { EntitlementState } from '../domain/entitlement.ts';
import type { GrantState } from '../domain/grant.ts';
import type { Instant } from '../domain/instant.ts';
import type { PersonRef } from '../domain/person.ts';
import type { RequestState } from '../domain/request.ts';
import { type DbInt, moment } from './columns.ts';
import { type EntitlementRow, entitlementState } from './entitlement-rows.ts';
import { type GrantRow, grantState, type HoldRow } from './grant-rows.ts';
import { withWrongColumns, withWrongHolds } from './repeated-columns.ts';
import { type RequestRow, requestState, type VoteRow } from './request-rows.ts';
import { places, type Sql, values } from './sql.ts';
import { demand, pageOfReadable, readable } from './unreadable.ts';

// NB. the texts of the conditions on `status` are those of the partial indexes in the migrations: with them a query costs
// what is pending or open, however much is over. `lock` is empty or one of the dialect's two clauses.

export async function request(sql: Sql, id: string, lock = ''): Promise<RequestState | undefined> {
  const rows = await sql.query<RequestRow>(`SELECT * FROM "Request" WHERE "id" = ? ${lock}`, id);
  return demand((await eachRequest(sql, rows))[0]);
}

export async function pendingRequest(
  sql: Sql,
  workspace: string,
  email: string,
  access: string,
  lock = '',
): Promise<RequestState | undefined> {
  const rows = await sql.query<RequestRow>(
    `SELECT * FROM "Request"
     WHERE "workspace" = ? AND "requesterEmail" = ? AND "access" = ? AND "status" = 'pending' ${lock}`,
    workspace,
    email,
    access,
  );
  return demand((await eachRequest(sql, rows))[0]);
}

/** Who asks for what: at most one pending request has this name. */
export interface Asking {
  workspace: string;
  email: string;
  access: string;
}

export async function pendingRequestsAmong(
  sql: Sql,
  wanted: readonly Asking[],
  lock = '',
): Promise<(RequestState | UnreadableRow)[]> {
  const rows = await sql.query<RequestRow>(
    `SELECT * FROM "Request"
     WHERE ("workspace", "requesterEmail", "access") IN (VALUES ${values(wanted.length, 3)}) AND "status" = 'pending' ${lock}`,
    ...wanted.flatMap(({ workspace, email, access }) => [workspace, email, access]),
  );
  return eachRequest(sql, rows);
}

export async function pendingRequestsOf(
  sql: Sql,
  workspace: string,
  email: string,
  lock = '',
): Promise<RequestState[]> {
  const rows = await sql.query<RequestRow>(
    `SELECT * FROM "Request" WHERE "workspace" = ? AND "requesterEmail" = ? AND "status" = 'pending'
     ORDER BY "openedAt" DESC, "id" DESC ${lock}`,
    workspace,
    email,
  );
  return withVotes(sql, rows);
}

export async function dueRequests(sql: Sql, now: Instant, limit: number): Promise<RequestState[]> {
  return pageOfReadable(limit, async (except) => {
    const rows = await sql.query<RequestRow>(
      `SELECT * FROM "Request" WHERE "status" = 'pending' AND "lapsesAt" <= ? ${without(except)}
     ORDER BY "lapsesAt", "id" LIMIT ? ${sql.dialect.lockFree}`,
      moment(now),
      ...except,
      limit,
    );
    return eachRequest(sql, rows);
  });
}

export async function dueNudges(sql: Sql, now: Instant, limit: number): Promise<RequestState[]> {
  return pageOfReadable(limit, async (except) => {
    const rows = await sql.query<RequestRow>(
      `SELECT * FROM "Request" WHERE "status" = 'pending' AND "nextNudgeAt" IS NOT NULL AND "nextNudgeAt" <= ? ${without(except)}
     ORDER BY "nextNudgeAt", "id" LIMIT ? ${sql.dialect.lockFree}`,
      moment(now),
      ...except,
      limit,
    );
    return eachRequest(sql, rows);
  });
}

export async function requestsAfter(
  sql: Sql,
  workspace: string,
  id: string,
  limit: number,
): Promise<(RequestState | UnreadableRow)[]> {
  const rows = await sql.query<RequestRow>(
    'SELECT * FROM "Request" WHERE "workspace" = ? AND "id" > ? ORDER BY "id" LIMIT ?',
    workspace,
    id,
    limit,
  );
  const byId = new Map(rows.map((row) => [row.id, row]));
  return (await eachRequest(sql, rows)).map((state) => {
    const row = byId.get(state.id);
    return row && !(state instanceof UnreadableRow) ? withWrongColumns(state, row) : state;
  });
}

export async function grant(sql: Sql, id: string, lock = ''): Promise<GrantState | undefined> {
  const rows = await sql.query<GrantRow>(`SELECT * FROM "Grant" WHERE "id" = ? ${lock}`, id);
  return demand((await eachGrant(sql, rows))[0]);
}

export async function requests(sql: Sql, ids: readonly string[]): Promise<(RequestState | UnreadableRow)[]> {
  const rows = await sql.query<RequestRow>(`SELECT * FROM "Request" WHERE "id" IN (${places(ids)})`, ...ids);
  return eachRequest(sql, rows);
}

export async function grants(sql: Sql, ids: readonly string[]): Promise<(GrantState | UnreadableRow)[]> {
  const rows = await sql.query<GrantRow>(`SELECT * FROM "Grant" WHERE "id" IN (${places(ids)})`, ...ids);
  return eachGrant(sql, rows);
}

/** What names an entitlement. */
export interface EntitlementName {
  workspace: string;
  key: string;
}

const names = (entitlements: readonly EntitlementName[]): string[] =>
  entitlements.flatMap(({ workspace, key }) => [workspace, key]);

export async function entitlements(
  sql: Sql,
  wanted: readonly EntitlementName[],
): Promise<(EntitlementState | UnreadableRow)[]> {
  const rows = await sql.query<EntitlementRow>(
    `SELECT * FROM "Entitlement" WHERE ("workspace", "key") IN (VALUES ${values(wanted.length, 2)})`,
    ...names(wanted),
  );
  return rows.map((row) => eachEntitlement(sql, row));
}

/** The grants that hold any of the entitlements now. */
export async function holdersOfAny(sql: Sql, wanted: readonly EntitlementName[]): Promise<GrantState[]> {
  const rows = await sql.query<GrantRow>(
    `SELECT * FROM "Grant" WHERE "id" IN (
       SELECT "grantId" FROM "Hold" WHERE ("workspace", "key") IN (VALUES ${values(wanted.length, 2)}) AND "held")
       AND "status" IN ('provisioning', 'active')
     ORDER BY "id"`,
    ...names(wanted),
  );
  return withHolds(sql, rows);
}

// NB. `held` only finds candidates, by its index: whether a grant holds is what its own status says. One that cannot be
// read holds nothing: nobody could ever take away what was kept for it.
export async function holders(sql: Sql, workspace: string, key: string, except: string): Promise<GrantState[]> {
  const rows = await sql.query<GrantRow>(
    `SELECT * FROM "Grant"
     WHERE "id" IN (SELECT "grantId" FROM "Hold" WHERE "workspace" = ? AND "key" = ? AND "held") AND "id" <> ?
       AND "status" IN ('provisioning', 'active')
     ORDER BY "id"`,
    workspace,
    key,
    except,
  );
  return withHolds(sql, rows);
}

export async function dueGrants(sql: Sql, now: Instant, limit: number): Promise<GrantState[]> {
  return pageOfReadable(limit, async (except) => {
    const rows = await sql.query<GrantRow>(
      `SELECT * FROM "Grant" WHERE "status" IN ('provisioning', 'active') AND "endsAt" <= ? ${without(except)}
     ORDER BY "endsAt", "id" LIMIT ? ${sql.dialect.lockFree}`,
      moment(now),
      ...except,
      limit,
    );
    return eachGrant(sql, rows);
  });
}

export async function dueWarnings(sql: Sql, now: Instant, limit: number): Promise<GrantState[]> {
  return pageOfReadable(limit, async (except) => {
    const rows = await sql.query<GrantRow>(
      `SELECT * FROM "Grant" WHERE "status" = 'active' AND "warnAt" IS NOT NULL AND "warnAt" <= ? AND "endsAt" > ?
       ${without(except)} ORDER BY "warnAt", "id" LIMIT ? ${sql.dialect.lockFree}`,
      moment(now),
      moment(now),
      ...except,
      limit,
    );
    return eachGrant(sql, rows);
  });
}

export async function dueUnused(sql: Sql, now: Instant, limit: number): Promise<RequestState[]> {
  return pageOfReadable(limit, async (except) => {
    const rows = await sql.query<RequestRow>(
      `SELECT * FROM "Request" WHERE "unusedAfter" IS NOT NULL AND "unusedAfter" <= ? ${without(except)}
       ORDER BY "unusedAfter", "id" LIMIT ? ${sql.dialect.lockFree}`,
      moment(now),
      ...except,
      limit,
    );
    return eachRequest(sql, rows);
  });
}

export async function dueReviews(sql: Sql, now: Instant, limit: number): Promise<RequestState[]> {
  return pageOfReadable(limit, async (except) => {
    const rows = await sql.query<RequestRow>(
      `SELECT * FROM "Request" WHERE "reviewBy" IS NOT NULL AND "reviewBy" <= ? AND NOT "reviewLate" ${without(except)}
       ORDER BY "reviewBy", "id" LIMIT ? ${sql.dialect.lockFree}`,
      moment(now),
      ...except,
      limit,
    );
    return eachRequest(sql, rows);
  });
}

export async function overdueReviews(
  sql: Sql,
  workspace: string,
  now: Instant,
  limit: number,
): Promise<RequestState[]> {
  const rows = await sql.query<RequestRow>(
    `SELECT * FROM "Request" WHERE "workspace" = ? AND "reviewBy" IS NOT NULL AND "reviewBy" <= ?
     ORDER BY "reviewBy", "id" LIMIT ?`,
    workspace,
    moment(now),
    limit,
  );
  return withVotes(sql, rows);
}

export async function countOverdueReviews(sql: Sql, workspace: string, now: Instant): Promise<number> {
  const [row] = await sql.query<{ count: DbInt }>(
    `SELECT count(*) AS "count" FROM "Request" WHERE "workspace" = ? AND "reviewBy" IS NOT NULL AND "reviewBy" <= ?`,
    workspace,
    moment(now),
  );
  return Number(row?.count ?? 0);
}

export async function emergencies(
  sql: Sql,
  workspace: string,
  person: PersonRef,
  access: string,
  limit: number,
): Promise<PastEmergency[]> {
  // NB. by either: a new e-mail in the directory must not come with a new quota.
  const of = (column: string): string =>
    `SELECT "id" FROM "Request"
     WHERE "workspace" = ? AND "${column}" = ? AND "access" = ? AND "emergencyNo" IS NOT NULL`;
  const rows = await sql.query<RequestRow & { emergencyNo: DbInt }>(
    `SELECT * FROM "Request" WHERE "id" IN (${of('requesterEmail')} UNION ${of('requesterSlack')})
     ORDER BY "emergencyNo" DESC LIMIT ?`,
    workspace,
    person.email,
    access,
    workspace,
    person.slack,
    access,
    limit,
  );
  const states = await eachRequest(sql, rows);
  return rows.map(({ id, emergencyNo }, at): PastEmergency => {
    const number = Number(emergencyNo);
    // Without it the number of the next one is not known either.
    if (!Number.isSafeInteger(number))
      throw sql.unreadable.setAside('Request', id, 'its emergencyNo is no whole number');
    const state = states[at];
    return state === undefined || state instanceof UnreadableRow ? { number } : { number, openedAt: state.openedAt };
  });
}

export async function openGrantsOf(sql: Sql, workspace: string, email: string): Promise<GrantState[]> {
  const rows = await sql.query<GrantRow>(
    `SELECT * FROM "Grant" WHERE "workspace" = ? AND "personEmail" = ? AND "status" <> 'ended'
     ORDER BY "approvedAt" DESC, "id" DESC`,
    workspace,
    email,
  );
  return withHolds(sql, rows);
}

export async function openGrants(sql: Sql, workspace: string, limit: number): Promise<GrantState[]> {
  const rows = await sql.query<GrantRow>(
    `SELECT * FROM "Grant" WHERE "workspace" = ? AND "status" <> 'ended' ORDER BY "endsAt", "id" LIMIT ?`,
    workspace,
    limit,
  );
  return withHolds(sql, rows);
}

export async function countOpenGrants(sql: Sql, workspace: string): Promise<number> {
  const [row] = await sql.query<{ count: number | bigint }>(
    `SELECT count(*) AS "count" FROM "Grant" WHERE "workspace" = ? AND "status" <> 'ended'`,
    workspace,
  );
  return Number(row?.count ?? 0);
}

export async function grantsAfter(
  sql: Sql,
  workspace: string,
  id: string,
  limit: number,
): Promise<(GrantState | UnreadableRow)[]> {
  const rows = await sql.query<GrantRow>(
    'SELECT * FROM "Grant" WHERE "workspace" = ? AND "id" > ? ORDER BY "id" LIMIT ?',
    workspace,
    id,
    limit,
  );
  return withWrongHolds(sql, await eachGrant(sql, rows));
}

export async function entitlement(
  sql: Sql,
  workspace: string,
  key: string,
  lock = '',
): Promise<EntitlementState | undefined> {
  const [row] = await sql.query<EntitlementRow>(
    `SELECT * FROM "Entitlement" WHERE "workspace" = ? AND "key" = ? ${lock}`,
    workspace,
    key,
  );
  return row && demand(eachEntitlement(sql, row));
}

export async function entitlementsAfter(
  sql: Sql,
  workspace: string,
  key: string,
  limit: number,
): Promise<(EntitlementState | UnreadableRow)[]> {
  const rows = await sql.query<EntitlementRow>(
    'SELECT * FROM "Entitlement" WHERE "workspace" = ? AND "key" > ? ORDER BY "key" LIMIT ?',
    workspace,
    key,
    limit,
  );
  return rows.map((row) => eachEntitlement(sql, row));
}

/**
 * Every workspace that any row speaks of, not only those with an audit log: rows without events are what verification
 * looks for. Each step of the recursion is one look into an index, so it costs the workspaces and not the rows.
 */
export async function workspaces(sql: Sql): Promise<string[]> {
  const distinct = (table: string) => `SELECT "workspace" FROM (
    WITH RECURSIVE found("workspace") AS (
      SELECT min("workspace") FROM "${table}"
      UNION ALL
      SELECT (SELECT min(t."workspace") FROM "${table}" t WHERE t."workspace" > found."workspace")
      FROM found WHERE found."workspace" IS NOT NULL
    ) SELECT "workspace" FROM found WHERE "workspace" IS NOT NULL) AS "${table}s"`;
  const rows = await sql.query<{ workspace: string }>(
    `SELECT "workspace" FROM "AuditHead" UNION ${['AuditEntry', 'Request', 'Grant', 'Entitlement', 'Delegation'].map(distinct).join(' UNION ')}
     ORDER BY "workspace"`,
  );
  return rows.map((row) => row.workspace);
}

/** Each by itself: one that cannot be read does not keep the others from being read. */
async function eachRequest(sql: Sql, rows: readonly RequestRow[]): Promise<(RequestState | UnreadableRow)[]> {
  if (rows.length === 0) return [];
  const ids = rows.map((row) => row.id);
  const votes = await sql.query<VoteRow>(
    `SELECT * FROM "Vote" WHERE "requestId" IN (${places(ids)}) ORDER BY "requestId", "position"`,
    ...ids,
  );
  const byRequest = grouped(votes, (vote) => vote.requestId);
  return rows.map((row) =>
    sql.unreadable.read('Request', row.id, () => requestState(row, byRequest.get(row.id) ?? [])),
  );
}

async function eachGrant(sql: Sql, rows: readonly GrantRow[]): Promise<(GrantState | UnreadableRow)[]> {
  if (rows.length === 0) return [];
  const ids = rows.map((row) => row.id);
  const holds = await sql.query<HoldRow>(
    `SELECT * FROM "Hold" WHERE "grantId" IN (${places(ids)}) ORDER BY "grantId", "position"`,
    ...ids,
  );
  const byGrant = grouped(holds, (hold) => hold.grantId);
  return rows.map((row) => sql.unreadable.read('Grant', row.id, () => grantState(row, byGrant.get(row.id) ?? [])));
}

const eachEntitlement = (sql: Sql, row: EntitlementRow): EntitlementState | UnreadableRow =>
  sql.unreadable.read('Entitlement', UnreadableRow.idIn(row.workspace, row.key), () => entitlementState(row));

/** The requests that can be read. */
const withVotes = async (sql: Sql, rows: readonly RequestRow[]): Promise<RequestState[]> =>
  readable(await eachRequest(sql, rows));

/** The grants that can be read. */
const withHolds = async (sql: Sql, rows: readonly GrantRow[]): Promise<GrantState[]> =>
  readable(await eachGrant(sql, rows));

/** A condition that leaves these ids out. */
const without = (except: readonly string[]): string =>
  except.length === 0 ? '' : `AND "id" NOT IN (${places(except)})`;

function grouped<T>(items: readonly T[], key: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const group = groups.get(key(item));
    if (group) group.push(item);
    else groups.set(key(item), [item]);
  }
  return groups;
}
