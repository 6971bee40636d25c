import { type Instant, instantOf } from '../domain/instant.ts';

/** A moment on a command line: a day or a time, in UTC. */
export function readMoment(text: string): { at: Instant } | { why: string } {
  const why = 'write a date (2026-03-03, 2026-03-03T09:00:00Z; UTC)';
  if (!/^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,3})?)?Z)?$/.test(text)) return { why };
  const at = Date.parse(text);
  // NB. JavaScript reads 30 February as 2 March: the answer would be about another day than was asked for.
  if (Number.isNaN(at) || instantOf(at).slice(0, 10) !== text.slice(0, 10))
    return { why: `there is no such day or time; ${why}` };
  return { at: instantOf(at) };
}
