import type { Clock, Ids } from '../app/ports/clock.ts';
import { epochMs, type Instant, instantOf, type Milliseconds, plus } from '../domain/instant.ts';

/** A clock that stands until it is moved, either way. */
export class VirtualClock implements Clock {
  // As text, for it is read far more often than it is moved.
  #now: Instant;

  constructor(start: Instant) {
    this.#now = instantOf(epochMs(start));
  }

  now(): Instant {
    return this.#now;
  }

  advance(ms: Milliseconds): void {
    this.#now = plus(this.#now, ms);
  }

  set(instant: Instant): void {
    this.#now = instantOf(epochMs(instant));
  }
}

/** Ids in the order in which they were asked for. */
export function countedIds(): Ids {
  let count = 0;
  return {
    next: (prefix) => {
      count += 1;
      return `${prefix}_${String(count).padStart(8, '0')}`;
    },
  };
}
