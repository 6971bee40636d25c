import { UnreadableRow } from '../app/ports/store.ts';
import type { GrantState } from '../domain/grant.ts';
import type { RequestState } from '../domain/request.ts';
import { type DbTime, instant } from './columns.ts';
import { type RequestRow, requestRow } from './request-rows.ts';
import { places, type Sql } from './sql.ts';

/**
 * Some columns say again what the rest of their row says, so that it can be looked for: when a nudge is due, the number of
 * an emergency, until when an approval is to be used, whether a permission is held. NB. a review without its date is never
 * called late, an emergency without its number is not counted, the same action is asked for twice under other parameters, and
 * a permission that is not called held is taken from its other holder: whoever edits only these must be found like anybody
 * else. Verification is handed what a column says where that is not what the row says.
 */
const MOMENTS = ['reviewBy', 'nextNudgeAt', 'unusedAfter'] as const;
const NUMBERS = ['emergencyNo', 'reviewLate'] as const;
const TEXTS = ['parametersKey'] as const;

type Stored = RequestRow & Readonly<Record<string, unknown>>;

export function withWrongColumns(state: RequestState, row: RequestRow): RequestState {
  const stored = row as Stored;
  const due = requestRow(state);
  const wrong = [
    ...MOMENTS.filter((name) => momentOf(stored[name]) !== momentOf(due[name])),
    ...NUMBERS.filter((name) => numberOf(stored[name]) !== numberOf(due[name])),
    ...TEXTS.filter((name) => stored[name] !== due[name]),
  ];
  return { ...state, ...Object.fromEntries(wrong.map((name) => [name, `not as it is in the ${name} of its row`])) };
}

/** The grants of a page whose permissions are called held when they are not, or the other way, or are another workspace's. */
export async function withWrongHolds(
  sql: Sql,
  grants: readonly (GrantState | UnreadableRow)[],
): Promise<(GrantState | UnreadableRow)[]> {
  if (grants.length === 0) return [];
  const ids = grants.map(({ id }) => id);
  const rows = await sql.query<{ grantId: string }>(
    `SELECT DISTINCT "Hold"."grantId" FROM "Hold" JOIN "Grant" ON "Grant"."id" = "Hold"."grantId"
     WHERE "Grant"."id" IN (${places(ids)})
       AND ("Hold"."workspace" <> "Grant"."workspace"
            OR "Hold"."held" <> ("Grant"."status" IN ('provisioning', 'active')))`,
    ...ids,
  );
  const wrong = new Set(rows.map(({ grantId }) => grantId));
  return grants.map((grant) =>
    wrong.has(grant.id) && !(grant instanceof UnreadableRow)
      ? Object.assign({}, grant, { held: 'not as its status says' })
      : grant,
  );
}

/** NB. what is no time must be found, too, and not stop the verification. */
function momentOf(value: unknown): string | null {
  if (value === null || value === undefined) return null;
  try {
    return instant(value as DbTime);
  } catch {
    return 'no time';
  }
}

const numberOf = (value: unknown): number | null => (value === null || value === undefined ? null : Number(value));
