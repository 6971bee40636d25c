import type { Store, Transaction } from '../../../src/app/ports/store.ts';
import type { DatabaseKind, TestDatabase } from '../../support/databases.ts';

export const NOTHING = { events: [], effects: [] };

/** Text that breaks what is built from text. */
export const HOSTILE = `"quoted" 'single' \\ back; DROP TABLE "Request"; -- ?\n$1\r\n\ttabs 😀 日本語 é\u2028 <!channel>`;

/** The store that a test is about, on a database of its own. */
export interface StoreSubject {
  kind: DatabaseKind;
  database: TestDatabase;
  store: Store;
  write(changes: Partial<Parameters<Transaction['write']>[2]>, now?: string): Promise<void>;
  everyEntry(): ReturnType<Store['auditPage']>;
  /** The entries from the first to this one, each linked to the one before. */
  expectWholeChain(length: number): Promise<void>;
}
