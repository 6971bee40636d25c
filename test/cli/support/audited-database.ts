import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient } from '@libsql/client';
import { link } from '../../../src/audit/chain.ts';
import { main } from '../../../src/cli/main.ts';
import { createStore } from '../../../src/store/store.ts';
import { App } from '../../support/app.ts';
import { DAY, HOUR, MINUTE } from '../../support/clock.ts';
import { type Finished, latchkey, MachineClock } from '../../support/product.ts';

/**
 * A database in which something happened, and command lines that are run on copies of it.
 * On 3 March 2026 Ana read for an hour. On the 4th Ben was refused by his own click, then denied. Ana's second read runs.
 */
export class AuditedDatabase {
  readonly folder: string;
  readonly #original: string;
  #copies = 0;

  private constructor(folder: string) {
    this.folder = folder;
    this.#original = join(folder, 'original.db');
  }

  static async make(): Promise<AuditedDatabase> {
    const made = new AuditedDatabase(await mkdtemp(join(tmpdir(), 'latchkey-cli-')));
    const store = await createStore({ url: `file:${made.#original}`, link });
    const app = new App(store, {});
    await app.granted('ana', 'read');
    await app.pass(HOUR);
    await app.pass(DAY - HOUR);
    const asked = await app.asked('ben', 'both', { reason: 'INC-43 <&> "quoted" – ünï' });
    await app.approve('ben', asked);
    await app.deny('cy', asked, 'use the replica');
    await app.work();
    await app.pass(MINUTE);
    await app.granted('ana', 'read', { duration: '2h' });
    await store.close();
    // Into the one file that is copied.
    const client = createClient({ url: `file:${made.#original}`, timeout: 30_000 });
    await client.execute('PRAGMA wal_checkpoint(TRUNCATE)');
    client.close();
    return made;
  }

  /** A copy that may be spoilt. */
  async copy(): Promise<string> {
    this.#copies += 1;
    const path = join(this.folder, `copy-${this.#copies}.db`);
    await copyFile(this.#original, path);
    return path;
  }

  remove(): Promise<void> {
    return rm(this.folder, { recursive: true, force: true });
  }
}

/** What a database administrator could do who wants something not to have happened. */
export interface Administrator {
  run(text: string): Promise<void>;
  rows<Row>(text: string): Promise<Row[]>;
}

/** Works on the file around the product, with the audit log's triggers taken off, and put back if not `unguarded`. */
export async function tamper(
  path: string,
  work: (administrator: Administrator) => Promise<unknown>,
  { unguarded = false } = {},
): Promise<void> {
  const client = createClient({ url: `file:${path}`, timeout: 30_000 });
  const administrator: Administrator = {
    run: async (text) => void (await client.execute(text)),
    rows: async (text) => (await client.execute(text)).rows as never,
  };
  try {
    const triggers = await administrator.rows<{ name: string; sql: string }>(
      `SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'AuditEntry'`,
    );
    expect(triggers).toHaveLength(3);
    for (const { name } of triggers) await administrator.run(`DROP TRIGGER "${name}"`);
    await work(administrator);
    if (!unguarded) for (const { sql } of triggers) await administrator.run(sql);
  } finally {
    client.close();
  }
}

/** Runs a command line on a database file, inside of this process. */
export async function on(path: string, ...args: string[]): Promise<Finished> {
  const finished = { out: '', err: '' };
  const code = await main(args, {
    out: (text) => {
      finished.out += text;
    },
    err: (text) => {
      finished.err += text;
    },
    env: { DATABASE_URL: `file:${path}` },
  });
  return { code, ...finished };
}

/** The same as people do it: in a process of its own, on 5 March 2026 at noon. */
export async function inProcess(path: string, ...args: string[]): Promise<Finished> {
  const clock = new MachineClock();
  await clock.move(Date.parse('2026-03-05T12:00:00Z') - clock.now());
  return latchkey(args, { DATABASE_URL: `file:${path}` }, clock);
}

/** A failure for people: this code, and a sentence, not the inside of the program. */
export function expectSentence({ code, out, err }: Finished, wanted: { code: number; err: RegExp }): void {
  expect({ code, out, err }).toEqual({ code: wanted.code, out: '', err: expect.stringMatching(wanted.err) });
  expect(err).not.toMatch(/^\s+at /m);
  expect(err).not.toContain('node_modules');
}
