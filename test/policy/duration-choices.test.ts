import fc from 'fast-check';
import { formatDuration, LONGEST_DURATION_MS, parseDuration } from '../../src/domain/duration.ts';
import { durationChoices } from '../../src/policy/index.ts';
import { cases } from '../support/cases.ts';

const ms = (text: string): number => {
  const parsed = parseDuration(text);
  if (!parsed.ok) throw new Error(parsed.why);
  return parsed.ms;
};
const choices = (shortest: string, longest: string) =>
  durationChoices({ duration: { defaultMs: ms(shortest), maxMs: ms(longest) } }).map(formatDuration);

describe('the durations of a menu', () => {
  it('are the usual ones up to the longest', () => {
    expect(choices('30m', '8h')).toEqual(['5m', '15m', '30m', '1h', '2h', '4h', '8h']);
    expect(choices('1h', '1h')).toEqual(['5m', '15m', '30m', '1h']);
    expect(choices('45m', '90m')).toEqual(['5m', '15m', '30m', '45m', '1h', '1h30m']);
    expect(choices('1m', '2m')).toEqual(['1m', '2m']);
  });

  it('leave the shortest out of too many', () => {
    expect(choices('1h', '366d')).toEqual(
      ['1h', '4h', '8h', '12h', '1d', '2d', '3d', '7d', '14d', '30d', '90d', '180d', '366d'].slice(-12).with(0, '1h'),
    );
  });

  it('always hold the default and the longest, rise, and are at most twelve', () => {
    const length = fc.integer({ min: 1, max: LONGEST_DURATION_MS / 1000 }).map((seconds) => seconds * 1000);
    fc.assert(
      fc.property(length, length, (a, b) => {
        const [defaultMs, maxMs] = [Math.min(a, b), Math.max(a, b)];
        const offered = durationChoices({ duration: { defaultMs, maxMs } });
        expect(offered).toContain(defaultMs);
        expect(offered.at(-1)).toBe(maxMs);
        expect(offered.length).toBeLessThanOrEqual(12);
        expect([...new Set(offered)].sort((x, y) => x - y)).toEqual(offered);
      }),
      cases(100),
    );
  });
});
