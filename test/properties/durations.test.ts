import fc from 'fast-check';
import { formatDuration, LONGEST_DURATION_MS, parseDuration } from '../../src/domain/duration.ts';
import { holds } from './holds.ts';

const length = fc.integer({ min: 1, max: LONGEST_DURATION_MS / 1_000 }).map((seconds) => seconds * 1_000);

holds(
  'a written duration is read as what it was',
  ({ parse, format }) =>
    fc.property(length, (ms) => {
      expect(parse(format(ms))).toEqual({ ok: true, ms });
    }),
  { parse: parseDuration, format: formatDuration },
  {
    'one that leaves the seconds out': {
      parse: parseDuration,
      format: (ms: number) => formatDuration(ms).replace(/(?<=[dhm])\d+s$/, ''),
    },
    'one that reads minutes as months': {
      parse: (text: string) => parseDuration(text.replace(/m/, 'd')),
      format: formatDuration,
    },
    'one that cuts what is too long': {
      parse: (text: string) => {
        const parsed = parseDuration(text);
        return parsed.ok ? { ok: true as const, ms: Math.min(parsed.ms, LONGEST_DURATION_MS / 2) } : parsed;
      },
      format: formatDuration,
    },
  },
);

/** Numbers with units as anybody might write them, and perhaps a bare one at the end. */
const written = fc.array(fc.tuple(fc.nat(1_200_000), fc.constantFrom('d', 'h', 'm', 's', 'w')), { maxLength: 5 });
const UNITS: Record<string, number> = { d: 86_400_000, h: 3_600_000, m: 60_000, s: 1_000 };
/** What they mean, or undefined when they are not a duration. */
function meaning(parts: readonly (readonly [number, string])[]): number | undefined {
  let ms = 0;
  let last = -1;
  for (const [count, unit] of parts) {
    const place = Object.keys(UNITS).indexOf(unit);
    if (place <= last || count > 999_999) return undefined;
    last = place;
    ms += count * (UNITS[unit] ?? 0);
  }
  return ms > 0 && ms <= LONGEST_DURATION_MS ? ms : undefined;
}

holds(
  'only what the language says is a duration',
  (parse) =>
    fc.property(written, fc.constantFrom('', '', '', '30'), (parts, bare) => {
      const parsed = parse(parts.map(([count, unit]) => `${count}${unit}`).join('') + bare);
      expect(parsed.ok ? parsed.ms : undefined).toBe(bare === '' ? meaning(parts) : undefined);
    }),
  parseDuration,
  {
    'one that takes bare numbers as minutes': (text: string) => parseDuration(/\d$/.test(text) ? `${text}m` : text),
    'one that knows weeks': (text: string) =>
      parseDuration(text.replace(/(\d+)w/, (_, weeks: string) => `${Number(weeks) * 7}d`)),
  },
);
