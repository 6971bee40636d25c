import type { Instant } from '../domain/instant.ts';
import { type DbTime, instant, moment } from './columns.ts';
import type { Sql } from './sql.ts';

/** How far time has come, so that it does not go back over a restart. */

/** The one row. NB. several processes write it: whoever is behind changes nothing. */
export async function rememberTime(sql: Sql, now: Instant): Promise<void> {
  await sql.run(
    `INSERT INTO "TimeReached" ("id", "at") VALUES (1, ?)
     ON CONFLICT ("id") DO UPDATE SET "at" = excluded."at" WHERE "TimeReached"."at" < excluded."at"`,
    moment(now),
  );
}

/** One look into an index for each workspace, and the row. */
export async function latestInstant(sql: Sql): Promise<Instant | undefined> {
  const rows = await sql.query<{ latest: DbTime | null }>(
    `SELECT (SELECT max(e."at") FROM "AuditEntry" e WHERE e."workspace" = h."workspace") AS "latest" FROM "AuditHead" h
     UNION ALL SELECT "at" FROM "TimeReached"`,
  );
  return rows
    .flatMap((row) => (row.latest === null ? [] : [instant(row.latest)]))
    .reduce<Instant | undefined>((latest, at) => (latest === undefined || at > latest ? at : latest), undefined);
}
