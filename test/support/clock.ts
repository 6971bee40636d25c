import type { Instant, Milliseconds } from '../../src/domain/instant.ts';
import { VirtualClock } from '../../src/policy-test/virtual-clock.ts';

export { countedIds } from '../../src/policy-test/virtual-clock.ts';

/** A Tuesday, nine in the morning in London. */
export const START: Instant = '2026-03-03T09:00:00.000Z';
export const SECOND: Milliseconds = 1_000;
export const MINUTE: Milliseconds = 60_000;
export const HOUR: Milliseconds = 3_600_000;
export const DAY: Milliseconds = 24 * HOUR;

/** A virtual clock that tells when it was moved. */
export class TestClock extends VirtualClock {
  readonly #moved: ((now: Instant) => void)[] = [];

  constructor(start: Instant = START) {
    super(start);
  }

  override advance(ms: Milliseconds): void {
    super.advance(ms);
    for (const moved of this.#moved) moved(this.now());
  }

  onMove(listener: (now: Instant) => void): void {
    this.#moved.push(listener);
  }
}
