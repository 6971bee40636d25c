import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { link } from '../../src/audit/index.ts';
import { createStore } from '../../src/store/store.ts';
import { MachineClock, startProduct } from '../support/product.ts';

/** What one workspace asked for must not be posted to another's channels, nor given in another's systems. */
describe('a database that another workspace used', () => {
  let folder: string;
  let url: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'latchkey-other-'));
    url = `file:${folder}/latchkey.db`;
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('is refused at start, with the way out', async () => {
    const store = await createStore({ url, link });
    const at = '2030-03-05T09:00:00.000Z';
    const policy = { digest: 'd'.repeat(64) };
    await store.transaction((tx) =>
      tx.write('T01ACME', at, {
        effects: [],
        events: [
          { type: 'PoliciesLoaded', at, workspace: 'T01ACME', actor: 'latchkey', policy, accesses: 1, actions: 0 },
        ],
      }),
    );
    await store.close();

    const product = startProduct({ env: { DATABASE_URL: url }, clock: new MachineClock() });
    expect(await product.exited).toMatchObject({ code: 2 });
    expect(product.errors).toContain(
      'Latchkey cannot start: The database was used by workspace T01ACME, and this is the playground. Set DATABASE_URL to a database of its own.',
    );
  });

  it('is served again by its own', async () => {
    const clock = new MachineClock();
    for (let start = 0; start < 2; start += 1) {
      const product = startProduct({ env: { DATABASE_URL: url }, clock });
      await product.until(() => product.printed.includes('Try this first'));
      expect(await product.stop()).toMatchObject({ code: 0 });
    }
  });
});
