import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LASTING, startPostgres } from '../../test/support/postgres-server.js';

/** @typedef {'SQLite' | 'Postgres'} Kind */

/**
 * What a benchmark is given: a folder of its own, empty databases as durable as they are by default, and a way to say how
 * far it is.
 *
 * @typedef {object} Place
 * @property {string} folder
 * @property {(kind: Kind) => Promise<string>} database the address of an empty one
 * @property {(text: string) => void} say
 */

/**
 * @template T
 * @param {(text: string) => void} say
 * @param {(place: Place) => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function inPlace(say, work) {
  const folder = await mkdtemp(join(tmpdir(), 'latchkey-bench-'));
  /** @type {ReturnType<typeof startPostgres> | undefined} */
  let server;
  let count = 0;
  try {
    return await work({
      folder,
      say,
      async database(kind) {
        count += 1;
        if (kind === 'SQLite') return `file:${join(folder, `database-${count}.db`)}`;
        server ??= startPostgres(LASTING);
        return (await server).createDatabase(`bench_${count}`);
      },
    });
  } finally {
    await (await server)?.stop();
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}
