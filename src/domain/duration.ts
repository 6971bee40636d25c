import type { Milliseconds } from './instant.ts';

const UNIT_MS = { d: 86_400_000, h: 3_600_000, m: 60_000, s: 1_000 } as const;
const SHAPE = /^(?:(\d{1,6})d)?(?:(\d{1,6})h)?(?:(\d{1,6})m)?(?:(\d{1,6})s)?$/;

/** The longest duration the language can express. Longer is a mistake, never clamped. */
export const LONGEST_DURATION_MS: Milliseconds = 366 * UNIT_MS.d;

export type ParsedDuration = { ok: true; ms: Milliseconds } | { ok: false; why: string };

/**
 * Reads a duration of the policy language: `90s`, `15m`, `1h30m`, `7d`; units once each and in falling order, no bare
 * numbers, no months, more than zero and at most 366 days.
 */
export function parseDuration(text: string): ParsedDuration {
  const match = SHAPE.exec(text);
  // Hours and minutes, or minutes and seconds? YAML 1.1 even read it as a number to the base of 60.
  const clock = /^(\d{1,3}):(\d{2})$/.exec(text);
  if (clock) {
    const [, one, two] = clock.map(Number);
    return { ok: false, why: `write \`${one}h${two}m\` or \`${one}m${two}s\`, whichever is meant` };
  }
  if (!match || text === '') return { ok: false, why: 'write a duration like 30m, 1h30m or 2d' };
  const [, d, h, m, s] = match;
  const ms =
    Number(d ?? 0) * UNIT_MS.d + Number(h ?? 0) * UNIT_MS.h + Number(m ?? 0) * UNIT_MS.m + Number(s ?? 0) * UNIT_MS.s;
  if (ms === 0) return { ok: false, why: 'a duration must be longer than zero' };
  if (ms > LONGEST_DURATION_MS) return { ok: false, why: 'a duration can be at most 366d' };
  return { ok: true, ms };
}

/** `5400000` → `1h30m`. Exact for whole seconds; parts of a second are left off, and under one second is `0s`. */
export function formatDuration(ms: Milliseconds): string {
  let rest = Math.max(0, Math.floor(ms / 1000)) * 1000;
  let text = '';
  for (const unit of ['d', 'h', 'm', 's'] as const) {
    const count = Math.floor(rest / UNIT_MS[unit]);
    if (count > 0) text += `${count}${unit}`;
    rest -= count * UNIT_MS[unit];
  }
  return text || '0s';
}
