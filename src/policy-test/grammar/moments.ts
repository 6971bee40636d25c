import { parseDuration } from '../../domain/duration.ts';
import { type Instant, instantOf, type Milliseconds, plus } from '../../domain/instant.ts';
import type { Read } from '../../policy/schema/words.ts';

/** A moment of a timeline: an instant, or so long after its `now`. */
export type Moment = { readonly after: Milliseconds } | { readonly instant: Instant };

const INSTANT = /^(\d{4}-\d\d-\d\d)T(\d\d):(\d\d)(?::(\d\d)(?:\.\d{1,3})?)?(Z|[+-]\d\d:\d\d)$/;
const HELP = 'Write an instant with its zone, such as 2026-03-03T09:00:00Z or 2026-03-03T10:00+01:00.';

/** An instant that means the same everywhere. NB. Without a zone a test would pass in one place and fail in another. */
export function readInstant(text: string): Read<Instant> {
  const match = INSTANT.exec(text);
  if (!match) return { ok: false, why: HELP };
  const [, date = '', hour = '', minute = '', second = '00', zone = ''] = match;
  const at = Date.parse(text);
  // JavaScript reads 30 February as 2 March, and 24:00 as the next day.
  const there = instantOf(Date.parse(`${date}T00:00:00Z`) || 0).slice(0, 10) === date;
  if (Number.isNaN(at) || !there || Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59)
    return { ok: false, why: `There is no such day or time. ${HELP}` };
  if (zone !== 'Z' && (Number(zone.slice(1, 3)) > 14 || Number(zone.slice(4)) > 59)) return { ok: false, why: HELP };
  return { ok: true, value: instantOf(at) };
}

/** `+5m` or an instant. */
export function readMoment(text: string): Read<Moment> {
  if (!text.startsWith('+')) {
    const instant = readInstant(text);
    if (instant.ok) return { ok: true, value: { instant: instant.value } };
    return { ok: false, why: `Write how long after \`now\` it is, such as +5m, or an instant. ${HELP}` };
  }
  const duration = parseDuration(text.slice(1));
  if (duration.ok) return { ok: true, value: { after: duration.ms } };
  return { ok: false, why: `After the +, ${duration.why}.` };
}

export const instantAt = (moment: Moment, now: Instant): Instant =>
  'instant' in moment ? moment.instant : plus(now, moment.after);
