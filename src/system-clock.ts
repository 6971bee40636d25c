import { performance } from 'node:perf_hooks';
import type { Clock } from './app/ports/clock.ts';
import { epochMs, type Instant, instantOf, type Milliseconds } from './domain/instant.ts';

/**
 * The wall clock, made to go forwards only: when the machine's clock steps back, time goes on from where it was by the
 * monotonic counter, so that nothing lasts longer and nothing happens twice (invariant 11). A step forwards counts.
 */
export class SystemClock implements Clock {
  readonly #wall: () => number;
  readonly #counter: () => number;
  #last: number;
  #lastCounter: number;
  /** Added on purpose: the playground moves its time ahead. */
  #ahead: Milliseconds = 0;

  constructor(wall: () => number = Date.now, counter: () => number = () => performance.now()) {
    this.#wall = wall;
    this.#counter = counter;
    this.#last = wall();
    this.#lastCounter = counter();
  }

  epochMs(): number {
    const counter = this.#counter();
    const passed = this.#last + (counter - this.#lastCounter);
    this.#last = Math.max(this.#wall(), passed);
    this.#lastCounter = counter;
    return Math.floor(this.#last + this.#ahead);
  }

  now(): Instant {
    return instantOf(this.epochMs());
  }

  /** Never earlier than what the audit log already holds: the machine's clock may have been set back while we were down. */
  startNoEarlierThan(instant: Instant | undefined): void {
    if (instant === undefined) return;
    const missing = epochMs(instant) - this.epochMs();
    // NB. not as an offset for good: when the machine's clock is put right later, time must not leap past it.
    if (missing > 0) this.#last += missing;
  }

  /** Moves the time ahead, for the playground. */
  advance(ms: Milliseconds): void {
    if (!(ms > 0)) throw new RangeError('time can only be moved ahead');
    this.#ahead += ms;
  }
}
