import type { Store } from '../../src/app/ports/store.ts';
import { GENESIS_HASH, sha256 } from '../../src/audit/chain.ts';
import type { DatabaseKind, TestDatabase } from '../support/databases.ts';
import { anId, aRefresh, aRequest, NOON, opened, WORKSPACE } from '../support/samples.ts';
import { auditLog } from './store/audit-log.ts';
import { keepsEveryField } from './store/fields.ts';
import { findingRows } from './store/finding.ts';
import { outbox } from './store/outbox.ts';
import { NOTHING, type StoreSubject } from './store/subject.ts';
import { transactions } from './store/transactions.ts';
import { twoWriters } from './store/two-writers.ts';

/** What every store does, whatever the database. */
export function storeContract(kind: DatabaseKind): void {
  describe(`the store on ${kind.name}`, () => {
    const subject = emptyStores(kind);
    keepsEveryField(subject);
    transactions(subject);
    twoWriters(subject);
    findingRows(subject);
    outbox(subject);
    auditLog(subject);

    it('is handed on by a process that closed it, with everything in it', async () => {
      const request = aRequest({ id: anId('req') });
      await subject.write({ requests: [request], events: [opened(request)] });
      const unfinished = subject.write({ effects: [aRefresh()] });
      await subject.store.close();
      await unfinished;
      await expect(subject.write({})).rejects.toThrow('closed');
      subject.store = await subject.database.open();
      expect(await subject.store.request(request.id)).toStrictEqual(request);
      expect((await subject.store.outbox(NOON)).map(({ depth }) => depth)).toEqual([1, 0, 0]);
    });
  });
}

/** An empty store for each test of the suite. */
function emptyStores(kind: DatabaseKind): StoreSubject {
  const subject: StoreSubject = {
    kind,
    // Each test has its own before it begins.
    database: {} as TestDatabase,
    store: {} as Store,
    write: (changes, now = NOON) =>
      subject.store.transaction((tx) => tx.write(WORKSPACE, now, { ...NOTHING, ...changes })),
    async everyEntry() {
      const { seq } = await subject.store.auditHead(WORKSPACE);
      return subject.store.auditPage(WORKSPACE, 1, seq + 10);
    },
    async expectWholeChain(length) {
      const entries = await subject.everyEntry();
      expect(entries.map((entry) => entry.seq)).toEqual(Array.from({ length }, (_, index) => index + 1));
      let prev = GENESIS_HASH;
      for (const entry of entries) {
        expect(JSON.parse(entry.body)).toMatchObject({ prev, seq: entry.seq });
        expect(entry.hash).toBe(sha256(entry.body));
        prev = entry.hash;
      }
      expect(await subject.store.auditHead(WORKSPACE)).toEqual({ seq: length, hash: prev });
    },
  };
  beforeAll(() => kind.start());
  afterAll(() => kind.stop());
  beforeEach(async () => {
    subject.database = await kind.database();
    subject.store = await subject.database.open();
  });
  afterEach(() => subject.database.close());
  return subject;
}
