/**
 * The thread that holds the connections to an SQLite file: libsql's calls are synchronous, and a commit waits for the disk.
 * It does what `sqlite-client.ts` asks, one call after another for each connection, and knows nothing else.
 *
 * NB. JavaScript, since Node loads a thread's file by itself, and Node 20 reads no TypeScript.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { createClient } from '@libsql/client/sqlite3';
import { beginWriting } from './begin-writing.js';

/** @typedef {import('@libsql/client').Client} Client */
/** @typedef {import('@libsql/client').Transaction} Transaction */
/** @typedef {import('./sqlite-client.ts').Call} Call */
/** @typedef {import('./sqlite-client.ts').Answer} Answer */
/** @typedef {import('./sqlite-client.ts').Plain} Plain */

const port = parentPort;
if (!port) throw new Error('This file is a thread of the store.');

/** Shared with whoever started the thread: see `sqlite-exit.ts`. @type {{ calls: Int32Array, RUNNING: number, LEAVING: number }} */
const { calls, RUNNING, LEAVING } = workerData;

/** Clients and open transactions, by the number that the other side gave them. @type {Map<number, Client | Transaction>} */
const held = new Map();

port.on('message', async (/** @type {Call} */ call) => {
  if (call.do === 'stop') return port.close();
  // NB. counted first and looked at then: whoever ends the process does it the other way round, and one of the two sees the other.
  Atomics.add(calls, RUNNING, 1);
  try {
    if (Atomics.load(calls, LEAVING) === 0) port.postMessage(await answerTo(call));
  } finally {
    Atomics.sub(calls, RUNNING, 1);
    Atomics.notify(calls, RUNNING);
  }
});

/** @param {Exclude<Call, { do: 'stop' }>} call @returns {Promise<Answer>} */
async function answerTo(call) {
  try {
    return { id: call.id, value: await done(call) };
  } catch (error) {
    return { id: call.id, error: told(error) };
  }
}

/** @param {Exclude<Call, { do: 'stop' }>} call @returns {Promise<Plain | undefined>} */
async function done(call) {
  if (call.do === 'open') {
    held.set(call.on, createClient(call.config));
    return undefined;
  }
  const on = held.get(call.on);
  // Closing twice, or after a commit, is what every `finally` does.
  if (call.do === 'close') {
    held.delete(call.on);
    on?.close();
    return undefined;
  }
  if (!on) throw Object.assign(new Error('The connection or transaction is closed'), { code: 'CLIENT_CLOSED' });
  switch (call.do) {
    case 'execute': {
      await catchUp(on, call);
      const { columns, columnTypes, rows, rowsAffected } = await on.execute(call.statement);
      // A row of libsql's has its values where a copy for another thread would not find them.
      return { columns, columnTypes, rows: rows.map((row) => Array.from(row)), rowsAffected };
    }
    case 'script':
      await catchUp(on, call);
      await on.executeMultiple(call.sql);
      return undefined;
    case 'begin':
      held.set(call.as, await beginWriting(/** @type {Client} */ (on), call.write));
      return undefined;
    case 'commit':
    case 'rollback':
      try {
        if (call.do === 'commit') await catchUp(on, call);
        await /** @type {Transaction} */ (on)[call.do]();
      } catch (error) {
        // NB. half of what belongs together must not wait for somebody to commit it.
        on.close();
        throw error;
      } finally {
        held.delete(call.on);
      }
      return undefined;
  }
}

/**
 * Runs what nobody waits for before what came after it, whose failure it shares.
 *
 * @param {Client | Transaction} on @param {{ before?: import('@libsql/client').InStatement[] }} call
 */
async function catchUp(on, { before = [] }) {
  for (const statement of before) await on.execute(statement);
}

/** What of an error the store reads (`errors.ts`): a copy for another thread would lose its codes. @param {any} error */
function told(error) {
  const { code, rawCode, extendedCode } = error;
  return { message: String(error?.message ?? error), code, rawCode: rawCode ?? error?.cause?.rawCode, extendedCode };
}
