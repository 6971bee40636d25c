import { join } from 'node:path';
import { startProduct } from './support/children.js';
import { startFakeSlack } from './support/fake-slack.js';
import { ms, percentile, rounded } from './support/numbers.js';
import { accessOf, slackOf, titleOf, writePolicies } from './support/workspace.js';

/** @typedef {import('./support/result.js').Result} Result */

const ACCESSES = 10_000;
const QUERIES = 200;
const WARM_UP = 20;

/** What people type: nothing yet, one letter, the beginning of a name, all of it, words of a title, and what is not there. */
const KINDS = /** @type {((index: number) => string)[]} */ ([
  () => '',
  (index) => 'abcdefghijklmnopqrstuvwxyz'.charAt(index % 26),
  (index) => accessOf(index).slice(0, 9 + (index % 5)),
  (index) => accessOf((index * 7_919) % ACCESSES),
  (index) => titleOf((index * 7_919) % ACCESSES),
  (index) => `write ${titleOf(index).split(' ')[0]}`,
  (index) => `nothing is called ${index}`,
  (index) => String(index % 100),
]);

/**
 * The search of the modal: letters in, options out, through the signed request that Slack sends.
 *
 * @param {import('./support/databases.js').Place} place
 * @returns {Promise<Result[]>}
 */
export async function search({ folder, database, say }) {
  const policies = join(folder, 'policies');
  await writePolicies(policies, { people: 100, accesses: ACCESSES });
  const { slack, url: slackUrl } = await startFakeSlack({ people: 100, channels: 1 });
  const product = await startProduct({ folder, policies, databaseUrl: await database('SQLite'), slackUrl });
  slack.setRequestUrl(product.events);
  say(`${ACCESSES} accesses, ready after ${ms(product.readyMs)}`);

  const person = slackOf(0);
  await slack.command(person, 'C0GENERAL', '/access');
  const view = await slack.waitFor(() => slack.views(person)[0], { timeoutMs: 10_000 });
  /** @type {number[]} */
  const times = [];
  let found = 0;
  for (let index = 0; index < WARM_UP + QUERIES; index++) {
    const query = KINDS[index % KINDS.length]?.(index) ?? '';
    found += (await slack.options(person, view.id, 'choose-access', query)).length;
    if (index >= WARM_UP) times.push(slack.deliveries.at(-1)?.ackMs ?? Number.NaN);
  }
  if (found === 0) throw new Error('nothing was found');
  await product.stop();
  await slack.stop();
  const p99 = percentile(times, 99);
  return [
    {
      bench: 'search',
      what: `search in ${ACCESSES.toLocaleString('en')} accesses, p99`,
      value: rounded(p99),
      unit: 'ms',
      most: 100,
      seen: `p50 ${ms(percentile(times, 50))}, p99 ${ms(p99)}, worst ${ms(Math.max(...times))}, of ${QUERIES}`,
      rounds: times,
    },
  ];
}
