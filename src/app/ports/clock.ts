import type { Instant } from '../../domain/instant.ts';

/** The only way to the time (invariant 11). It never goes backwards while the process lives. */
export interface Clock {
  now(): Instant;
}

/** Ids that sort by the time they were made. `prefix` says what it names: `req`, `grt`, `eff`, `pst`. */
export interface Ids {
  next(prefix: 'req' | 'grt' | 'eff' | 'pst'): string;
}
