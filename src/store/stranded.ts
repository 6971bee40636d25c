import type { GrantState } from '../domain/grant.ts';
import { grants } from './reads.ts';
import { places, type Sql } from './sql.ts';
import { pageOfReadable } from './unreadable.ts';

/**
 * A hold `h` of the grant `g` that has to be ended and that no revocation in the outbox is about. The order finds the
 * effects of its entitlement by their index; whose each of them is stands in its payload.
 */
const ABANDONED = `h."grantId" = g."id" AND h."status" IN ('pending', 'given') AND NOT EXISTS (
  SELECT 1 FROM "Effect" e
  WHERE e."status" = 'pending' AND e."workspace" = h."workspace" AND e."orderKey" = 'entitlement:' || h."key"
    AND e."kind" = 'revoke' AND e."payload" LIKE '%"grantId":"' || g."id" || '"%')`;

const STRANDED = `g."status" = 'revoking' AND EXISTS (SELECT 1 FROM "Hold" h WHERE ${ABANDONED})`;

export async function anyStranded(sql: Sql): Promise<boolean> {
  return (await sql.query(`SELECT 1 AS "stranded" FROM "Grant" g WHERE ${STRANDED} LIMIT 1`)).length > 0;
}

/**
 * NB. The grants are locked first, and only then it is looked which revocations are missing: what another process wrote
 * between its own look and ours would else be written twice.
 */
export function strandedGrants(sql: Sql, limit: number): Promise<{ grant: GrantState; keys: string[] }[]> {
  return pageOfReadable(limit, async (except) => {
    const others = except.length === 0 ? '' : `AND g."id" NOT IN (${places(except)})`;
    const rows = await sql.query<{ id: string }>(
      `SELECT g."id" FROM "Grant" g WHERE ${STRANDED} ${others} ORDER BY g."id" LIMIT ? ${sql.dialect.lockFree}`,
      ...except,
      limit,
    );
    const ids = rows.map(({ id }) => id);
    if (ids.length === 0) return [];
    const abandoned = await sql.query<{ grantId: string; key: string }>(
      `SELECT h."grantId", h."key" FROM "Grant" g JOIN "Hold" h ON ${ABANDONED}
       WHERE g."id" IN (${places(ids)}) AND g."status" = 'revoking' ORDER BY h."grantId", h."position"`,
      ...ids,
    );
    const found = await grants(sql, ids);
    return found.map((grant) =>
      grant instanceof Error
        ? grant
        : { grant, keys: abandoned.filter(({ grantId }) => grantId === grant.id).map(({ key }) => key) },
    );
  });
}
