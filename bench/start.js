import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { startProduct } from './support/children.js';
import { median, ms, rounded } from './support/numbers.js';
import { workspaceIn } from './support/served.js';

/** @typedef {import('./support/result.js').Result} Result */

const STARTS = 5;
const READY_MS = 2_000;
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
  const workspace = await workspaceIn(folder);
  const samples = fileURLToPath(new URL('../policies', import.meta.url));

  const sides = {
    'with Slack': { policies: workspace.policies, slackUrl: workspace.slackUrl },
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
  const product = await workspace.serve(await database('SQLite'));
  const resident = async () => (await product.metrics())('process_resident_memory_bytes');
  const before = await resident();
  let peak = before;
  const watch = async () => {
    peak = Math.max(peak, await resident());
  };
  // In handfuls, each recorded before the next: what waits in memory to be recorded is not what is left of ten thousand.
  for (let sent = HANDFUL; sent <= REQUESTS; sent += HANDFUL) {
    await product.ask({ callers: 10, count: HANDFUL });
    await product.recorded(sent, watch);
  }
  say(`recorded; watching the memory for ${SETTLE_SECONDS} s`);
  for (let second = 0; second < SETTLE_SECONDS; second++) {
    await sleep(1_000);
    await watch();
  }
  const after = await resident();
  await product.stop();
  await workspace.stop();
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
