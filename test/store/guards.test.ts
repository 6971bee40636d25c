import type { Store } from '../../src/app/ports/store.ts';
import { link } from '../../src/audit/chain.ts';
import { createStore } from '../../src/store/store.ts';
import { type DatabaseKind, postgres, sqlite, type TestDatabase } from '../support/databases.ts';
import { NOON, policiesLoaded, WORKSPACE } from '../support/samples.ts';

const COLUMNS = '("workspace", "seq", "at", "type", "body", "prev", "hash")';

function guardTests(kind: DatabaseKind, extra: (context: () => { database: TestDatabase }) => void): void {
  describe(`the audit log's guards on ${kind.name}`, () => {
    let database: TestDatabase;
    let store: Store;
    let last: { seq: number; hash: string };

    beforeAll(() => kind.start());
    afterAll(() => kind.stop());
    beforeEach(async () => {
      database = await kind.database();
      store = await database.open();
      await store.transaction((tx) =>
        tx.write(WORKSPACE, NOON, { effects: [], events: [1, 2, 3].map((accesses) => policiesLoaded({ accesses })) }),
      );
      last = await store.auditHead(WORKSPACE);
    });
    afterEach(async () => {
      // Whatever was tried: the three entries are as they were.
      expect(await store.auditHead(WORKSPACE)).toEqual(last);
      const entries = await store.auditPage(WORKSPACE, 1, 10);
      expect(entries.map((entry) => JSON.parse(entry.body).event.accesses)).toEqual([1, 2, 3]);
      await database.close();
    });

    const insert = (verb: string, seq: number, prev: string, body = `{"event":{},"prev":"${prev}","seq":${seq}}`) =>
      database.sql(
        `${verb} INTO "AuditEntry" ${COLUMNS} VALUES ($1, $2, '2026-03-03T12:00:00.000+00:00', 'x', $3, $4, 'forged')`,
        [WORKSPACE, seq, body, prev],
      );

    it.each([
      ['UPDATE "AuditEntry" SET "body" = \'{}\' WHERE "seq" = 2'],
      ['UPDATE "AuditEntry" SET "seq" = 9 WHERE "seq" = 3'],
      ['DELETE FROM "AuditEntry" WHERE "seq" = 3'],
      ['DELETE FROM "AuditEntry"'],
    ])('refuse %s', async (statement) => {
      await expect(database.sql(statement)).rejects.toThrow('append-only');
    });

    it('refuse an entry out of order', async () => {
      await expect(insert('INSERT', 2, last.hash)).rejects.toThrow('not the next');
      await expect(insert('INSERT', 5, last.hash)).rejects.toThrow('not the next');
      await expect(insert('INSERT', 0, last.hash)).rejects.toThrow('not the next');
    });

    it('refuse an entry that does not continue the chain, in its column or in its body', async () => {
      await expect(insert('INSERT', 4, '0'.repeat(64))).rejects.toThrow('does not hold the hash of the one before');
      const lying = `{"event":{},"prev":"${'0'.repeat(64)}","seq":4}`;
      await expect(insert('INSERT', 4, last.hash, lying)).rejects.toThrow('does not hold the hash');
    });

    it('refuse a first entry of a workspace that begins elsewhere', async () => {
      const forged = database.sql(
        `INSERT INTO "AuditEntry" ${COLUMNS} VALUES ('T0NEW', 1, '2026-03-03T12:00:00.000+00:00', 'x', $1, $2, 'h')`,
        [`{"event":{},"prev":"${last.hash}","seq":1}`, last.hash],
      );
      await expect(forged).rejects.toThrow('does not hold the hash');
    });

    it('make the store fail loudly, and write nothing, when the head was tampered with', async () => {
      await database.sql('UPDATE "AuditHead" SET "seq" = 1');
      const writing = store.transaction((tx) => tx.write(WORKSPACE, NOON, { effects: [], events: [policiesLoaded()] }));
      await expect(writing).rejects.toThrow('append-only');
      await database.sql('UPDATE "AuditHead" SET "seq" = 3');
    });

    extra(() => ({ database }));
  });
}

guardTests(sqlite(), (context) => {
  it('refuse INSERT OR REPLACE, by the primary key and by the rowid', async () => {
    const { database } = context();
    for (const seq of [1, 3]) {
      const replace = `INSERT OR REPLACE INTO "AuditEntry" SELECT "workspace", ${seq}, "at", "type", "body", "prev", 'x' FROM "AuditEntry" WHERE "seq" = 1`;
      await expect(database.sql(replace)).rejects.toThrow('not the next');
    }
    const [head] = await database.sql<{ hash: string }>('SELECT "hash" FROM "AuditHead"');
    const body = `{"event":{},"prev":"${head?.hash}","seq":4}`;
    const byRowid = database.sql(
      `INSERT OR REPLACE INTO "AuditEntry" (rowid, "workspace", "seq", "at", "type", "body", "prev", "hash")
       VALUES (2, '${WORKSPACE}', 4, 'x', 'x', $1, $2, 'forged')`,
      [body, head?.hash ?? ''],
    );
    await expect(byRowid).rejects.toThrow('not the next');
  });

  it.each(['AuditEntry_no_update', 'AuditEntry_no_delete', 'AuditEntry_append'])(
    'are checked at start: without %s the store refuses to run and names it',
    async (name) => {
      const { database } = context();
      await database.sql(`DROP TRIGGER "${name}"`);
      await expect(createStore({ url: database.url, link })).rejects.toThrow(`the trigger ${name} is missing`);
    },
  );

  it('are checked at start to the word', async () => {
    const { database } = context();
    await database.sql('DROP TRIGGER "AuditEntry_no_delete"');
    await database.sql('CREATE TRIGGER "AuditEntry_no_delete" BEFORE DELETE ON "AuditEntry" BEGIN SELECT 1; END');
    await expect(createStore({ url: database.url, link })).rejects.toThrow(
      'the trigger AuditEntry_no_delete was changed',
    );
  });
});

guardTests(postgres(), (context) => {
  it('refuse TRUNCATE, also with CASCADE', async () => {
    const { database } = context();
    await expect(database.sql('TRUNCATE "AuditEntry"')).rejects.toThrow('append-only');
    await expect(database.sql('TRUNCATE "AuditEntry" CASCADE')).rejects.toThrow('append-only');
  });

  it('hold in a session that says it is a replica', async () => {
    const { database } = context();
    for (const statement of ['DELETE FROM "AuditEntry"', 'TRUNCATE "AuditEntry"']) {
      const replica = database.sql(`SET session_replication_role = replica; ${statement}`);
      await expect(replica).rejects.toThrow('append-only');
    }
  });

  it('are not fooled by a temporary table of the same name', async () => {
    const { database } = context();
    const shadow = database.sql(`CREATE TEMP TABLE "AuditEntry" (LIKE public."AuditEntry");
      INSERT INTO public."AuditEntry" ${COLUMNS}
      VALUES ('${WORKSPACE}', 1, now(), 'x', '{"event":{},"prev":"${'0'.repeat(64)}","seq":1}', '${'0'.repeat(64)}', 'x')`);
    await expect(shadow).rejects.toThrow('not the next');
  });

  it('refuse ON CONFLICT DO UPDATE', async () => {
    const { database } = context();
    const upsert = database.sql(`INSERT INTO "AuditEntry" SELECT * FROM "AuditEntry" WHERE "seq" = 2
      ON CONFLICT ("workspace", "seq") DO UPDATE SET "body" = 'x'`);
    await expect(upsert).rejects.toThrow('not the next');
  });

  it.each([
    ['DROP TRIGGER "AuditEntry_append" ON "AuditEntry"', 'the trigger AuditEntry_append is missing'],
    ['ALTER TABLE "AuditEntry" DISABLE TRIGGER "AuditEntry_no_change"', 'AuditEntry_no_change is not enabled always'],
    [
      'ALTER TABLE "AuditEntry" ENABLE TRIGGER "AuditEntry_no_truncate"',
      'AuditEntry_no_truncate is not enabled always',
    ],
    [
      'CREATE OR REPLACE FUNCTION "latchkey_audit_append"() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$',
      'the trigger AuditEntry_append was changed',
    ],
  ])('are checked at start: after %s the store refuses to run', async (statement, sentence) => {
    const { database } = context();
    await database.sql(statement);
    await expect(createStore({ url: database.url, link })).rejects.toThrow(sentence);
  });
});
