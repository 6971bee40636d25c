import { formatDuration, LONGEST_DURATION_MS, parseDuration } from '../../src/domain/duration.ts';

const SHAPE = 'write a duration like 30m, 1h30m or 2d';
const ZERO = 'a duration must be longer than zero';
const LONGEST = 'a duration can be at most 366d';

describe('a duration', () => {
  it.each([
    ['90s', 90_000],
    ['15m', 900_000],
    ['1h30m', 5_400_000],
    ['7d', 604_800_000],
    ['1d2h3m4s', 93_784_000],
    ['120m', 7_200_000],
    ['0d1h', 3_600_000],
    ['01h', 3_600_000],
    ['366d', LONGEST_DURATION_MS],
    ['365d24h', LONGEST_DURATION_MS],
    ['1s', 1_000],
  ])('%s is %i ms', (text, ms) => expect(parseDuration(text)).toEqual({ ok: true, ms }));

  it.each([
    ['nothing', '', SHAPE],
    ['a bare zero', '0', SHAPE],
    ['a bare number', '90', SHAPE],
    ['a negative one', '-1h', SHAPE],
    ['a sign', '+1h', SHAPE],
    ['an exponent', '1e9h', SHAPE],
    ['a fraction', '1.5h', SHAPE],
    ['months and years', '1y', SHAPE],
    ['weeks', '1w', SHAPE],
    ['milliseconds', '500ms', SHAPE],
    ['a unit alone', 'h', SHAPE],
    ['a unit twice', '1h1h', SHAPE],
    ['units in rising order', '30m1h', SHAPE],
    ['a number without its unit at the end', '1h30', SHAPE],
    ['capital letters', '1H', SHAPE],
    ['words', '1 hour', SHAPE],
    ['a blank between', '1h 30m', SHAPE],
    ['a blank before', ' 1h', SHAPE],
    ['a blank behind', '1h ', SHAPE],
    ['a line feed behind', '1h\n', SHAPE],
    ['a second line', '1h\n2h', SHAPE],
    ['digits of another script', '١h', SHAPE],
    ['a full-width digit', '１h', SHAPE],
    ['more than six digits', '1000000s', SHAPE],
    ['no time at all', '0m', ZERO],
    ['no time in every unit', '0d0h0m0s', ZERO],
    ['one second too long', '366d1s', LONGEST],
    ['one second too long, in seconds and days', '365d24h1s', LONGEST],
    ['far too long', '99999d', LONGEST],
    ['the longest that can be written', '999999d999999h999999m999999s', LONGEST],
  ])('is refused: %s', (_, text, why) => expect(parseDuration(text)).toEqual({ ok: false, why }));

  it.each([
    [0, '0s'],
    [999, '0s'],
    [-5_000, '0s'],
    [1_000, '1s'],
    [59_999, '59s'],
    [60_000, '1m'],
    [3_600_000, '1h'],
    [5_400_000, '1h30m'],
    [86_400_000, '1d'],
    [93_784_000, '1d2h3m4s'],
    [LONGEST_DURATION_MS, '366d'],
  ])('of %i ms is written %s', (ms, text) => expect(formatDuration(ms)).toBe(text));
});
