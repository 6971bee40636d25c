import type { Clock, Ids } from '../app/ports/clock.ts';
import { epochMs, type Instant, instantOf, type Milliseconds } from '../domain/instant.ts';

/** A clock that stands until it is moved, either way. */
export class VirtualClock implements Clock {
  #at: number;

  constructor(start: Instant) {
    this.#at = epochMs(start);
  }

  now(): Instant {
    return instantOf(this.#at);
  }

  advance(ms: Milliseconds): void {
    this.#at += ms;
  }

  set(instant: Instant): void {
    this.advance(epochMs(instant) - this.#at);
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
