import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { built } from './built.js';
import { SCIM_TOKEN } from './workspace.js';

/** @typedef {import('../../src/app/ports/index.ts').Ports} Ports */

/** Slack is never instantaneous: about what a call to it takes. */
const SLACK_MS = 50;

/**
 * The core on a real database, in this process: no Slack and no HTTP. The target answers at once, and remembers no
 * more than who has what. The clock is the machine's.
 *
 * @param {{ policies: string, databaseUrl: string }} where `policies`: a folder
 */
export async function startCore({ policies, databaseUrl }) {
  /** @type {typeof import('../../src/store/store.ts')} */
  const { createStore } = await built('store/store.js');
  /** @type {typeof import('../../src/audit/index.ts')} */
  const { link } = await built('audit/index.js');
  /** @type {typeof import('../../src/policy-source.ts')} */
  const { loadPolicies } = await built('policy-source.js');
  /** @type {typeof import('../../src/providers/registry.ts')} */
  const { providers } = await built('providers/registry.js');
  /** @type {typeof import('../../src/system-clock.ts')} */
  const { SystemClock } = await built('system-clock.js');
  /** @type {typeof import('../../src/sortable-ids.ts')} */
  const { sortableIds } = await built('sortable-ids.js');

  const loaded = await loadPolicies({ dir: policies, providers, env: () => SCIM_TOKEN });
  if (!loaded.ok) throw new Error(loaded.problems.join('\n'));
  const store = await createStore({ url: databaseUrl, link });
  const provider = providers.get('scim-group');
  if (!provider) throw new Error('no provider scim-group');

  /** @type {Set<string>} who has what */
  const members = new Set();
  /** @param {import('../../src/app/ports/provider.ts').TargetCall} call */
  const named = ({ permission, account }) => JSON.stringify([permission, account]);
  /** @type {import('../../src/app/ports/provider.ts').Target} */
  const target = {
    provision: async (call) => void members.add(named(call)),
    revoke: async (call) => void members.delete(named(call)),
    inspect: async (call) => (members.has(named(call)) ? 'present' : 'absent'),
    close: async () => {},
  };
  /** @param {unknown} message */
  const digest = (message) => createHash('sha256').update(JSON.stringify(message)).digest('hex').slice(0, 32);
  let posted = 0;
  const clock = new SystemClock();
  /** @type {Ports} */
  const ports = {
    clock,
    ids: sortableIds(clock),
    store,
    policies: { current: () => loaded.policies, rejected: () => undefined },
    targets: { find: (name) => ({ provider, target, system: loaded.policies.targets.get(name)?.system ?? '' }) },
    messenger: {
      post: async ({ message }) => {
        await sleep(SLACK_MS);
        return { channel: 'C0', ts: String(++posted), shown: digest(message) };
      },
      update: async (_, message) => {
        await sleep(SLACK_MS);
        return digest(message);
      },
    },
    log: { info: () => {}, warn: () => {}, error: (fields, message) => console.error(message, fields) },
    random: Math.random,
  };
  return { ports, store, members };
}
