import { join } from 'node:path';
import { startHelper, startProduct } from './support/children.js';
import { Load } from './support/load.js';
import { median, ms, percentile, rounded } from './support/numbers.js';
import { requestCommand, writePolicies } from './support/workspace.js';

/** @typedef {import('./support/result.js').Result} Result */

const RATE = 50;
const WARM_UP = 5 * RATE;
const MEASURED = 20 * RATE;
const ROUNDS = 3;
const PEOPLE = 1_000;
const ACCESSES = 20;

/**
 * How long an `/access …` waits for its acknowledgement, fifty a second arriving steadily, against a bare Bolt that only
 * acknowledges. Every command opens a request, with everything that follows of it.
 *
 * @param {import('./support/databases.js').Place} place
 * @returns {Promise<Result[]>}
 */
export async function ack({ folder, database, say }) {
  const policies = join(folder, 'policies');
  await writePolicies(policies, { people: PEOPLE, accesses: ACCESSES });
  const slack = await startHelper('slack-stub.js');

  /** Each round has processes of its own, so that no side works off what an earlier round left. @param {string} url */
  const round = async (url) => {
    const load = new Load(url);
    let index = 0;
    const next = () => requestCommand({ index: index++, accesses: ACCESSES, slackUrl: slack.ready.url });
    await load.openLoop({ rate: RATE, count: WARM_UP, next });
    const times = await load.openLoop({ rate: RATE, count: MEASURED, next });
    load.close();
    return { p50: percentile(times, 50), p99: percentile(times, 99), worst: Math.max(...times) };
  };

  const sides = {
    bare: async () => {
      const bolt = await startHelper('bare-bolt.js');
      const figures = await round(bolt.ready.url);
      await bolt.stop();
      return figures;
    },
    /** @param {import('./support/databases.js').Kind} kind */
    product: async (kind) => {
      const product = await startProduct({
        folder,
        policies,
        databaseUrl: await database(kind),
        slackUrl: slack.ready.url,
      });
      const figures = await round(product.events);
      const opened = (await product.metrics())('latchkey_requests_total', 'outcome="opened"');
      if (opened < WARM_UP + MEASURED - RATE) throw new Error(`only ${opened} requests were recorded`);
      await product.stop();
      return figures;
    },
  };

  /** @type {Record<'bare' | 'SQLite' | 'Postgres', Awaited<ReturnType<typeof round>>[]>} */
  const figures = { bare: [], SQLite: [], Postgres: [] };
  for (let number = 1; number <= ROUNDS; number++) {
    for (const side of /** @type {const} */ (['bare', 'SQLite', 'Postgres'])) {
      say(`round ${number} of ${ROUNDS}, ${side}`);
      figures[side].push(side === 'bare' ? await sides.bare() : await sides.product(side));
    }
  }
  await slack.stop();

  const middle = (/** @type {keyof typeof figures} */ side, /** @type {'p50' | 'p99' | 'worst'} */ what) =>
    median(figures[side].map((each) => each[what]));
  const shown = (/** @type {keyof typeof figures} */ side) =>
    `p50 ${ms(middle(side, 'p50'))}, p99 ${ms(middle(side, 'p99'))}, worst ${ms(middle(side, 'worst'))}`;
  return /** @type {const} */ (['SQLite', 'Postgres']).map((side) => ({
    bench: 'ack',
    what: `ack at ${RATE}/s, p99 against bare Bolt, ${side}`,
    value: rounded(middle(side, 'p99') / middle('bare', 'p99')),
    unit: '×',
    most: 1.5,
    seen: shown(side),
    baseline: shown('bare'),
    rounds: { product: figures[side], baseline: figures.bare },
  }));
}
