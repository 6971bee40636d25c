import { createHash } from 'node:crypto';
import { link } from '../../src/audit/chain.ts';
import { createStore } from '../../src/store/store.ts';
import { type Administrator, AuditedDatabase, inProcess, on, tamper } from './support/audited-database.ts';

let database: AuditedDatabase;
beforeAll(async () => {
  database = await AuditedDatabase.make();
});
afterAll(() => database.remove());

/** Entries in the log that was made. */
const ENTRIES = 19;

describe('latchkey audit verify', () => {
  it('says that the log is empty when nothing has happened yet', async () => {
    const path = `${database.folder}/empty.db`;
    await (await createStore({ url: `file:${path}`, link })).close();
    expect(await on(path, 'audit', 'verify')).toEqual({ code: 0, out: 'The audit log is empty.\n', err: '' });
  });

  it('says that an untouched log is intact, and gives the head that two parties can compare', async () => {
    const path = await database.copy();
    const first = await inProcess(path, 'audit', 'verify');
    expect(first.out).toMatch(
      new RegExp(
        `^T0LATCHKEY: intact\\. ${ENTRIES} entries, each follows the one before; \\d+ rows are exactly what they tell\\. Head [0-9a-f]{64}\n$`,
      ),
    );
    expect({ code: first.code, err: first.err }).toEqual({ code: 0, err: '' });
    expect(await on(path, 'audit', 'verify')).toEqual(first);
  });

  describe('with the head that an auditor wrote down', () => {
    const headOf = async (path: string) =>
      /Head ([0-9a-f]{64})/.exec((await on(path, 'audit', 'verify')).out)?.[1] ?? '';

    it('finds it again, also when the log has grown since', async () => {
      const path = await database.copy();
      const head = await headOf(path);
      expect(await on(path, 'audit', 'verify', '--head', head)).toMatchObject({
        code: 0,
        out: expect.stringContaining(`The noted head is entry ${ENTRIES} of T0LATCHKEY: nothing up to it changed.`),
      });
    });

    it('tells that a log was cut off, however whole what is left of it looks', async () => {
      const path = await database.copy();
      const head = await headOf(path);
      await tamper(path, async ({ run }) => {
        await run('DELETE FROM "AuditEntry" WHERE "seq" > 1');
        await run(`UPDATE "AuditHead" SET "seq" = 1, "hash" = (SELECT "hash" FROM "AuditEntry" WHERE "seq" = 1)`);
      });
      const { code, out } = await on(path, 'audit', 'verify', '--head', head);
      expect({ code, out }).toEqual({ code: 3, out: expect.stringContaining(`No log holds the noted head ${head}`) });
    });

    it.each([['--head'], ['--head', 'abc'], ['--head', 'G'.repeat(64)], ['extra']])(
      'but not %s %s',
      async (...args) => {
        const { code, err } = await on(await database.copy(), 'audit', 'verify', ...args);
        expect({ code, err }).toEqual({
          code: 1,
          err: expect.stringContaining('Usage: latchkey audit verify [--head HASH]'),
        });
      },
    );
  });

  describe('exits 3 and names the first broken entry or row after somebody', () => {
    const seal = `DELETE FROM "AuditEntry" WHERE "seq" > 9; UPDATE "AuditHead" SET "seq" = 9`;
    it.each<[string, string[], string[]]>([
      [
        'changed one byte of an entry',
        [`UPDATE "AuditEntry" SET "body" = replace("body", 'INC-42', 'INC-43') WHERE "seq" = 1`],
        ['entry 1: its bytes do not have the hash that stands beside them'],
      ],
      [
        'changed two entries: the first is named',
        [`UPDATE "AuditEntry" SET "body" = "body" || ' ' WHERE "seq" IN (7, 4)`],
        ['entry 4: its bytes do not have the hash that stands beside them'],
      ],
      [
        'changed only the hash beside an entry',
        [`UPDATE "AuditEntry" SET "hash" = replace("hash", substr("hash", 1, 1), 'x') WHERE "seq" = 6`],
        ['entry 6: its bytes do not have the hash that stands beside them'],
      ],
      [
        'changed a column beside the bytes',
        [`UPDATE "AuditEntry" SET "type" = 'RequestDenied' WHERE "type" = 'RequestApproved' AND "seq" < 5`],
        ['entry 3: its columns say other than its bytes'],
      ],
      [
        'deleted an entry in the middle',
        ['DELETE FROM "AuditEntry" WHERE "seq" = 5'],
        ['entry 5: entry 5 is missing; the next one is 6'],
      ],
      [
        'deleted an entry and closed the gap',
        [
          'DELETE FROM "AuditEntry" WHERE "seq" = 5',
          'UPDATE "AuditEntry" SET "seq" = -("seq" - 1) WHERE "seq" > 5',
          'UPDATE "AuditEntry" SET "seq" = -"seq" WHERE "seq" < 0',
        ],
        ['entry 5: its bytes say they are entry 6'],
      ],
      [
        'exchanged two entries',
        [
          'UPDATE "AuditEntry" SET "seq" = 1000 WHERE "seq" = 5',
          'UPDATE "AuditEntry" SET "seq" = 5 WHERE "seq" = 6',
          'UPDATE "AuditEntry" SET "seq" = 6 WHERE "seq" = 1000',
        ],
        ['entry 5: its bytes say they are entry 6'],
      ],
      [
        'cut off the tail',
        ['DELETE FROM "AuditEntry" WHERE "seq" > 12'],
        ['entry 13: the log ends at entry 12, but the head says 19: entries were removed or added'],
      ],
      [
        'deleted every entry',
        ['DELETE FROM "AuditEntry"'],
        ['entry 1: the log ends at entry 0, but the head says 19: entries were removed or added'],
      ],
      [
        'deleted every entry and the head: the rows are still there',
        ['DELETE FROM "AuditEntry"', 'DELETE FROM "AuditHead"'],
        [
          'request req_00000001 is in the database but not in the log',
          expect.stringMatching(/^request \S+ is in the database but not in the log$/) as unknown as string,
        ],
      ],
      [
        'set the head back, so that a cut tail would not show',
        [...seal.split('; '), 'UPDATE "AuditHead" SET "hash" = (SELECT "hash" FROM "AuditEntry" WHERE "seq" = 9)'],
        [expect.stringMatching(/^request req_\d+ is in the database but not in the log$/) as unknown as string],
      ],
      [
        'changed the status of a request',
        [`UPDATE "Request" SET "status" = 'approved' WHERE "status" = 'denied'`],
        [expect.stringMatching(/^request req_\d+ differs from the log in status$/) as unknown as string],
      ],
      [
        'moved the end of a grant that runs',
        [`UPDATE "Grant" SET "endsAt" = '2027-01-01T00:00:00.000+00:00' WHERE "status" = 'active'`],
        [expect.stringMatching(/^grant grt_\d+ differs from the log in endsAt$/) as unknown as string],
      ],
      [
        'changed who voted',
        [`UPDATE "Vote" SET "voter" = 'eli@example.com' WHERE "verdict" = 'deny'`],
        [expect.stringMatching(/^request req_\d+ differs from the log in votes$/) as unknown as string],
      ],
      [
        'deleted a grant',
        [
          `DELETE FROM "Hold" WHERE "grantId" IN (SELECT "id" FROM "Grant" WHERE "status" = 'active')`,
          `DELETE FROM "Grant" WHERE "status" = 'active'`,
        ],
        [expect.stringMatching(/^grant grt_\d+ is in the log but not in the database$/) as unknown as string],
      ],
      [
        'added a grant that nobody approved',
        [
          `INSERT INTO "Grant" ("id", "workspace", "requestId", "access", "personEmail", "personSlack", "status", "approvedAt", "endsAt", "version")
           SELECT 'grt_forged', "workspace", 'req_forged', "access", 'eve@example.com', 'U0EVE', "status", "approvedAt", "endsAt", 1
           FROM "Grant" WHERE "status" = 'active'`,
        ],
        ['grant grt_forged is in the database but not in the log'],
      ],
      [
        'took an entitlement out of the database',
        ['DELETE FROM "Entitlement"'],
        [expect.stringMatching(/^entitlement \S.* is in the log but not in the database$/) as unknown as string],
      ],
    ])('%s', async (_what, statements, findings) => {
      const path = await database.copy();
      await tamper(path, async ({ run }) => {
        await run('PRAGMA foreign_keys = OFF');
        for (const statement of statements) await run(statement);
      });
      const { code, out, err } = await on(path, 'audit', 'verify');
      expect(err).toBe('');
      const [verdict, ...lines] = out.trimEnd().split('\n');
      expect(verdict).toBe('T0LATCHKEY: BROKEN.');
      expect(lines.slice(0, findings.length).map((line) => line.replace(/^ {2}/, ''))).toEqual(findings);
      expect(code).toBe(3);
    });

    it('added an entry, with the right hash and the right predecessor, and left the head', async () => {
      const path = await database.copy();
      await tamper(path, (administrator) => append(administrator, 'GrantActivated'));
      expect(await on(path, 'audit', 'verify')).toEqual({
        code: 3,
        out: `T0LATCHKEY: BROKEN.\n  entry ${ENTRIES + 1}: it became active when it was active\n  entry ${ENTRIES + 1}: the log ends at entry ${ENTRIES + 1}, but the head says ${ENTRIES}: entries were removed or added\n`,
        err: '',
      });
    });

    it('added an entry that Latchkey would not write, and moved the head', async () => {
      const path = await database.copy();
      await tamper(path, async (administrator) => {
        await append(administrator, 'RequestOpened');
        await administrator.run(
          `UPDATE "AuditHead" SET "seq" = ${ENTRIES + 1}, "hash" = (SELECT "hash" FROM "AuditEntry" ORDER BY "seq" DESC LIMIT 1)`,
        );
      });
      const { code, out } = await on(path, 'audit', 'verify');
      expect(out).toBe(`T0LATCHKEY: BROKEN.\n  entry ${ENTRIES + 1}: its event is not one that Latchkey writes\n`);
      expect(code).toBe(3);
    });

    it('took the log’s triggers off: it is said even when nothing was changed yet', async () => {
      const path = await database.copy();
      await tamper(path, async () => {}, { unguarded: true });
      const { code, out, err } = await on(path, 'audit', 'verify');
      expect({ code, err }).toEqual({ code: 3, err: '' });
      expect(out).toMatch(
        /^BROKEN\. The audit log is not protected: the trigger \w+ is missing; .*\nT0LATCHKEY: intact\./,
      );
    });

    it('took the triggers off and changed an entry: both are said', async () => {
      const path = await database.copy();
      const change = `UPDATE "AuditEntry" SET "body" = "body" || ' ' WHERE "seq" = 2`;
      await tamper(path, ({ run }) => run(change), { unguarded: true });
      const { code, out } = await inProcess(path, 'audit', 'verify');
      expect(out).toMatch(/^BROKEN\. The audit log is not protected: .*\nT0LATCHKEY: BROKEN\.\n {2}entry 2: /);
      expect(code).toBe(3);
    });
  });

  /** An entry as somebody would forge it who knows how entries are hashed. */
  async function append({ rows, run }: Administrator, type: string): Promise<void> {
    const [last] = await rows<{ seq: number; hash: string; at: string; body: string }>(
      'SELECT "seq", "hash", "at", "body" FROM "AuditEntry" ORDER BY "seq" DESC LIMIT 1',
    );
    if (!last) throw new Error('no entry');
    const { event } = JSON.parse(last.body) as { event: Record<string, unknown> };
    const forged = Object.entries({ ...event, type }).sort(([a], [b]) => (a < b ? -1 : 1));
    const body = JSON.stringify({ event: Object.fromEntries(forged), prev: last.hash, seq: Number(last.seq) + 1 });
    const hash = createHash('sha256').update(body).digest('hex');
    await run(
      `INSERT INTO "AuditEntry" ("workspace", "seq", "at", "type", "body", "prev", "hash")
       VALUES ('T0LATCHKEY', ${Number(last.seq) + 1}, '${last.at}', '${type}', '${body.replaceAll("'", "''")}', '${last.hash}', '${hash}')`,
    );
  }
});
