import { initials, tone } from '../../../src/playground/browser/avatar.ts';
import { dayHeading, formatSlackDate, timeOfDay } from '../../../src/playground/browser/dates.ts';
import { createHistory, hintsFor } from '../../../src/playground/browser/hints.ts';

describe('dates, in the reader’s time zone', () => {
  const context = { now: Date.parse('2026-03-03T14:05:09Z'), timeZone: 'Europe/Berlin' };
  const seconds = (iso: string) => Date.parse(iso) / 1000;
  const format = (iso: string, tokens: string) => formatSlackDate(seconds(iso), tokens, 'fallback', context);

  it.each([
    ['2026-03-03T15:00:00Z', '{date_short_pretty} at {time}', 'today at 16:00'],
    ['2026-03-03T23:30:00Z', '{date_short_pretty} at {time}', 'tomorrow at 00:30'],
    ['2026-03-02T22:59:59Z', '{date_pretty}', 'yesterday'],
    ['2026-03-05T10:00:00Z', '{date_short}, {time_secs}', '5 Mar 2026, 11:00:00'],
    ['2026-03-05T10:00:00Z', '{date_long}', 'Thursday 5 March 2026'],
    ['2026-03-05T10:00:00Z', '{date_num}', '2026-03-05'],
    ['2026-03-05T10:00:00Z', '{no_such_token}', '{no_such_token}'],
    ['2026-03-03T14:35:09Z', '{ago}', 'in 30 minutes'],
  ])('%s as %s is %s', (iso, tokens, expected) => {
    expect(format(iso, tokens).replace(/(Thursday),/, '$1')).toBe(expected);
  });

  it('falls back where no calendar reaches', () => {
    expect(formatSlackDate(9e15, '{date}', 'some day', context)).toBe('some day');
  });

  it('crosses a change to summer time by calendar days, not by hours', () => {
    const before = { now: Date.parse('2026-03-28T22:30:00Z'), timeZone: 'Europe/Berlin' };
    expect(formatSlackDate(seconds('2026-03-29T21:30:00Z'), '{date_pretty}', '', before)).toBe('tomorrow');
  });

  it('heads the messages of a day', () => {
    expect(dayHeading(context.now, context)).toBe('Today');
    expect(dayHeading(context.now - 86_400_000, context)).toBe('Yesterday');
    expect(timeOfDay(context.now, context)).toBe('15:05');
  });
});

describe('the composer’s hints', () => {
  it('offer every form of the command for a slash', () => {
    expect(hintsFor('/').map((hint) => hint.usage)).toEqual([
      '/access',
      '/access <name> <duration> <reason…>',
      '/access list',
      '/access why <name>',
      '/access extend <name>',
      '/access emergency <name> <reason…>',
      '/access revoke <name>',
      '/access away for <duration> delegate <@person>',
      '/access help',
    ]);
  });

  it('narrow down while typing and are silent otherwise', () => {
    expect(hintsFor('/access r').map((hint) => hint.fill)).toEqual(['/access revoke ']);
    expect(hintsFor('/access list')).toEqual([]);
    expect(hintsFor('/access prod-db-read 30m')).toEqual([]);
    expect(hintsFor('hello')).toEqual([]);
    expect(hintsFor('')).toEqual([]);
  });
});

describe('what was sent before', () => {
  it('comes back with Up, newest first, and goes with Down', () => {
    const history = createHistory();
    expect(history.up()).toBeUndefined();
    history.add('one');
    history.add('two');
    history.add('two');
    expect([history.up(), history.up(), history.up()]).toEqual(['two', 'one', undefined]);
    expect([history.down(), history.down(), history.down()]).toEqual(['two', '', undefined]);
  });
});

describe('avatars', () => {
  it('show initials and the same colour for the same person', () => {
    expect(initials('Ana')).toBe('A');
    expect(initials('Dee van Dyke')).toBe('DV');
    expect(initials('')).toBe('');
    expect(tone('U01ANA')).toBe(tone('U01ANA'));
  });
});
