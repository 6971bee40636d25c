import type { Milliseconds } from '../../domain/instant.ts';

/** A server that asks for more is not believed: a slip in one header must not keep a permission given for a year. */
const LONGEST_WAIT_MS: Milliseconds = 3_600_000;

/**
 * How long `Retry-After` (RFC 9110 §10.2.3) asks to wait: seconds, or a date read against the reply's own `Date`, so that
 * no clock of ours is needed. Undefined when it is absent, unreadable, in the past or over an hour.
 */
export function waitOf(headers: Headers): Milliseconds | undefined {
  const text = headers.get('retry-after')?.trim() ?? '';
  const wait = /^\d{1,9}$/.test(text) ? Number(text) * 1000 : Date.parse(text) - Date.parse(headers.get('date') ?? '');
  return wait >= 0 && wait <= LONGEST_WAIT_MS ? wait : undefined;
}
