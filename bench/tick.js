import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { createClient } from '@libsql/client';
import pg from 'pg';
import { built } from './support/built.js';
import { startCore } from './support/in-process.js';
import { median, ms, percentile, rounded } from './support/numbers.js';
import { SCIM_URL, TEAM, writePolicies } from './support/workspace.js';

/** @typedef {import('./support/result.js').Result} Result */

const FEW = 1_000;
const MANY = 1_000_000;
const TICKS = 500;
const WARM_UP = 50;

/**
 * What a tick costs when nothing is due, by how many grants are over: a second's work must not grow with the years.
 *
 * @param {import('./support/databases.js').Place} place
 * @returns {Promise<Result[]>}
 */
export async function tick({ folder, database, say }) {
  /** @type {typeof import('../src/app/tick.ts')} */
  const app = await built('app/tick.js');
  /** @type {typeof import('../src/app/schedule-digest.ts')} */
  const { beginDigests } = await built('app/schedule-digest.js');
  const policies = join(folder, 'policies');
  await writePolicies(policies, { people: 10, accesses: 1, digest: true });

  /** @type {Result[]} */
  const results = [];
  for (const kind of /** @type {const} */ (['SQLite', 'Postgres'])) {
    const cores = [];
    for (const count of [FEW, MANY]) {
      say(`${kind}, ${count.toLocaleString('en')} grants that are over`);
      const databaseUrl = await database(kind);
      await (await startCore({ policies, databaseUrl })).store.close();
      await fill(kind, databaseUrl, count);
      const core = await startCore({ policies, databaseUrl });
      await beginDigests(core.ports, TEAM);
      cores.push({ ...core, times: /** @type {number[]} */ ([]) });
    }
    for (let number = 0; number < WARM_UP + TICKS; number++) {
      for (const { ports, times } of cores) {
        const begun = performance.now();
        const { expired, lapsed } = await app.tick(ports);
        if (number >= WARM_UP) times.push(performance.now() - begun);
        if (expired + lapsed > 0) throw new Error('something was due');
      }
    }
    for (const { store } of cores) await store.close();
    const [few, many] = cores.map(({ times }) => times);
    if (!few || !many) throw new Error('nothing was measured');
    const shown = (/** @type {number[]} */ times) => `p50 ${ms(median(times))}, p99 ${ms(percentile(times, 99))}`;
    results.push({
      bench: 'tick',
      what: `an idle tick with ${MANY.toLocaleString('en')} ended grants, against ${FEW.toLocaleString('en')}, ${kind}`,
      value: rounded(median(many) / median(few)),
      unit: '×',
      most: 2,
      seen: shown(many),
      baseline: shown(few),
      rounds: { few, many },
    });
  }
  return results;
}

/** Grants that are over, with their requests, holds and done effects. @param {'SQLite' | 'Postgres'} kind @param {string} url @param {number} count */
async function fill(kind, url, count) {
  const sqlite = kind === 'SQLite';
  const time = sqlite ? `'2026-01-01T00:00:00.000+00:00'` : `timestamp '2026-01-01 00:00:00'`;
  const no = sqlite ? '0' : 'false';
  const name = (/** @type {string} */ prefix) =>
    sqlite ? `printf('${prefix}%09d', n)` : `'${prefix}' || lpad(n::text, 9, '0')`;
  const numbers = sqlite
    ? `WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < ${count})`
    : `WITH numbers(n) AS (SELECT generate_series(1, ${count}))`;
  /** @param {string} table @param {Record<string, string>} columns SQL by name */
  const insert = (table, columns) => {
    const names = Object.keys(columns).map((column) => `"${column}"`);
    const into = `INSERT INTO "${table}" (${names.join(', ')})`;
    const select = `SELECT ${Object.values(columns).join(', ')} FROM numbers`;
    // SQLite wants the WITH before the SELECT, Postgres takes it there, too.
    return `${into} ${numbers} ${select};`;
  };
  const common = { workspace: `'${TEAM}'`, access: `'access-00000'`, version: '4' };
  const script = [
    insert('Request', {
      ...common,
      id: name('req_'),
      title: `'Production'`,
      requesterEmail: name('p'),
      requesterSlack: `'U0'`,
      durationMs: '1800000',
      reason: `'INC-42'`,
      fields: `'{}'`,
      reviewLate: no,
      parametersKey: `''`,
      status: `'approved'`,
      policyDigest: `'0'`,
      flow: `'{}'`,
      entitlements: `'[]'`,
      openedAt: time,
      lapsesAt: time,
      decidedAt: time,
      grantId: name('grt_'),
    }),
    insert('Grant', {
      ...common,
      id: name('grt_'),
      requestId: name('req_'),
      personEmail: name('p'),
      personSlack: `'U0'`,
      status: `'ended'`,
      approvedAt: time,
      endsAt: time,
      activatedAt: time,
      endingAt: time,
      endReason: `'expired'`,
      endedAt: time,
    }),
    insert('Hold', {
      grantId: name('grt_'),
      position: '0',
      workspace: `'${TEAM}'`,
      key: name('key_'),
      held: no,
      target: `'directory'`,
      system: `'${SCIM_URL}'`,
      provider: `'scim-group'`,
      permission: `'{}'`,
      account: name('p'),
      label: `'group'`,
      status: `'taken'`,
      seenAt: time,
    }),
    insert('Effect', {
      id: name('eff_'),
      workspace: `'${TEAM}'`,
      lane: `'target'`,
      orderKey: name('entitlement:'),
      kind: `'revoke'`,
      payload: `'{}'`,
      status: `'done'`,
      runAt: time,
      createdAt: time,
      attempt: '1',
      failures: '0',
      doneAt: time,
    }),
  ].join('\n');
  if (sqlite) {
    const file = createClient({ url });
    await file.executeMultiple(script);
    return file.close();
  }
  const server = new pg.Client({ connectionString: url });
  await server.connect();
  await server.query(script);
  // What autovacuum would do in its own time, and in the middle of the measurement.
  await server.query('VACUUM ANALYZE');
  await server.query('CHECKPOINT');
  await server.end();
}
