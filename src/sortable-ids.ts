import { randomInt } from 'node:crypto';
import { v7 } from 'uuid';
import type { Clock, Ids } from './app/ports/clock.ts';
import { epochMs } from './domain/instant.ts';

/** Half of what fits: a millisecond of more ids than the other half would be a long one. */
const FIRST_COUNT = 2 ** 31;

/**
 * UUIDv7 (RFC 9562 §5.7): sortable by the time they were made, and increasing within one process. NB. by the same clock as
 * everything else: the machine's may be behind the times that are written beside the ids.
 */
export function sortableIds(clock: Clock): Ids {
  let msecs = Number.NEGATIVE_INFINITY;
  let seq = 0;
  return {
    next(prefix) {
      const now = epochMs(clock.now());
      if (now > msecs) {
        msecs = now;
        seq = randomInt(FIRST_COUNT);
      } else seq += 1;
      return `${prefix}_${v7({ msecs, seq }).replaceAll('-', '')}`;
    },
  };
}
