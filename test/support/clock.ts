import type { Clock, Ids } from '../../src/app/ports/clock.ts';
import { epochMs, type Instant, instantOf, type Milliseconds } from '../../src/domain/instant.ts';

/** A Tuesday, nine in the morning in London. */
export const START: Instant = '2026-03-03T09:00:00.000Z';
export const SECOND: Milliseconds = 1_000;
export const MINUTE: Milliseconds = 60_000;
export const HOUR: Milliseconds = 3_600_000;
export const DAY: Milliseconds = 24 * HOUR;

/** A clock that stands until it is moved, either way. */
export class TestClock implements Clock {
  #at: number;
  readonly #moved: ((now: Instant) => void)[] = [];

  constructor(start: Instant = START) {
    this.#at = epochMs(start);
  }

  now(): Instant {
    return instantOf(this.#at);
  }

  advance(ms: Milliseconds): void {
    this.#at += ms;
    for (const moved of this.#moved) moved(this.now());
  }

  set(instant: Instant): void {
    this.advance(epochMs(instant) - this.#at);
  }

  onMove(listener: (now: Instant) => void): void {
    this.#moved.push(listener);
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
