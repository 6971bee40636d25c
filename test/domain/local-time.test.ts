import { localTime, shiftDate, WEEKDAYS } from '../../src/domain/local-time.ts';

const at = (instant: string, zone: string): string => {
  const { date, time, weekday } = localTime(instant, zone);
  return `${weekday} ${date} ${time}`;
};

describe('the local time in Berlin', () => {
  it.each([
    ['spring: the last minute of winter time', '2026-03-29T00:59:59.999Z', 'sun 2026-03-29 01:59'],
    ['spring: two o’clock does not come', '2026-03-29T01:00:00.000Z', 'sun 2026-03-29 03:00'],
    ['autumn: half past two for the first time', '2026-10-25T00:30:00.000Z', 'sun 2026-10-25 02:30'],
    ['autumn: the last minute of summer time', '2026-10-25T00:59:59.999Z', 'sun 2026-10-25 02:59'],
    ['autumn: half past two for the second time', '2026-10-25T01:30:00.000Z', 'sun 2026-10-25 02:30'],
    ['autumn: three o’clock, in winter time', '2026-10-25T02:00:00.000Z', 'sun 2026-10-25 03:00'],
    ['midnight is the start of a day, not the end of one', '2026-03-02T23:00:00.000Z', 'tue 2026-03-03 00:00'],
    ['a millisecond earlier is the day before', '2026-03-02T22:59:59.999Z', 'mon 2026-03-02 23:59'],
    ['the year changes before UTC’s', '2026-12-31T23:00:00.000Z', 'fri 2027-01-01 00:00'],
    ['a leap day', '2028-02-29T11:00:00.000Z', 'tue 2028-02-29 12:00'],
  ])('%s', (_, instant, local) => expect(at(instant, 'Europe/Berlin')).toBe(local));
});

describe('the local time on Lord Howe Island, where summer time is half an hour', () => {
  it.each([
    ['autumn there: the last minute of summer time, +11', '2026-04-04T14:59:59.999Z', 'sun 2026-04-05 01:59'],
    ['autumn there: half past one for the second time, +10:30', '2026-04-04T15:00:00.000Z', 'sun 2026-04-05 01:30'],
    ['spring there: the last minute of standard time', '2026-10-03T15:29:59.999Z', 'sun 2026-10-04 01:59'],
    ['spring there: two o’clock does not come', '2026-10-03T15:30:00.000Z', 'sun 2026-10-04 02:30'],
  ])('%s', (_, instant, local) => expect(at(instant, 'Australia/Lord_Howe')).toBe(local));
});

it.each([
  ['UTC', 'tue 2026-03-03 12:00'],
  ['Asia/Kathmandu', 'tue 2026-03-03 17:45'],
  ['Pacific/Kiritimati', 'wed 2026-03-04 02:00'],
  ['Pacific/Pago_Pago', 'tue 2026-03-03 01:00'],
])('noon of UTC in %s is %s', (zone, local) => expect(at('2026-03-03T12:00:00.000Z', zone)).toBe(local));

it('a zone that does not exist is an error, not UTC', () => {
  expect(() => localTime('2026-03-03T12:00:00.000Z', 'Europe/Atlantis')).toThrow(RangeError);
});

it('a week shows every weekday by the name that policies use', () => {
  const week = WEEKDAYS.map((_, day) => localTime(`2026-03-0${2 + day}T12:00:00.000Z`, 'UTC').weekday);
  expect(week).toEqual([...WEEKDAYS]);
});

it.each([
  ['2026-03-03', -1, '2026-03-02'],
  ['2026-03-01', -1, '2026-02-28'],
  ['2028-03-01', -1, '2028-02-29'],
  ['2026-12-31', 1, '2027-01-01'],
  // Whatever a zone does with its clocks that night.
  ['2026-03-28', 1, '2026-03-29'],
  ['2026-03-29', 1, '2026-03-30'],
  ['2026-10-25', 1, '2026-10-26'],
  ['2026-03-03', 0, '2026-03-03'],
  ['2026-03-03', 365, '2027-03-03'],
])('%s shifted by %i days is %s', (date, days, shifted) => expect(shiftDate(date, days)).toBe(shifted));
