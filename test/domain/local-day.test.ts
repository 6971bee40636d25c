import { endOfDay, isDate, startOfDay } from '../../src/domain/local-day.ts';
import { localTime } from '../../src/domain/local-time.ts';

describe('a local day', () => {
  it.each([
    ['UTC', '2026-12-01', '2026-12-01T00:00:00.000Z'],
    ['Europe/Berlin', '2026-12-01', '2026-11-30T23:00:00.000Z'],
    ['Europe/Berlin', '2026-07-01', '2026-06-30T22:00:00.000Z'],
    ['Pacific/Kiritimati', '2026-12-01', '2026-11-30T10:00:00.000Z'],
    ['America/Los_Angeles', '2026-12-01', '2026-12-01T08:00:00.000Z'],
    // Clocks go forward at midnight: the day begins at one.
    ['America/Santiago', '2026-09-06', '2026-09-06T04:00:00.000Z'],
    // A day that was left out when the date line was moved: it is over as soon as it begins.
    ['Pacific/Apia', '2011-12-30', '2011-12-30T10:00:00.000Z'],
  ])('in %s, %s begins at %s', (zone, date, begins) => {
    expect(startOfDay(date, zone)).toBe(begins);
  });

  it('ends where the next one begins, 23 or 25 hours later when clocks change', () => {
    expect(endOfDay('2026-12-01', 'Europe/Berlin')).toBe('2026-12-01T23:00:00.000Z');
    expect(endOfDay('2026-03-29', 'Europe/Berlin')).toBe('2026-03-29T22:00:00.000Z');
    expect(endOfDay('2026-10-25', 'Europe/Berlin')).toBe('2026-10-25T23:00:00.000Z');
    expect(localTime(endOfDay('2026-12-31', 'Asia/Kolkata'), 'Asia/Kolkata')).toMatchObject({
      date: '2027-01-01',
      time: '00:00',
    });
  });

  it('is a day of the calendar, written in one way', () => {
    expect(['2026-12-01', '2028-02-29'].every(isDate)).toBe(true);
    const wrong = [
      '2026-02-29',
      '2026-13-01',
      '2026-1-1',
      '01.12.2026',
      'tomorrow',
      '',
      '2026-12-01T00:00',
      '+02026-12-01',
    ];
    expect(wrong.filter(isDate)).toEqual([]);
  });
});
