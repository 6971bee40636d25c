import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startHelper, startProduct } from './children.js';
import { Load } from './load.js';
import { requestCommand, writePolicies } from './workspace.js';

const PEOPLE = 1_000;
/** Each of the thousand people asks for each of them in turn. */
export const ACCESSES = 20;

/**
 * A workspace of a thousand people and a Slack for it, for which the product can be started again and again.
 *
 * @param {string} folder
 */
export async function workspaceIn(folder) {
  const policies = join(folder, 'policies');
  await writePolicies(policies, { people: PEOPLE, accesses: ACCESSES });
  const slack = await startHelper('slack-stub.js');
  const slackUrl = slack.ready.url;

  /** @param {string} databaseUrl */
  async function serve(databaseUrl) {
    const product = await startProduct({ folder, policies, databaseUrl, slackUrl });
    const load = new Load(product.events);
    let index = 0;
    const next = () => requestCommand({ index: index++, accesses: ACCESSES, slackUrl });
    return {
      metrics: product.metrics,
      /** Callers who ask again as soon as they are acknowledged. */
      ask: (/** @type {{ callers: number, count: number }} */ how) => load.closedLoop({ ...how, next }),
      /** Until so many are recorded since the start. @param {number} count @param {() => Promise<unknown>} [meanwhile] */
      async recorded(count, meanwhile) {
        for (;;) {
          await meanwhile?.();
          if ((await product.metrics())('latchkey_requests_total', 'outcome="opened"') >= count) return;
          await sleep(20);
        }
      },
      async stop() {
        load.close();
        await product.stop();
      },
    };
  }

  return { policies, slackUrl, serve, stop: () => slack.stop() };
}
