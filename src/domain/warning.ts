import { type Instant, type Milliseconds, plus } from './instant.ts';

const LEAST_MS: Milliseconds = 5 * 60_000;

/**
 * When the holder is warned of an end: a tenth of the time that was given before it, at least five minutes before; and
 * where ten minutes or less were given, half-way, so that a warning never comes with the access itself.
 */
export function warningBefore(endsAt: Instant, given: Milliseconds): Instant {
  const lead = Math.max(given / 10, Math.min(LEAST_MS, given / 2));
  return plus(endsAt, -Math.floor(lead));
}
