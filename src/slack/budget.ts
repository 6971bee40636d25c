import { performance } from 'node:perf_hooks';
import type { Milliseconds } from '../domain/instant.ts';

/** So many calls in any stretch of time: a burst is welcome, and what is over it waits. */
export class Budget {
  readonly #most: number;
  readonly #stretch: Milliseconds;
  readonly #now: () => Milliseconds;
  /** When the last calls were made, oldest first. */
  readonly #calls: Milliseconds[] = [];

  constructor(most: number, stretch: Milliseconds, now: () => Milliseconds = () => performance.now()) {
    this.#most = most;
    this.#stretch = stretch;
    this.#now = now;
  }

  /** 0: the call is counted and may be made. Else nothing is counted, and this is how long to wait. */
  take(): Milliseconds {
    const now = this.#now();
    while ((this.#calls[0] ?? now) <= now - this.#stretch) this.#calls.shift();
    const oldest = this.#calls[0];
    if (oldest !== undefined && this.#calls.length >= this.#most) return Math.ceil(oldest + this.#stretch - now);
    this.#calls.push(now);
    return 0;
  }
}
