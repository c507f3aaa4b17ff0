import { describe, expect, it } from 'vitest';
import { type DateTimeOptions, isTimeZone, needsDateOrder, parseDateTime } from '../../model/time.js';

const noon = Date.UTC(2024, 5, 1, 12);

describe('a time as people and machines write it', () => {
  it.each<[string, number, DateTimeOptions?]>([
    ['2024-06-01T12:00:00Z', noon],
    ['2024-06-01 14:00:00+02:00', noon],
    ['2024/6/1 12:00', noon],
    ['01.06.2024 12:00:00', noon],
    ['1.6.24 12:00', noon],
    ['01.06.2024', noon - 12 * 3_600_000],
    ['01.06.2024 12:00:00,250', noon + 250],
    ['01-Jun-24 12:00:00', noon],
    ['01-Jun-2024 12:00:00.5', noon + 500],
    ['1 June 2024, 12:00', noon],
    ['1. Juni', Number.NaN],
    ['03-Okt-24 00:00', Date.UTC(2024, 9, 3)],
    ['6/1/2024 12:00:00 PM', noon, { dateOrder: 'mdy' }],
    ['6/1/2024 12:30 AM', noon - 11.5 * 3_600_000, { dateOrder: 'mdy' }],
    ['6/1/2024 1:15:00 pm', noon + 4_500_000, { dateOrder: 'mdy' }],
    ['01/06/2024 12:00', noon, { dateOrder: 'dmy' }],
    ['01-06-2024 12:00', noon, { dateOrder: 'dmy' }],
    ['01.06.2024 12:00', noon, { dateOrder: 'mdy' }],
    ['01/06/2024 12:00', Number.NaN],
    ['13/14/2024', Number.NaN, { dateOrder: 'dmy' }],
    ['6/1/2024 13:00 PM', Number.NaN, { dateOrder: 'mdy' }],
    ['31.04.2024', Number.NaN],
    ['01-Foo-24', Number.NaN],
    ['12:00:00', Number.NaN],
    ['', Number.NaN],
  ])('%s', (text, timeMs, options) => {
    expect(parseDateTime(text, options)).toBe(timeMs);
  });

  it('in a zone, by its summer and winter time, unless it names one', () => {
    const timeZone = 'Europe/Berlin';
    expect(parseDateTime('01.06.2024 14:00', { timeZone })).toBe(noon);
    expect(parseDateTime('01.01.2024 13:00', { timeZone })).toBe(Date.UTC(2024, 0, 1, 12));
    expect(parseDateTime('2024-06-01T12:00:00Z', { timeZone })).toBe(noon);
    // Clocks go forward at 2 and back at 3.
    const hours = (day: string, ...times: string[]) =>
      times.map(
        (time) =>
          (parseDateTime(`${day} ${time}`, { timeZone }) - parseDateTime(`${day} 00:00`, { timeZone })) / 3_600_000,
      );
    expect(hours('2024-03-31', '01:45', '03:00', '04:00')).toEqual([1.75, 2, 3]);
    expect(hours('2024-10-27', '01:45', '02:30', '03:00', '04:00')).toEqual([1.75, 2.5, 4, 5]);
    expect(parseDateTime('2024-06-01 08:00', { timeZone: 'America/New_York' })).toBe(noon);
    expect(parseDateTime('2024-06-01 17:45', { timeZone: 'Asia/Kathmandu' })).toBe(noon);
    expect(['Europe/Berlin', 'UTC', 'Berlin', ''].map(isTimeZone)).toEqual([true, true, false, false]);
  });

  it('that may be either is known', () => {
    expect(['1/2/2024 3:00', '1-2-24'].map(needsDateOrder)).toEqual([true, true]);
    expect(['1.2.2024', '2024-01-02', 'soon'].map(needsDateOrder)).toEqual([false, false, false]);
  });
});
