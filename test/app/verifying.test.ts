import { verifyAudit } from '../../src/app/verify-audit.ts';
import { App } from '../support/app.ts';
import { sqlite, type TestDatabase } from '../support/databases.ts';
import { approved, deploying, use } from './support/actions.ts';

const kind = sqlite();
let database: TestDatabase;
let app: App;

beforeAll(() => kind.start());
afterAll(() => kind.stop());
beforeEach(async () => {
  database = await kind.database();
  app = new App(await database.open(), {});
  await app.granted('ana');
  await app.deny('cy', await app.asked('ben', 'read'));
  await app.work();
});
afterEach(() => database.close());

const findings = async () => (await verifyAudit(app.ports)).flatMap((report) => report.findings);

describe('verifying a real database', () => {
  it('finds nothing when nobody has been at it', async () => {
    const [report] = await verifyAudit(app.ports);
    // Two requests, one grant, one permission.
    expect(report).toMatchObject({ findings: [], rows: 4, entries: 9, head: expect.stringMatching(/^[0-9a-f]{64}$/) });
  });

  it.each([
    ['a grant that lasts longer', `UPDATE "Grant" SET "endsAt" = '2030-01-01T00:00:00.000+00:00'`, /^grant .*endsAt/],
    [
      'a denied request made approved',
      `UPDATE "Request" SET "status" = 'approved' WHERE "status" = 'denied'`,
      /^request .*status/,
    ],
    [
      'a vote under another name',
      `UPDATE "Vote" SET "voter" = 'eve@example.com' WHERE "voter" = 'dee@example.com'`,
      /^request .*votes/,
    ],
    ['a permission called standing', `UPDATE "Entitlement" SET "status" = 'standing'`, /^entitlement .*status/],
    ['a permission for another account', `UPDATE "Hold" SET "account" = 'eve'`, /^grant .*holds/],
    ['a vote that is gone', `DELETE FROM "Vote" WHERE "voter" = 'cy@example.com'`, /^request .*votes/],
    [
      'a nudge that comes never',
      `UPDATE "Request" SET "nextNudgeAt" = '2030-01-01T00:00:00.000+00:00' WHERE "status" = 'denied'`,
      /^request .*nextNudgeAt/,
    ],
    [
      'an emergency that is none',
      `UPDATE "Request" SET "emergencyNo" = 7 WHERE "status" = 'denied'`,
      /^request .*emergencyNo/,
    ],
    [
      'a review that was not asked for',
      `UPDATE "Request" SET "reviewBy" = '2020-01-01T00:00:00.000+00:00' WHERE "status" = 'denied'`,
      /^request .*reviewBy/,
    ],
    [
      'a review that was called late',
      `UPDATE "Request" SET "reviewLate" = 1 WHERE "status" = 'denied'`,
      /^request .*reviewLate/,
    ],
    [
      'an approval that waits to be used',
      `UPDATE "Request" SET "unusedAfter" = '2020-01-01T00:00:00.000+00:00' WHERE "status" = 'denied'`,
      /^request .*unusedAfter/,
    ],
    [
      'an access with the parameters of an action',
      `UPDATE "Request" SET "parametersKey" = 'x' WHERE "status" = 'denied'`,
      /^request .*parametersKey/,
    ],
    ['a permission that is said not to be held', 'UPDATE "Hold" SET "held" = 0', /^grant .*held/],
    ['a permission of another workspace', `UPDATE "Hold" SET "workspace" = 'T0OTHER'`, /^grant .*held/],
    ['a permission that is gone', 'DELETE FROM "Entitlement"', /^entitlement .*not in the database/],
  ])('%s is named', async (_what, sql, expected) => {
    await database.sql(sql);
    const found = await findings();
    expect(found).toHaveLength(1);
    const [finding] = found;
    expect(finding?.kind === 'row' && `${finding.row} ${finding.problem}`).toMatch(expected);
  });

  it.each([
    ['a changed byte', `UPDATE "AuditEntry" SET "body" = replace("body", 'ana', 'eve') WHERE "seq" = 3`, 3],
    ['a dropped entry', 'DELETE FROM "AuditEntry" WHERE "seq" = 2', 2],
    ['a dropped tail', 'DELETE FROM "AuditEntry" WHERE "seq" > 5', 6],
  ])('%s is named at its entry, even by somebody who took the guards away', async (_what, sql, seq) => {
    for (const { name } of await database.sql<{ name: string }>(
      `SELECT name FROM sqlite_master WHERE type = 'trigger'`,
    )) {
      await database.sql(`DROP TRIGGER "${name}"`);
    }
    await database.sql(sql);
    expect(await findings()).toMatchObject([{ kind: 'chain', seq }]);
  });

  it('a log cut to a shorter one with a matching head does not explain the rows', async () => {
    for (const { name } of await database.sql<{ name: string }>(
      `SELECT name FROM sqlite_master WHERE type = 'trigger'`,
    )) {
      await database.sql(`DROP TRIGGER "${name}"`);
    }
    await database.sql('DELETE FROM "AuditEntry" WHERE "seq" > 5');
    await database.sql('UPDATE "AuditHead" SET "seq" = 5, "hash" = (SELECT "hash" FROM "AuditEntry" WHERE "seq" = 5)');
    const found = await findings();
    expect(found.every((finding) => finding.kind === 'row')).toBe(true);
    expect(found.length).toBeGreaterThanOrEqual(2);
  });
});

describe('verifying the log of an action', () => {
  const used = async () => {
    app.reload(deploying());
    const id = await approved(app);
    await use(app, id);
    await app.work();
    return id;
  };

  it('finds nothing when it was used once, and names a second use that somebody wrote', async () => {
    const id = await used();
    expect(await findings()).toEqual([]);
    // By somebody who can write everything: the chain is whole, and the row is what it tells.
    const [event] = await app.events('ActionUsed');
    if (!event) throw new Error('it was not used');
    const forged = { ...event, at: app.clock.now() };
    await app.store.transaction((tx) => tx.write(app.workspace, forged.at, { events: [forged], effects: [] }));
    expect(await findings()).toMatchObject([
      { kind: 'event', problem: `its approval was used already, at ${event.at}` },
    ]);
    expect(id).toBe(event.requestId);
  });

  it('names a use of a copy of a used approval, though the copy is taken away behind it', async () => {
    const id = await used();
    const [row] = await database.sql<Record<string, unknown>>(`SELECT * FROM "Request" WHERE "id" = '${id}'`);
    const names = Object.keys(row ?? {}).filter((name) => name !== 'id');
    const columns = names.map((name) => `"${name}"`).join();
    await database.sql(
      `INSERT INTO "Request" ("id", ${columns}) SELECT 'req_copy', ${columns} FROM "Request" WHERE "id" = '${id}'`,
    );
    // What it was before it was used, with the vote that it had.
    await database.sql(
      `UPDATE "Request" SET "action" = json_remove("action", '$.usedAt'), "unusedAfter" = '2030-01-01 00:00:00'
       WHERE "id" = 'req_copy'`,
    );
    expect(await use(app, 'req_copy')).not.toMatchObject({ kind: 'used' });
    const [vote] = await database.sql<Record<string, unknown>>(`SELECT * FROM "Vote" WHERE "requestId" = '${id}'`);
    const parts = Object.keys(vote ?? {}).filter((name) => name !== 'id' && name !== 'requestId');
    const each = parts.map((name) => `"${name}"`).join();
    await database.sql(
      `INSERT INTO "Vote" ("requestId", ${each}) SELECT 'req_copy', ${each} FROM "Vote" WHERE "requestId" = '${id}'`,
    );
    expect(await use(app, 'req_copy')).toMatchObject({ kind: 'used' });
    await app.work();
    for (const sql of [`"Vote" WHERE "requestId" = 'req_copy'`, `"Request" WHERE "id" = 'req_copy'`])
      await database.sql(`DELETE FROM ${sql}`);
    expect(await findings()).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ kind: 'event', problem: 'request req_copy was never opened' }),
      ]),
    );
  });

  it('names a use with other parameters, though the row is put back behind it', async () => {
    app.reload(deploying());
    const id = await approved(app);
    const [row] = await database.sql<{ fields: string; parametersKey: string }>(
      `SELECT "fields", "parametersKey" FROM "Request" WHERE "id" = '${id}'`,
    );
    if (!row) throw new Error('there is no such row');
    await database.sql(`UPDATE "Request" SET "fields" = '{"sha":"beef"}' WHERE "id" = '${id}'`);
    expect(await use(app, id, { sha: 'beef' })).toMatchObject({ kind: 'used' });
    await database.sql(
      `UPDATE "Request" SET "fields" = '${row.fields}', "parametersKey" = '${row.parametersKey}' WHERE "id" = '${id}'`,
    );
    await app.work();
    expect(await findings()).toMatchObject([
      { kind: 'event', problem: 'it was used for something else than was approved' },
    ]);
  });

  it.each([
    ['a use that is taken back', `UPDATE "Request" SET "action" = replace("action", 'usedAt', 'unused')`, 'action'],
    [
      'a longer time',
      `UPDATE "Request" SET "action" = replace("action", '"usableUntil":"2026', '"usableUntil":"2030')`,
      'action',
    ],
    ['other parameters', `UPDATE "Request" SET "fields" = '{"sha":"beef"}'`, 'fields'],
    ['another caller', `UPDATE "Request" SET "requesterEmail" = 'api-key:jenkins'`, 'requester'],
  ])('%s in the row is named', async (_, sql, field) => {
    const id = await used();
    await database.sql(`${sql} WHERE "id" = '${id}'`);
    expect(await findings()).toMatchObject([
      { kind: 'row', row: `request ${id}`, problem: expect.stringContaining(field) },
    ]);
  });
});
