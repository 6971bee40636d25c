import { plus } from '../../src/domain/instant.ts';
import * as outbox from '../../src/store/outbox.ts';
import * as delegations from '../../src/store/read-delegations.ts';
import * as reads from '../../src/store/reads.ts';
import { type Connection, type Dialect, Sql } from '../../src/store/sql.ts';
import * as stranded from '../../src/store/stranded.ts';
import { latestInstant } from '../../src/store/time-reached.ts';
import { type DatabaseKind, postgres, sqlite, type TestDatabase } from '../support/databases.ts';
import { anEntitlementRef, HOUR, NOON, policiesLoaded, WORKSPACE } from '../support/samples.ts';

/** How many rows that are over; enough that a planner which reads them all would show. */
const OVER = 20_000;

/** Every query that runs again and again, and the index that makes it cost what is open and not what is over. */
const QUERIES: [string, RegExp, (sql: Sql) => Promise<unknown>][] = [
  ['due requests', /Request_pending_due_idx/, (sql) => reads.dueRequests(sql, NOON, 10)],
  [
    'a pending request',
    /Request_pending_(key|due_idx)/,
    (sql) => reads.pendingRequest(sql, WORKSPACE, 'ana@example.com', 'x'),
  ],
  [
    'pending requests of a person',
    /Request_pending_(key|due_idx)/,
    (sql) => reads.pendingRequestsOf(sql, WORKSPACE, 'ana@example.com'),
  ],
  ['due reminders and escalations', /Request_(nudge|pending)_due_idx/, (sql) => reads.dueNudges(sql, NOON, 10)],
  [
    'delegations in force',
    /Delegation_(open|due)_idx/,
    (sql) => delegations.delegationsInForce(sql, WORKSPACE, NOON, 'bo@example.com'),
  ],
  ['due delegations', /Delegation_(due|open)_idx/, (sql) => delegations.dueDelegations(sql, NOON, 10)],
  ['due grants', /Grant_due_idx/, (sql) => reads.dueGrants(sql, NOON, 10)],
  ['late reviews', /Request_review_idx/, (sql) => reads.dueReviews(sql, NOON, 10)],
  ['approvals that nobody used', /Request_unused_idx/, (sql) => reads.dueUnused(sql, NOON, 10)],
  ['overdue reviews', /Request_review_idx/, (sql) => reads.overdueReviews(sql, WORKSPACE, NOON, 10)],
  [
    'emergencies of a person',
    /Request_emergency_(key|slack_idx)[\s\S]*Request_emergency_slack_idx/,
    (sql) => reads.emergencies(sql, WORKSPACE, { email: 'ana@example.com', slack: 'U0ANA' }, 'x', 2),
  ],
  ['due warnings', /Grant_(warning|due|open)/, (sql) => reads.dueWarnings(sql, NOON, 10)],
  ['stranded grants', /Grant_(revoking|open)/, (sql) => stranded.anyStranded(sql)],
  ['effects that were set aside', /Effect_unreadable_idx/, (sql) => outbox.unreadable(sql, 10)],
  ['open grants', /Grant_open_idx/, (sql) => reads.openGrants(sql, WORKSPACE, 10)],
  ['the count of open grants', /Grant_open/, (sql) => reads.countOpenGrants(sql, WORKSPACE)],
  ['open grants of a person', /Grant_open/, (sql) => reads.openGrantsOf(sql, WORKSPACE, 'ana@example.com')],
  ['holders', /Hold_held_idx/, (sql) => reads.holders(sql, WORKSPACE, anEntitlementRef().key, 'x')],
  ['a look for due effects', /Effect_(due|order)_idx/, (sql) => outbox.anythingDue(sql, 'slack', NOON)],
  ['a claim', /Effect_(due|order)_idx/, (sql) => outbox.claimEffects(sql, 'slack', 'me', NOON, plus(NOON, HOUR), 10)],
  ['failing effects', /Effect_failing_idx/, (sql) => outbox.failingEffects(sql, 10)],
  ['the outbox summary', /Effect_/, (sql) => outbox.outbox(sql, NOON)],
  ['hastening', /Effect_/, (sql) => outbox.hasten(sql, WORKSPACE, ['request:1'], NOON)],
  ['the latest instant', /AuditEntry_workspace_at_idx/, (sql) => latestInstant(sql)],
];

/** The statement that a function sends, with its values written out, so that EXPLAIN can be put before it. */
async function statementOf(dialect: Dialect, call: (sql: Sql) => Promise<unknown>): Promise<string> {
  const sent: string[] = [];
  const record = async (text: string, ...values: unknown[]) => {
    let next = 0;
    sent.push(text.replace(/\?|\$\d+/g, () => literal(values[next++])));
    return [];
  };
  await call(new Sql({ $queryRawUnsafe: record, $executeRawUnsafe: record } as unknown as Connection, dialect));
  return sent[0] ?? '';
}

const literal = (value: unknown): string => {
  if (value instanceof Date) return `'${value.toISOString().replace('Z', '+00:00')}'`;
  return typeof value === 'number' ? String(value) : `'${String(value).replaceAll("'", "''")}'`;
};

const DIALECTS: Record<string, Dialect> = {
  SQLite: { provider: 'sqlite', concurrency: 1, lock: '', lockFree: '', byBytes: '', transactionId: 'NULL', later: '' },
  Postgres: {
    provider: 'postgres',
    concurrency: 4,
    lock: 'FOR NO KEY UPDATE',
    lockFree: 'FOR NO KEY UPDATE SKIP LOCKED',
    byBytes: ' COLLATE "C"',
    transactionId: 'NULL',
    later: '',
  },
};

describe.each([sqlite(), postgres()])(`with ${OVER} rows that are over, on $name`, (kind: DatabaseKind) => {
  let database: TestDatabase;
  const dialect = DIALECTS[kind.name] as Dialect;

  beforeAll(async () => {
    await kind.start();
    database = await kind.database();
    const store = await database.open();
    const events = Array.from({ length: 5_000 }, () => policiesLoaded());
    await store.transaction((tx) => tx.write(WORKSPACE, NOON, { events, effects: [] }));
    const series =
      kind.name === 'SQLite'
        ? `(WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${OVER}) SELECT i FROM n) AS s`
        : `generate_series(1, ${OVER}) AS s(i)`;
    const at = `'2026-03-02T12:00:00.000+00:00'`;
    const held = kind.name === 'SQLite' ? '0' : 'false';
    await database.sql(`INSERT INTO "Request" ("id", "workspace", "access", "title", "requesterEmail", "requesterSlack",
      "durationMs", "reason", "fields", "status", "policyDigest", "flow", "entitlements", "openedAt", "lapsesAt", "reviewLate", "parametersKey", "version")
      SELECT 'req_' || i, '${WORKSPACE}', 'x', 'x', 'ana@example.com', 'U', 1, 'x', '{}', 'approved', 'x', '{}', '[]', ${at}, ${at}, ${held}, '', 2 FROM ${series}`);
    await database.sql(`INSERT INTO "Grant" ("id", "workspace", "requestId", "access", "personEmail", "personSlack", "status",
      "approvedAt", "endsAt", "version")
      SELECT 'grt_' || i, '${WORKSPACE}', 'req_' || i, 'x', 'ana@example.com', 'U', 'ended', ${at}, ${at}, 4 FROM ${series}`);
    await database.sql(`INSERT INTO "Hold" ("grantId", "position", "workspace", "key", "held", "target", "system", "provider", "permission",
      "account", "label", "status")
      SELECT 'grt_' || i, 0, '${WORKSPACE}', '${anEntitlementRef().key}', ${held}, 'x', 'x', 'x', '{}', 'x', 'x', 'taken' FROM ${series}`);
    await database.sql(`INSERT INTO "Effect" ("id", "workspace", "lane", "orderKey", "kind", "payload", "status", "runAt",
      "createdAt", "attempt", "failures", "doneAt")
      SELECT 'eff_' || i, '${WORKSPACE}', 'slack', 'request:1', 'x', '{}', 'done', ${at}, ${at}, 1, 1, ${at} FROM ${series}`);
    await database.sql(`INSERT INTO "Delegation" ("workspace", "delegatorEmail", "delegatorSlack", "delegateEmail", "delegateSlack",
      "since", "until", "endedAt", "endedBecause", "version")
      SELECT '${WORKSPACE}', 'p' || i, 'U', 'bo@example.com', 'U', ${at}, ${at}, ${at}, 'time', 2 FROM ${series}`);
    await database.sql('ANALYZE');
  });
  afterAll(async () => {
    await database.close();
    await kind.stop();
  });

  it.each(QUERIES)('%s are found through %s', async (_what, index, call) => {
    const statement = await statementOf(dialect, call);
    const explain = kind.name === 'SQLite' ? 'EXPLAIN QUERY PLAN' : 'EXPLAIN';
    const plan = (await database.sql(`${explain} ${statement}`))
      .map((row) => String(kind.name === 'SQLite' ? row.detail : row['QUERY PLAN']))
      .join('\n');
    expect(plan).toMatch(index);
    // Nothing reads a whole table of what may be over, except through a partial index of what is not.
    expect(plan).not.toMatch(/Seq Scan on "(Request|Grant|Hold|Effect|AuditEntry|Delegation)"/);
    expect(plan).not.toMatch(
      /SCAN (e|o|Request|Grant|Hold|Effect|AuditEntry|Delegation)\b(?! USING (COVERING )?INDEX)/,
    );
  });
});
