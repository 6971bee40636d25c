// The real timers, even where a test has replaced the global ones.
import { clearImmediate, clearTimeout, setImmediate, setTimeout } from 'node:timers';

/** Listeners, and waiting for a state of things instead of sleeping. */
export class Watch {
  private readonly listeners = new Set<() => void>();
  private readonly waiting = new Set<(reason: Error) => void>();
  private readonly describe: () => string;

  constructor(describe: () => string) {
    this.describe = describe;
  }

  readonly changed = (): void => {
    for (const listener of [...this.listeners]) listener();
  };

  onChange(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Asks at once and after every change. Rejects after `timeoutMs` of real time with what there is instead. */
  waitFor<T>(predicate: () => T | undefined | false, timeoutMs: number): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      let next: NodeJS.Immediate | undefined;
      const end = (): void => {
        clearTimeout(timer);
        clearImmediate(next);
        stopListening();
        this.waiting.delete(fail);
      };
      const fail = (reason: Error): void => {
        end();
        reject(reason);
      };
      const look = (): void => {
        try {
          const answer = predicate();
          if (answer === undefined || answer === false) return;
          end();
          resolve(answer);
        } catch (error) {
          fail(error instanceof Error ? error : new Error(String(error)));
        }
      };
      const timer = setTimeout(
        () => fail(new Error(`Waited ${timeoutMs} ms for ${predicate.toString()}\n\n${this.describe()}`)),
        timeoutMs,
      );
      // A burst of changes is looked at once: the question may copy a large channel.
      const stopListening = this.onChange(() => {
        next ??= setImmediate(() => {
          next = undefined;
          look();
        });
      });
      this.waiting.add(fail);
      look();
    });
  }

  /** Nobody waits for ever for a Slack that is gone. */
  stop(): void {
    for (const fail of [...this.waiting])
      fail(new Error('The fake Slack was stopped while this was being waited for.'));
  }
}
