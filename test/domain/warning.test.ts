import { plus } from '../../src/domain/instant.ts';
import { warningBefore } from '../../src/domain/warning.ts';
import { HOUR, MINUTE, NOON } from '../support/samples.ts';

describe('when the holder is warned', () => {
  it.each([
    ['a tenth before the end', 10 * HOUR, HOUR],
    ['a tenth of an hour', HOUR, 6 * MINUTE],
    ['five minutes at least', 30 * MINUTE, 5 * MINUTE],
    ['half-way through ten minutes', 10 * MINUTE, 5 * MINUTE],
    ['half-way through less', 2 * MINUTE, MINUTE],
    ['and never before the beginning', 1_000, 500],
  ])('%s', (_what, given, before) => {
    expect(warningBefore(NOON, given)).toBe(plus(NOON, -before));
  });
});
