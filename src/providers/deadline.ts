import { ProviderError } from '../app/ports/provider.ts';

/** The error of a call whose deadline has passed. */
export function deadlinePassed(target: string): ProviderError {
  return new ProviderError('retry', 'deadline', `${target} did not finish in time; the call was stopped.`);
}

/** Throws when the deadline has passed, so that no step is begun after it. */
export function stopAtDeadline(signal: AbortSignal, target: string): void {
  if (signal.aborted) throw deadlinePassed(target);
}

/** Settles as `work` does, or rejects at the deadline, whichever is first. It stops waiting, not the work. */
export async function untilDeadline<T>(signal: AbortSignal, target: string, work: Promise<T>): Promise<T> {
  work.catch(() => undefined); // After the deadline nobody waits for it: its failure is then no unhandled rejection.
  let stopListening = () => {};
  const deadline = new Promise<never>((_resolve, reject) => {
    const stop = () => reject(deadlinePassed(target));
    if (signal.aborted) return stop();
    signal.addEventListener('abort', stop, { once: true });
    stopListening = () => signal.removeEventListener('abort', stop);
  });
  try {
    return await Promise.race([deadline, work]);
  } finally {
    stopListening();
  }
}
