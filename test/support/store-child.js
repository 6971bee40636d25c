/**
 * A process of its own with a store: `fork(store-child.js, [url, what])`.
 * `migrate`: opens the store and ends. `hang`: writes inside a transaction, says so, and never ends it.
 */
import { register } from 'node:module';

register('./ts-hooks.js', import.meta.url);
const { createStore } = await import('../../src/store/store.ts');
const { link } = await import('../../src/audit/chain.ts');
const { aRequest, NOON, opened, WORKSPACE } = await import('./samples.ts');

const [url = '', what] = process.argv.slice(2);
const store = await createStore({ url, link });
if (what === 'hang') {
  const request = aRequest({ id: 'req_of_the_dead' });
  await store.transaction(async (tx) => {
    await tx.write(WORKSPACE, NOON, { requests: [request], events: [opened(request)], effects: [] });
    process.send?.('written');
    await new Promise((resolve) => setTimeout(resolve, 60_000));
  });
}
await store.close();
process.disconnect?.();
