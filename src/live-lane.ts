import type { Clock } from './app/ports/clock.ts';
import { epochMs } from './domain/instant.ts';
import type { LiveSource } from './live-source.ts';

/** Sources behind one rate limit: read one at a time, the one that waits longest first; one's wait is everybody's. */
export class LiveLane {
  readonly #clock: Clock;
  readonly #onRead: (different: boolean) => void;
  #pausedUntil = 0;
  #busy: Promise<void> | undefined;

  constructor(clock: Clock, onRead: (different: boolean) => void) {
    this.#clock = clock;
    this.#onRead = onRead;
  }

  /** Begins with what is due, unless it is at it already. */
  work(sources: () => Iterable<LiveSource<unknown>>): void {
    this.#busy ??= this.#readDue(sources).finally(() => {
      this.#busy = undefined;
    });
  }

  async idle(): Promise<void> {
    await this.#busy;
  }

  async #readDue(sources: () => Iterable<LiveSource<unknown>>): Promise<void> {
    for (;;) {
      const now = epochMs(this.#clock.now());
      if (now < this.#pausedUntil) return;
      let next: LiveSource<unknown> | undefined;
      for (const source of sources())
        if (source.dueAt <= now && source.dueAt < (next?.dueAt ?? Infinity)) next = source;
      if (!next) return;
      const { different, waitMs } = await next.read();
      if (waitMs > 0) this.#pausedUntil = epochMs(this.#clock.now()) + waitMs;
      this.#onRead(different);
    }
  }
}
