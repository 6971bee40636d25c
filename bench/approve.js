import { createServer } from 'node:http';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { built } from './support/built.js';
import { startProduct } from './support/children.js';
import { startFakeSlack } from './support/fake-slack.js';
import { ms, percentile, rounded } from './support/numbers.js';
import { APPROVER, accessOf, channelOf, emailOf, SCIM_TOKEN, slackOf, writePolicies } from './support/workspace.js';

/** @typedef {import('./support/result.js').Result} Result */

const REQUESTS = 100;
/** Before measuring: the code is warm, and the connections are there. */
const WARM_UP = 10;
const PATIENCE = { timeoutMs: 30_000 };

/**
 * From the click on Approve to the first call that the target sees, one after another on an idle system. Each request has
 * a person and a channel of its own, so that Slack's pace of a message a second and channel holds nothing up.
 *
 * @param {import('./support/databases.js').Place} place
 * @returns {Promise<Result[]>}
 */
export async function approve({ folder, database, say }) {
  /** @type {Result[]} */
  const results = [];
  for (const kind of /** @type {const} */ (['SQLite', 'Postgres'])) {
    say(kind);
    const times = await measure(join(folder, kind), await database(kind), folder);
    const p99 = percentile(times, 99);
    results.push({
      bench: 'approve',
      what: `Approve clicked to target called, p99, ${kind}`,
      value: rounded(p99),
      unit: 'ms',
      most: 250,
      seen: `p50 ${ms(percentile(times, 50))}, p99 ${ms(p99)}, worst ${ms(Math.max(...times))}, of ${REQUESTS}`,
      rounds: times,
    });
  }
  return results;
}

/** @param {string} policies @param {string} databaseUrl @param {string} folder @returns {Promise<number[]>} */
async function measure(policies, databaseUrl, folder) {
  const count = WARM_UP + REQUESTS;
  const directory = await startDirectory(count);
  const { slack, url: slackUrl } = await startFakeSlack({ people: count, channels: count });
  await writePolicies(policies, { people: count, accesses: count, scimUrl: directory.url });
  const product = await startProduct({ folder, policies, databaseUrl, slackUrl });
  slack.setRequestUrl(product.events);

  for (let index = 0; index < count; index++) {
    await slack.command(slackOf(index), 'C0GENERAL', `/access ${accessOf(index)} 30m INC-${index} slow queries`);
    await slack.waitFor(() => slack.messages(channelOf(index)).length > 0, PATIENCE);
  }
  /** @type {number[]} */
  const times = [];
  for (let index = 0; index < count; index++) {
    const [message] = slack.messages(channelOf(index));
    if (!message) throw new Error(`request ${index} was not announced`);
    const called = directory.nextCall();
    const clicked = performance.now();
    const acknowledged = slack.click(APPROVER.slack, message, 'approve');
    const time = (await called) - clicked;
    await acknowledged;
    if (index >= WARM_UP) times.push(time);
    // Idle again: the person was told that they have it. What is left waits for Slack's pace in this request's channel.
    await slack.waitFor(() => slack.directMessages(slackOf(index)).length > 0, PATIENCE);
  }
  const given = directory.members();
  if (given !== count) throw new Error(`${given} of ${count} were given what was approved`);
  await product.stop();
  await slack.stop();
  await directory.stop();
  return times;
}

/** The playground's SCIM directory, behind a server that sees each call first. @param {number} count */
async function startDirectory(count) {
  /** @type {typeof import('../src/playground/directory/scim-directory.ts')} */
  const { createScimDirectory } = await built('playground/directory/scim-directory.js');
  const indices = Array.from({ length: count }, (_, index) => index);
  const { app, controls } = createScimDirectory({
    token: SCIM_TOKEN,
    users: indices.map(emailOf),
    groups: Object.fromEntries(indices.map((index) => [`group-${String(index).padStart(5, '0')}`, []])),
  });
  /** @type {((at: number) => void) | undefined} */
  let seen;
  const server = createServer((request, response) => {
    seen?.(performance.now());
    seen = undefined;
    app(request, response);
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)));
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  return {
    url: `http://127.0.0.1:${port}/scim/v2`,
    /** @returns {Promise<number>} the moment of the next call */
    nextCall: () =>
      new Promise((resolve) => {
        seen = resolve;
      }),
    members: () => controls.groups().reduce((sum, { members }) => sum + members.length, 0),
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve(undefined));
        server.closeAllConnections();
      }),
  };
}
