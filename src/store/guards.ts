import type { Provider } from './errors.ts';
import { migrationsFor } from './migrate.ts';
import type { Sql } from './sql.ts';

/** A trigger that keeps the audit log append-only is missing, disabled or not what the migrations made. */
export class GuardMissing extends Error {
  override readonly name = 'GuardMissing';
  readonly code = 'audit-guard-missing';
}

/**
 * Makes sure that the triggers of the audit log are there, active and word for word those of the migrations: a table that
 * SQLite rebuilt has lost them, a restored dump may lack them, and somebody may have switched them off.
 *
 * @throws GuardMissing naming every trigger that is wrong.
 */
export async function checkGuards(sql: Sql): Promise<void> {
  const problems = sql.dialect.provider === 'sqlite' ? await inSqlite(sql) : await inPostgres(sql);
  if (problems.length === 0) return;
  throw new GuardMissing(
    `The audit log is not protected: ${problems.join('; ')}. Find out who changed it, verify the log against an export, then put the triggers back from prisma/migrations.`,
  );
}

async function inSqlite(sql: Sql): Promise<string[]> {
  const rows = await sql.query<{ name: string; sql: string }>(
    `SELECT "name", "sql" FROM sqlite_master WHERE "type" = 'trigger' AND "tbl_name" = 'AuditEntry'`,
  );
  const there = new Map(rows.map((row) => [row.name, oneLine(row.sql)]));
  return ['AuditEntry_no_update', 'AuditEntry_no_delete', 'AuditEntry_append'].flatMap((name) => {
    const wanted = lastText('sqlite', new RegExp(`CREATE TRIGGER "${name}"[\\s\\S]*?\\nEND(?=;)`, 'g'));
    const found = there.get(name);
    if (found === undefined) return [`the trigger ${name} is missing`];
    return found === oneLine(wanted) ? [] : [`the trigger ${name} was changed`];
  });
}

/** Bits of `pg_trigger.tgtype`. */
const ROW = 1;
const BEFORE = 2;
const INSERT = 4;
const DELETE = 8;
const UPDATE = 16;
const TRUNCATE = 32;

const POSTGRES_TRIGGERS = [
  { name: 'AuditEntry_no_change', type: ROW | BEFORE | UPDATE | DELETE, calls: 'latchkey_audit_refuse' },
  { name: 'AuditEntry_no_truncate', type: BEFORE | TRUNCATE, calls: 'latchkey_audit_refuse' },
  { name: 'AuditEntry_append', type: ROW | BEFORE | INSERT, calls: 'latchkey_audit_append' },
];

async function inPostgres(sql: Sql): Promise<string[]> {
  const rows = await sql.query<{ name: string; enabled: string; type: number; plain: boolean; body: string }>(
    `SELECT t.tgname::text AS "name", t.tgenabled::text AS "enabled", t.tgtype::int AS "type",
       (t.tgqual IS NULL AND t.tgattr::text = '') AS "plain", p.prosrc AS "body"
     FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid
     WHERE t.tgrelid = '"AuditEntry"'::regclass AND NOT t.tgisinternal`,
  );
  const there = new Map(rows.map((row) => [row.name, row]));
  return POSTGRES_TRIGGERS.flatMap(({ name, type, calls }) => {
    const text = lastText(
      'postgres',
      new RegExp(`FUNCTION "${calls}"\\(\\)[^$]*\\$guard\\$[\\s\\S]*?\\$guard\\$`, 'g'),
    );
    const body = text.split('$guard$')[1] ?? '';
    const found = there.get(name);
    if (!found) return [`the trigger ${name} is missing`];
    // `A`: enabled always, also in a session that says it is a replica.
    if (found.enabled !== 'A') return [`the trigger ${name} is not enabled always`];
    const whole = Number(found.type) === type && found.plain && oneLine(found.body) === oneLine(body);
    return whole ? [] : [`the trigger ${name} was changed`];
  });
}

/** The last text of the migrations that matches: what the database should have now. */
function lastText(provider: Provider, pattern: RegExp): string {
  const all = migrationsFor(provider).flatMap(({ sql }) => sql.match(pattern) ?? []);
  const last = all.at(-1);
  if (last === undefined) throw new Error(`No migration for ${provider} matches ${pattern}.`);
  return last;
}

const oneLine = (text: string): string => text.replace(/\s+/g, ' ').trim();
