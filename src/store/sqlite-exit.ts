import { performance } from 'node:perf_hooks';

/** What a thread and whoever started it share: how many calls are under way, and whether the process is about to end. */
export const RUNNING = 0;
export const LEAVING = 1;

/** Longer than SQLite waits for a lock; a call that takes longer than this is cut off. */
const PATIENCE_MS = 6_000;

const threads = new Set<Int32Array>();

/** Shared with a thread until it has ended. */
export function sharedWith(whenEnded: (forget: () => void) => void): Int32Array {
  const calls = new Int32Array(new SharedArrayBuffer(2 * Int32Array.BYTES_PER_ELEMENT));
  if (threads.size === 0) process.on('exit', letCallsEnd);
  threads.add(calls);
  whenEnded(() => {
    threads.delete(calls);
    if (threads.size === 0) process.off('exit', letCallsEnd);
  });
  return calls;
}

/**
 * NB. libsql does not survive that its thread is ended in the middle of a call: it takes the process with it, with SIGABRT
 * and a trace of its inside, whatever the exit code was to be. So whichever way the process ends (`process.exit`, an
 * error that nobody caught), the call under way ends first, and none begins. A signal that nobody handles ends it at once,
 * and like `kill -9` costs nothing that was committed.
 */
function letCallsEnd(): void {
  const late = performance.now() + PATIENCE_MS;
  for (const calls of threads) {
    Atomics.store(calls, LEAVING, 1);
    for (;;) {
      const running = Atomics.load(calls, RUNNING);
      if (running === 0) break;
      const left = late - performance.now();
      // No abort and no trace: what was in hand is undone, or claimed again.
      if (left <= 0) process.kill(process.pid, 'SIGKILL');
      Atomics.wait(calls, RUNNING, running, Math.max(0, left));
    }
  }
}
