import pg from 'pg';
import { storeContract } from '../contract/store-contract.ts';
import { postgres } from '../support/databases.ts';
import { aRequest, NOON, WORKSPACE } from '../support/samples.ts';

const kind = postgres();
storeContract(kind);

describe('a transaction on Postgres', () => {
  beforeAll(() => kind.start());
  afterAll(() => kind.stop());

  it('is read committed, whatever the database has for a default: reading anew must see what made a write stale', async () => {
    const database = await kind.database();
    const { pathname } = new URL(database.url);
    await database.sql(`ALTER DATABASE "${pathname.slice(1)}" SET default_transaction_isolation = 'serializable'`);
    const store = await database.open();
    const request = aRequest();
    const other = new pg.Client({ connectionString: database.url });
    await other.connect();
    try {
      await store.transaction((tx) => tx.write(WORKSPACE, NOON, { events: [], effects: [], requests: [request] }));
      await store.transaction(async (tx) => {
        expect((await tx.pendingRequest(WORKSPACE, 'nobody@example.com', 'none'))?.id).toBeUndefined();
        await other.query(`UPDATE "Request" SET "title" = 'changed meanwhile'`);
        expect((await tx.request(request.id))?.title).toBe('changed meanwhile');
      });
    } finally {
      await other.end();
      await database.close();
    }
  });
});
