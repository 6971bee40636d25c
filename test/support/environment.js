import { setTimeout as sleep } from 'node:timers/promises';
import { TestEnvironment } from 'jest-environment-node';

/** Servers, connections, child processes, timers, watchers. Not pipes: a worker opens those of its own output late. */
const WATCHED = /^(TCP|TLS|UDP|PipeServer|Process|FSEvent|StatWatcher|Timeout|Worker)/;
/** Connections and children that are being closed may take a moment. */
const PATIENCE_MS = Number(process.env.TEST_MS_TO_END ?? 30_000);

/**
 * Node's environment, in which a test file that leaves something open fails by name. Jest notices it by itself only when
 * it runs a single file: of several, each runs in a worker that is ended by force.
 */
export default class extends TestEnvironment {
  /** @type {Map<string, number>} */
  #before = new Map();

  /** @override */
  async setup() {
    await super.setup();
    this.#before = open();
  }

  /** @param {{ name: string }} event */
  async handleTestEvent(event) {
    if (event.name !== 'run_finish') return;
    const deadline = performance.now() + PATIENCE_MS;
    while (this.#left().length > 0) {
      if (performance.now() > deadline)
        throw new Error(`The tests of this file left something open: ${this.#left().join(', ')}.`);
      await sleep(20, undefined, { ref: false });
    }
  }

  #left() {
    return [...open()]
      .filter(([kind, count]) => count > (this.#before.get(kind) ?? 0))
      .map(([kind, count]) => `${count} × ${kind}`);
  }
}

/** @returns {Map<string, number>} how many of each kind are open */
function open() {
  const counts = new Map();
  for (const kind of process.getActiveResourcesInfo())
    if (WATCHED.test(kind)) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  return counts;
}
