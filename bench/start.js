import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { startHelper, startProduct } from './support/children.js';
import { Load } from './support/load.js';
import { median, ms, rounded } from './support/numbers.js';
import { requestCommand, writePolicies } from './support/workspace.js';

/** @typedef {import('./support/result.js').Result} Result */

const STARTS = 5;
const READY_MS = 2_000;
const PEOPLE = 1_000;
const ACCESSES = 20;
const REQUESTS = 10_000;
const HANDFUL = 100;
const MEGABYTE = 1_000_000;
/** How long the memory is watched after the last request. */
const SETTLE_SECONDS = 30;

/**
 * From the start of the process to its first "ready" on an empty SQLite file, and the memory it holds after ten thousand
 * requests.
 *
 * @param {import('./support/databases.js').Place} place
 * @returns {Promise<Result[]>}
 */
export async function start({ folder, database, say }) {
  const policies = join(folder, 'policies');
  await writePolicies(policies, { people: PEOPLE, accesses: ACCESSES });
  const samples = fileURLToPath(new URL('../policies', import.meta.url));
  const slack = await startHelper('slack-stub.js');

  const sides = {
    'with Slack': { policies, slackUrl: slack.ready.url },
    // As `npm start` does it for a newcomer.
    'with the playground': { policies: samples },
  };
  /** @type {Result[]} */
  const results = [];
  for (const [name, side] of Object.entries(sides)) {
    /** @type {number[]} */
    const times = [];
    for (let number = 1; number <= STARTS; number++) {
      say(`start ${number} of ${STARTS} ${name}`);
      const product = await startProduct({ folder, databaseUrl: await database('SQLite'), ...side });
      times.push(product.readyMs);
      await product.stop();
    }
    results.push({
      bench: 'start',
      what: `ready on an empty SQLite file ${name}, median of ${STARTS}`,
      value: rounded(median(times)),
      unit: 'ms',
      most: READY_MS,
      seen: times.map(ms).join(', '),
      rounds: times,
    });
  }

  say(`${REQUESTS.toLocaleString('en')} requests`);
  const product = await startProduct({
    folder,
    policies,
    databaseUrl: await database('SQLite'),
    slackUrl: slack.ready.url,
  });
  const load = new Load(product.events);
  let index = 0;
  const next = () => requestCommand({ index: index++, accesses: ACCESSES, slackUrl: slack.ready.url });
  const resident = async () => (await product.metrics())('process_resident_memory_bytes');
  const before = await resident();
  let peak = before;
  const watch = async () => {
    const metrics = await product.metrics();
    peak = Math.max(peak, metrics('process_resident_memory_bytes'));
    return metrics('latchkey_requests_total', 'outcome="opened"');
  };
  // In handfuls, each recorded before the next: what waits in memory to be recorded is not what is left of ten thousand.
  for (let sent = HANDFUL; sent <= REQUESTS; sent += HANDFUL) {
    await load.closedLoop({ callers: 10, count: HANDFUL, next });
    while ((await watch()) < sent) await sleep(20);
  }
  say(`recorded; watching the memory for ${SETTLE_SECONDS} s`);
  for (let second = 0; second < SETTLE_SECONDS; second++) {
    await sleep(1_000);
    await watch();
  }
  const after = await resident();
  load.close();
  await product.stop();
  await slack.stop();
  const shown = (/** @type {number} */ bytes) => `${rounded(bytes / MEGABYTE)} MB`;
  results.push({
    bench: 'start',
    what: `resident memory after ${REQUESTS.toLocaleString('en')} requests`,
    value: rounded(after / MEGABYTE),
    unit: 'MB',
    most: 200,
    seen: `${shown(before)} when ready, peak ${shown(peak)}, ${shown(after)} ${SETTLE_SECONDS} s after the last`,
  });
  return results;
}
