/**
 * The baseline of the recording: the rows of a request written by Prisma alone, one transaction for each request, by a
 * number of callers at once. No policies, no Slack, no hashing, and a database without the triggers of the audit log.
 */
import { performance } from 'node:perf_hooks';
import { createClient } from '@libsql/client';
import pg from 'pg';
import { built } from '../support/built.js';

/** @typedef {import('../../src/store/generated/sqlite/client.ts').PrismaClient} Client */

const WORKSPACE = 'T0BENCH';
const [url = ''] = process.argv.slice(2);
const sqlite = url.startsWith('file:');

/** @type {typeof import('../../src/store/store.ts')} */
const { createStore } = await built('store/store.js');
/** @type {typeof import('../../src/audit/index.ts')} */
const { link } = await built('audit/index.js');
await (await createStore({ url, link })).close();
await dropTriggers();
const client = await open();
await client.auditHead.create({ data: { workspace: WORKSPACE, seq: 0, hash: '0'.repeat(64) } });

process.on('message', (/** @type {{ callers: number, rows: object[] }} */ { callers, rows }) => {
  run(callers, /** @type {import('../record.js').Rows[]} */ (rows)).then(
    (seconds) => process.send?.({ seconds }),
    (error) => process.send?.({ error: String(error) }),
  );
});
process.once('disconnect', () => process.exit());
process.send?.({ ready: true });

/** @param {number} callers @param {import('../record.js').Rows[]} rows @returns {Promise<number>} seconds */
async function run(callers, rows) {
  const begun = performance.now();
  const left = rows[Symbol.iterator]();
  const call = async () => {
    for (const row of left) await write(row);
  };
  await Promise.all(Array.from({ length: callers }, call));
  return (performance.now() - begun) / 1_000;
}

/** @param {import('../record.js').Rows} rows */
async function write({ request, interaction, entry, effects }) {
  await client.$transaction(
    async (tx) => {
      await tx.interaction.create({ data: dated(interaction, 'seenAt') });
      await tx.request.create({ data: dated(request, 'openedAt', 'lapsesAt') });
      for (const effect of effects) await tx.effect.create({ data: dated(effect, 'runAt', 'createdAt') });
      const { seq } = await tx.auditHead.update({
        where: { workspace: WORKSPACE },
        data: { seq: { increment: 1 }, hash: entry.hash },
      });
      await tx.auditEntry.create({ data: { ...dated(entry, 'at'), seq } });
    },
    { maxWait: 60_000, timeout: 60_000 },
  );
}

/** Dates came as text from the other process. @param {Record<string, any>} row @param {...string} names @returns {any} */
function dated(row, ...names) {
  return { ...row, ...Object.fromEntries(names.map((name) => [name, new Date(row[name])])) };
}

async function dropTriggers() {
  if (sqlite) {
    const file = createClient({ url });
    const { rows } = await file.execute(`SELECT name FROM sqlite_master WHERE type = 'trigger'`);
    for (const { name } of rows) await file.execute(`DROP TRIGGER "${name}"`);
    return file.close();
  }
  const server = new pg.Client({ connectionString: url });
  await server.connect();
  for (const name of ['AuditEntry_no_change', 'AuditEntry_no_truncate', 'AuditEntry_append'])
    await server.query(`DROP TRIGGER "${name}" ON "AuditEntry"`);
  await server.end();
}

/** Prisma's own adapters with their own settings; the file is in WAL mode already, and `synchronous` is FULL by itself. */
async function open() {
  if (sqlite) {
    const { PrismaLibSql } = await import('@prisma/adapter-libsql');
    /** @type {typeof import('../../src/store/generated/sqlite/client.ts')} */
    const { PrismaClient } = await built('store/generated/sqlite/client.js');
    return new PrismaClient({ adapter: new PrismaLibSql({ url }) });
  }
  const { PrismaPg } = await import('@prisma/adapter-pg');
  /** @type {typeof import('../../src/store/generated/postgres/client.ts')} */
  const { PrismaClient } = await built('store/generated/postgres/client.js');
  // The generated clients of the two databases have the same shape but are different types.
  return /** @type {Client} */ (
    /** @type {unknown} */ (new PrismaClient({ adapter: new PrismaPg({ connectionString: url }) }))
  );
}
