import type { MendedEffects } from '../app/ports/store.ts';
import { LANES } from '../domain/effects.ts';
import { type Instant, type Milliseconds, plus } from '../domain/instant.ts';
import { moment } from './columns.ts';
import { places, type Sql } from './sql.ts';

/** Latchkey puts a revocation off by a minute or so at most. */
const REVOKE_WITHIN_MS: Milliseconds = 5 * 60_000;
/** What may stand before one waits for as long as a target asks, which is believed up to an hour. */
const GIVE_WITHIN_MS: Milliseconds = 2 * 3_600_000;
/** Anything else waits for as long as Slack asks. */
const RUN_WITHIN_MS: Milliseconds = 86_400_000;
/** A claim holds for half a minute. */
const LEASE_WITHIN_MS: Milliseconds = 3_600_000;

const LATE = `"status" = 'pending'
  AND ("runAt" > ? OR ("lane" = 'target' AND "runAt" > ?) OR ("kind" = 'revoke' AND "runAt" > ?))`;
/** What it asks for. */
const lateFor = (now: Instant) =>
  [RUN_WITHIN_MS, GIVE_WITHIN_MS, REVOKE_WITHIN_MS].map((within) => moment(plus(now, within)));
const HELD = `"status" = 'pending' AND "leaseUntil" > ?`;
const ASTRAY = `"status" = 'pending' AND "lane" NOT IN (${places(LANES)})`;

/**
 * NB. who can write to the database must not keep a permission by putting its revocation off to next year, nor by putting
 * something before it that never comes to its turn. What else is wrong with an effect is seen when it is claimed.
 */
export async function mendEffects(sql: Sql, now: Instant): Promise<MendedEffects> {
  const at = moment(now);
  const held = moment(plus(now, LEASE_WITHIN_MS));
  return {
    setAside: await sql.run(
      `UPDATE "Effect" SET "status" = 'unreadable', "claim" = NULL, "leaseUntil" = NULL, "lastCode" = 'unreadable',
         "lastSentence" = 'the row Effect ' || "id" || ' cannot be read: its lane is none that Latchkey writes'
       WHERE ${ASTRAY}`,
      ...LANES,
    ),
    hastened: await sql.run(`UPDATE "Effect" SET "runAt" = ? WHERE ${LATE}`, at, ...lateFor(now)),
    freed: await sql.run(`UPDATE "Effect" SET "claim" = NULL, "leaseUntil" = NULL WHERE ${HELD}`, held),
  };
}

/** A look first, so that an outbox that nobody changed costs no writer its turn. */
export async function anyChanged(sql: Sql, now: Instant): Promise<boolean> {
  const rows = await sql.query(
    `SELECT 1 AS "changed" FROM "Effect" WHERE (${ASTRAY}) OR (${LATE}) OR (${HELD}) LIMIT 1`,
    ...LANES,
    ...lateFor(now),
    moment(plus(now, LEASE_WITHIN_MS)),
  );
  return rows.length > 0;
}
