import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { built } from './support/built.js';
import { startCore } from './support/in-process.js';
import { ms, percentile, rounded } from './support/numbers.js';
import { accessOf, slackOf, TEAM, writePolicies } from './support/workspace.js';

/** @typedef {import('./support/result.js').Result} Result */

const GRANTS = 1_000;
/** All are asked for, approved, given, and half-way warned of their end within this; then they end together. */
const HEAD_START_MS = 120_000;
const PATIENCE_MS = 120_000;
const LIMITS = { SQLite: 3_000, Postgres: 2_000 };

/** @type {import('./support/databases.js').Kind[]} */
const KINDS = ['SQLite', 'Postgres'];

/**
 * A thousand grants that end in the same second, at a target that answers at once: how late each was seen gone. The whole
 * way of a grant is gone before, with the product's own store, tick, heartbeat and worker; only Slack and the target are
 * not there.
 *
 * @param {import('./support/databases.js').Place} place
 * @returns {Promise<Result[]>}
 */
export async function expire({ folder, database, say }, kinds = KINDS) {
  const policies = join(folder, 'policies');
  await writePolicies(policies, { people: GRANTS, accesses: 1, autoApprove: true });
  /** @type {Result[]} */
  const results = [];
  for (const kind of kinds) {
    say(kind);
    const late = await measure(policies, await database(kind));
    const p99 = percentile(late, 99);
    results.push({
      bench: 'expire',
      what: `${GRANTS.toLocaleString('en')} grants end in one second, lateness p99, ${kind}`,
      value: rounded(p99),
      unit: 'ms',
      most: LIMITS[kind],
      seen: `p50 ${ms(percentile(late, 50))}, p99 ${ms(p99)}, worst ${ms(Math.max(...late))}`,
      rounds: late,
    });
  }
  return results;
}

/** @param {string} policies @param {string} databaseUrl @returns {Promise<number[]>} milliseconds */
async function measure(policies, databaseUrl) {
  /** @type {typeof import('../src/app/request-access.ts')} */
  const { requestAccess } = await built('app/request-access.js');
  /** @type {typeof import('../src/app/run-effect.ts')} */
  const { runEffect } = await built('app/run-effect.js');
  /** @type {typeof import('../src/app/tick.ts')} */
  const { tick } = await built('app/tick.js');
  /** @type {typeof import('../src/scheduler/heartbeat.ts')} */
  const { startHeartbeat } = await built('scheduler/heartbeat.js');
  /** @type {typeof import('../src/scheduler/worker.ts')} */
  const { Worker, wakeFor } = await built('scheduler/worker.js');

  const { ports, store, members } = await startCore({ policies, databaseUrl });
  // As compose.ts has them.
  const workers = [
    new Worker(ports, { lane: 'target', concurrency: 32 }, (run) => runEffect(ports, run)),
    new Worker(ports, { lane: 'slack', concurrency: 8 }, (run) => runEffect(ports, run)),
  ];
  const wake = () => {
    for (const worker of workers) worker.wake();
  };
  let active = 0;
  /** @type {number[]} */
  const late = [];
  store.onCommitted((commits) => {
    for (const { events, effects } of commits) {
      for (const event of events) {
        if (event.type === 'GrantActivated') active += 1;
        if (event.type === 'GrantEnded') late.push(Date.parse(event.at) - Date.parse(event.dueAt));
      }
      wakeFor(effects, workers);
    }
  });
  const heartbeat = startHeartbeat(async () => {
    await tick(ports);
    wake();
  }, ports.log);

  const end = Math.ceil((Date.now() + HEAD_START_MS) / 1_000) * 1_000;
  const ask = async (/** @type {number} */ index) => {
    const caller = { workspace: TEAM, slack: slackOf(index), interaction: `interaction ${index}` };
    // Whole seconds before the end, counted from the approval: all ends lie within the second before it.
    const duration = `${Math.floor((end - Date.now()) / 1_000)}s`;
    const asked = await requestAccess(ports, caller, { access: accessOf(0), duration, reason: 'a short visit' });
    if (asked.kind !== 'opened') throw new Error(`request ${index} was ${asked.kind}`);
  };
  const left = Array.from({ length: GRANTS }, (_, index) => index)[Symbol.iterator]();
  const caller = async () => {
    for (const index of left) await ask(index);
  };
  await Promise.all(Array.from({ length: 50 }, caller));
  while (active < GRANTS && Date.now() < end - 3_000) await sleep(20);
  if (active < GRANTS) throw new Error(`only ${active} grants were active in time: this machine is too busy`);
  // Idle until then: nothing of the granting is left to do.
  await Promise.all(workers.map((worker) => worker.idle()));
  if (Date.now() > end - 2_000) throw new Error('the granting was not over in time: this machine is too busy');

  while (late.length < GRANTS && Date.now() < end + PATIENCE_MS) await sleep(20);
  if (late.length < GRANTS || members.size > 0)
    throw new Error(`${late.length} ended and ${members.size} are still there`);
  await heartbeat.stop();
  await Promise.all(workers.map((worker) => worker.stop()));
  await store.close();
  return late;
}
