import {
  type FailingEffect,
  type NewEffect,
  type OutboxSummary,
  outboxSummaries,
  type StoredEffect,
  UnreadableRow,
} from '../app/ports/store.ts';
import { type Lane, laneOf, orderOf } from '../domain/effects.ts';
import type { Instant } from '../domain/instant.ts';
import { type DbInt, type DbTime, instant, moment } from './columns.ts';
import { readEffect } from './read-effect.ts';
import { places, type Row, type Sql, type Value, values } from './sql.ts';
import { readable, whole } from './unreadable.ts';

interface EffectRow {
  id: string;
  workspace: string;
  lane: string;
  orderKey: string;
  kind: string;
  payload: string;
  runAt: DbTime;
  createdAt: DbTime;
  attempt: DbInt;
  lastCode: string | null;
  lastSentence: string | null;
}

export const effectRow = (workspace: string, now: Instant, { id, effect, runAt }: NewEffect): Row => ({
  id,
  workspace,
  lane: laneOf(effect),
  orderKey: orderOf(effect),
  kind: effect.kind,
  payload: JSON.stringify(effect),
  status: 'pending',
  runAt: moment(runAt),
  createdAt: moment(now),
  attempt: 0,
  failures: 0,
});

const storedEffect = (row: EffectRow): StoredEffect => ({
  id: row.id,
  workspace: row.workspace,
  effect: readEffect(row),
  attempt: whole('attempt', row.attempt),
  createdAt: instant(row.createdAt),
  ...(row.lastCode === null ? {} : { lastCode: row.lastCode }),
});

/**
 * Due, and nobody's or of a claim whose lease is over, and the head of its order: the claimed one if there is one, else the
 * oldest. The head is looked up and the others are not excluded by NOT EXISTS: that becomes a join, which costs the square
 * of a backlog that grew since the last ANALYZE.
 */
const claimable = (sql: Sql, lane: Lane): string => `e."status" = 'pending' AND e."lane" = ? AND ${due(lane)}
  AND (e."leaseUntil" IS NULL OR e."leaseUntil" <= ?)
  AND e."id" = (
    SELECT o."id" FROM "Effect" o
    WHERE o."status" = 'pending' AND o."workspace" = e."workspace" AND o."orderKey" = e."orderKey"
    ORDER BY CASE WHEN o."claim" IS NULL THEN 1 ELSE 0 END, o."createdAt", o."id"${sql.dialect.byBytes} LIMIT 1)`;

/**
 * NB. a look that was written by a clock ahead of ours is due at once: the clock was set back, and until it is there again
 * nobody would look, and that time would pass for time in which what was given is not used.
 */
const due = (lane: Lane): string => (lane === 'watch' ? '(e."runAt" <= ? OR e."createdAt" > ?)' : 'e."runAt" <= ?');

/** What `claimable` asks for. */
const claimableFor = (lane: Lane, now: Instant): Value[] => {
  const at = moment(now);
  return lane === 'watch' ? [lane, at, at, at] : [lane, at, at];
};

/** A claim that is taken over: who had it never said how the attempt ended. */
const INTERRUPTED: StoredEffect['lastCode'] = 'interrupted';

/** Whether a claim would find anything: a read, so that looking costs no writer its turn. */
export async function anythingDue(sql: Sql, lane: Lane, now: Instant): Promise<boolean> {
  const rows = await sql.query(
    `SELECT 1 AS "due" FROM "Effect" e WHERE ${claimable(sql, lane)} LIMIT 1`,
    ...claimableFor(lane, now),
  );
  return rows.length > 0;
}

/**
 * NB. Two claimers can never have two effects of one order. The head stands in the way of the others until it is done; and
 * where an older effect becomes visible only after a younger one was claimed (a slow commit, a clock of another process),
 * the unique index "Effect_claimed_key" refuses the second claim. Never the same effect, too: on Postgres a row that
 * somebody else is claiming is skipped, and one that was claimed a moment ago no longer fits when it is locked; on SQLite
 * there is one writer at a time.
 *
 * What cannot be read is set aside, out of the way of its lane and of its order, and kept as it is; then there may be `more`
 * to claim.
 *
 * @throws a unique violation in that rare case; nothing is claimed then, and trying again is right.
 */
export async function claimEffects(
  sql: Sql,
  lane: Lane,
  claim: string,
  now: Instant,
  leaseUntil: Instant,
  limit: number,
  orders?: readonly string[],
): Promise<{ claimed: StoredEffect[]; more: boolean }> {
  const only = orders ? `AND e."orderKey" IN (${places(orders)})` : '';
  const rows = await sql.query<EffectRow>(
    `WITH due AS (
       SELECT e."id" FROM "Effect" e WHERE ${claimable(sql, lane)} ${only}
       ORDER BY e."runAt", e."createdAt", e."id"${sql.dialect.byBytes} LIMIT ? ${sql.dialect.lockFree})
     UPDATE "Effect" SET "claim" = ?, "leaseUntil" = ?, "attempt" = "attempt" + 1,
       "lastCode" = CASE WHEN "claim" IS NULL THEN "lastCode" ELSE '${INTERRUPTED}' END
     WHERE "id" IN (SELECT "id" FROM due)
     RETURNING "id", "workspace", "lane", "orderKey", "kind", "payload", "runAt", "createdAt", "attempt", "lastCode", "lastSentence"`,
    ...claimableFor(lane, now),
    ...(orders ?? []),
    limit,
    claim,
    moment(leaseUntil),
  );
  const key = (row: EffectRow) => `${instant(row.runAt)} ${instant(row.createdAt)} ${row.id}`;
  const found = rows.map((row) =>
    sql.unreadable.read('Effect', row.id, () => ({ key: key(row), stored: storedEffect(row) })),
  );
  await setAside(
    sql,
    claim,
    found.filter((one) => one instanceof UnreadableRow),
  );
  const claimed = readable(found);
  return {
    claimed: claimed.sort((a, b) => (a.key < b.key ? -1 : 1)).map(({ stored }) => stored),
    more: claimed.length < found.length,
  };
}

/** NB. not put off: whatever comes after it in its order, like the revocation of what it should give, would wait for it. */
async function setAside(sql: Sql, claim: string, rows: readonly UnreadableRow[]): Promise<void> {
  for (const { id, message } of rows) {
    await sql.run(
      `UPDATE "Effect" SET "status" = 'unreadable', "claim" = NULL, "leaseUntil" = NULL, "failures" = "failures" + 1,
         "lastCode" = 'unreadable', "lastSentence" = ?
       WHERE "id" = ? AND "claim" = ? AND "status" = 'pending'`,
      message,
      id,
      claim,
    );
  }
}

/** What was set aside: how many, and a sentence about each of the first. */
export async function unreadable(sql: Sql, limit: number): Promise<{ count: number; first: string[] }> {
  const [counted] = await sql.query<{ count: DbInt }>(
    `SELECT count(*) AS "count" FROM "Effect" WHERE "status" = 'unreadable'`,
  );
  const count = Number(counted?.count ?? 0);
  if (count === 0) return { count, first: [] };
  const rows = await sql.query<{ lastSentence: string | null }>(
    `SELECT "lastSentence" FROM "Effect" WHERE "status" = 'unreadable' ORDER BY "id" LIMIT ?`,
    limit,
  );
  return { count, first: rows.map(({ lastSentence }) => lastSentence ?? '') };
}

/** Those that are still to be done or were set aside, by id. */
export async function effectsAfter(
  sql: Sql,
  workspace: string,
  id: string,
  limit: number,
): Promise<(StoredEffect | UnreadableRow)[]> {
  const rows = await sql.query<EffectRow & { status: string }>(
    `SELECT * FROM "Effect" WHERE "workspace" = ? AND "status" IN ('pending', 'unreadable') AND "id" > ?
     ORDER BY "id" LIMIT ?`,
    workspace,
    id,
    limit,
  );
  return rows.map((row) => {
    const read = sql.unreadable.read('Effect', row.id, () => storedEffect(row));
    return row.status === 'unreadable' && !(read instanceof UnreadableRow)
      ? new UnreadableRow('Effect', row.id, 'it was set aside')
      : read;
  });
}

export async function finishEffect(sql: Sql, id: string, claim: string, now: Instant): Promise<boolean> {
  const count = await sql.run(
    `UPDATE "Effect" SET "status" = 'done', "doneAt" = ?, "claim" = NULL, "leaseUntil" = NULL
     WHERE "id" = ? AND "claim" = ? AND "status" = 'pending'`,
    moment(now),
    id,
    claim,
  );
  return count === 1;
}

/** Ends many at once; the number of those whose claim still held. */
export const finishEffects = (
  sql: Sql,
  claims: readonly { id: string; claim: string }[],
  now: Instant,
): Promise<number> =>
  sql.run(
    `UPDATE "Effect" SET "status" = 'done', "doneAt" = ?, "claim" = NULL, "leaseUntil" = NULL
     WHERE "id" IN (${places(claims)}) AND ("id", "claim") IN (VALUES ${values(claims.length, 2)}) AND "status" = 'pending'`,
    moment(now),
    ...claims.map(({ id }) => id),
    ...claims.flatMap(({ id, claim }) => [id, claim]),
  );

export async function postponeEffect(
  sql: Sql,
  id: string,
  claim: string,
  runAt: Instant,
  failure: { code: string; sentence: string } | undefined,
): Promise<boolean> {
  const back = `"runAt" = ?, "claim" = NULL, "leaseUntil" = NULL`;
  const where = `WHERE "id" = ? AND "claim" = ? AND "status" = 'pending'`;
  const count = failure
    ? await sql.run(
        `UPDATE "Effect" SET ${back}, "failures" = "failures" + 1, "lastCode" = ?, "lastSentence" = ? ${where}`,
        moment(runAt),
        failure.code,
        failure.sentence,
        id,
        claim,
      )
    : await sql.run(`UPDATE "Effect" SET ${back} ${where}`, moment(runAt), id, claim);
  return count === 1;
}

export async function repeatEffect(
  sql: Sql,
  id: string,
  claim: string,
  { effect, runAt }: Pick<NewEffect, 'effect' | 'runAt'>,
  now: Instant,
): Promise<boolean> {
  const count = await sql.run(
    `UPDATE "Effect" SET "payload" = ?, "runAt" = ?, "createdAt" = ?, "attempt" = 0, "failures" = 0, "lastCode" = NULL,
       "lastSentence" = NULL, "claim" = NULL, "leaseUntil" = NULL
     WHERE "id" = ? AND "claim" = ? AND "status" = 'pending'`,
    JSON.stringify(effect),
    moment(runAt),
    moment(now),
    id,
    claim,
  );
  return count === 1;
}

export async function hasten(sql: Sql, workspace: string, orders: readonly string[], now: Instant): Promise<void> {
  if (orders.length === 0) return;
  await sql.run(
    `UPDATE "Effect" SET "runAt" = ?
     WHERE "status" = 'pending' AND "workspace" = ? AND "orderKey" IN (${places(orders)}) AND "runAt" > ?`,
    moment(now),
    workspace,
    ...orders,
    moment(now),
  );
}

export async function outbox(sql: Sql, now: Instant): Promise<OutboxSummary[]> {
  const rows = await sql.query<{ lane: string; depth: DbInt; oldest: DbTime | null; failing: DbInt }>(
    `SELECT "lane", count(*) AS "depth", min(CASE WHEN "runAt" <= ? THEN "runAt" END) AS "oldest",
       sum(CASE WHEN "failures" > 0 THEN 1 ELSE 0 END) AS "failing"
     FROM "Effect" WHERE "status" = 'pending' GROUP BY "lane"`,
    moment(now),
  );
  return outboxSummaries((lane) => {
    const row = rows.find((candidate) => candidate.lane === lane);
    if (!row) return undefined;
    const { depth, oldest, failing } = row;
    return { depth: Number(depth), failing: Number(failing), ...(oldest ? { oldest: instant(oldest) } : {}) };
  });
}

export async function failingEffects(sql: Sql, limit: number): Promise<FailingEffect[]> {
  const rows = await sql.query<EffectRow>(
    `SELECT * FROM "Effect" WHERE "status" = 'pending' AND "failures" > 0
     ORDER BY "createdAt", "id"${sql.dialect.byBytes} LIMIT ?`,
    limit,
  );
  const read = (row: EffectRow): FailingEffect => ({
    ...storedEffect(row),
    lastCode: row.lastCode ?? '',
    lastSentence: row.lastSentence ?? '',
    runAt: instant(row.runAt),
  });
  return readable(rows.map((row) => sql.unreadable.read('Effect', row.id, () => read(row))));
}

/** Removes effects that were done before the instant. What they did is in the audit log. */
export const forgetDoneEffects = (sql: Sql, before: Instant): Promise<number> =>
  sql.run(`DELETE FROM "Effect" WHERE "status" = 'done' AND "doneAt" < ?`, moment(before));
