/** Event times as people and machines write them, read into milliseconds since the epoch, UTC. */

/** Epoch units by name, in milliseconds. */
export const epochUnits = { s: 1000, ms: 1, us: 1e-3, ns: 1e-6 } as const;
export type EpochUnit = keyof typeof epochUnits;

const pattern =
  /^(\d{4})[-/](\d{1,2})[-/](\d{1,2})(?:[T ](\d{1,2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?\s*(Z|[+-]\d{2}(?::?\d{2})?)?)?$/i;

/** Of dates such as 3/4/2024: `dmy`, the third of April; `mdy`, the fourth of March. */
export const dateOrders = ['dmy', 'mdy'] as const;
export type DateOrder = (typeof dateOrders)[number];

export interface DateTimeOptions {
  /** Without it, dates that may be either are none. */
  readonly dateOrder?: DateOrder | undefined;
  /** IANA name of the zone of times that name none; UTC where not given. */
  readonly timeZone?: string | undefined;
}

/**
 * `2024-06-01T12:00:00.5+02:00`, `2024/06/01`, `01.06.2024 12:00`, `01-Jun-24 12:00:00`, and with `dateOrder` `6/1/2024 2:00 PM`; fractions to the microsecond and below kept.
 * NaN for anything else, and for dates that no calendar has.
 */
export function parseDateTime(text: string, { dateOrder, timeZone }: DateTimeOptions = {}): number {
  const match = pattern.exec(text) ?? pattern.exec(yearFirst(text, dateOrder));
  if (match === null) return Number.NaN;
  const [, year, month, day, hour = '0', minute = '0', second = '0', fraction = '', zone] = match;
  const midnight = Date.UTC(Number(year), Number(month) - 1, Number(day));
  // Date.UTC lets 31 April be 1 May, and second 61 the next minute.
  const sameMonth =
    Date.UTC(Number(year), Number(month) - 1, 1) <= midnight && midnight < Date.UTC(Number(year), Number(month), 1);
  if (!sameMonth || Number(month) < 1 || Number(month) > 12) return Number.NaN;
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 60) return Number.NaN;
  const timeMs = midnight + ((Number(hour) * 60 + Number(minute)) * 60 + Number(second)) * 1000;
  const aheadMs = zone !== undefined ? zoneMs(zone) : timeZone === undefined ? 0 : aheadOfUtcMs(timeMs, timeZone);
  return timeMs + (fraction === '' ? 0 : Number(`0.${fraction}`) * 1000) - aheadMs;
}

const dayFirst = /^(\d{1,2})\.(\d{1,2})\.(\d{4}|\d{2})(?=\D|$)/;
const named = /^(\d{1,2})[- /](\p{L}{3})\p{L}*\.?[- /](\d{4}|\d{2})(?=\D|$)/u;
const eitherFirst = /^(\d{1,2})[-/](\d{1,2})[-/](\d{4}|\d{2})(?=\D|$)/;
const halfDay = /^\s*(\d{1,2})((?::\d{2}){1,2}(?:[.,]\d+)?)\s*([AP])M$/i;
/** English and German, by their first three letters. */
const months = ['jan', 'feb', 'mar mär mrz', 'apr', 'may mai', 'jun', 'jul', 'aug', 'sep', 'oct okt', 'nov', 'dec dez'];

/** Other spellings of a time as the one that `pattern` knows; empty for what is none. */
function yearFirst(text: string, dateOrder: DateOrder | undefined): string {
  const match = dayFirst.exec(text) ?? named.exec(text) ?? (dateOrder === undefined ? null : eitherFirst.exec(text));
  const [date = '', first = '', second = '', year = ''] = match ?? [];
  if (date === '') return '';
  const isMonthFirst = dateOrder === 'mdy' && eitherFirst.test(date);
  const [day, monthText] = isMonthFirst ? [second, first] : [first, second];
  const month = /\d/.test(monthText)
    ? monthText
    : 1 + months.findIndex((names) => names.split(' ').includes(monthText.toLowerCase()));
  const time = text.slice(date.length).replace(/^,?\s*/, '');
  const [, hour, rest, half] = halfDay.exec(time) ?? [];
  if (hour !== undefined && (Number(hour) > 12 || Number(hour) < 1)) return '';
  const clock = hour === undefined ? time : `${(Number(hour) % 12) + (/p/i.test(half ?? '') ? 12 : 0)}${rest}`;
  return `${year.length === 2 ? `20${year}` : year}-${month}-${day}${clock === '' ? '' : ` ${clock}`}`;
}

/** True for a date that only a `dateOrder` makes one. */
export function needsDateOrder(text: string): boolean {
  return eitherFirst.test(text);
}

const quarterMs = 900_000;
const formats = new Map<string, Intl.DateTimeFormat>();
/** By zone and quarter of an hour of local time, at which zones change. */
const aheads = new Map<string, number>();
const maxAheads = 100_000;

/** How far a zone's clocks are ahead of UTC when they show `localMs`; in the hour that they show twice, by the first time. */
function aheadOfUtcMs(localMs: number, timeZone: string): number {
  const quarter = Math.floor(localMs / quarterMs);
  const key = `${timeZone} ${quarter}`;
  const known = aheads.get(key);
  if (known !== undefined) return known;
  const at = quarter * quarterMs;
  const yesterday = aheadAtMs(at - 24 * 4 * quarterMs, timeZone);
  const ahead = aheadAtMs(at - yesterday, timeZone);
  if (aheads.size >= maxAheads) aheads.clear();
  aheads.set(key, ahead);
  return ahead;
}

/** Whether it is the IANA name of a zone. */
export function isTimeZone(name: string): boolean {
  try {
    aheadAtMs(0, name);
    return true;
  } catch {
    return false;
  }
}

/** The same at an instant. */
function aheadAtMs(utcMs: number, timeZone: string): number {
  let format = formats.get(timeZone);
  if (format === undefined) {
    const fields = { year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric' } as const;
    format = new Intl.DateTimeFormat('en-US', { timeZone, hourCycle: 'h23', ...fields });
    formats.set(timeZone, format);
  }
  const parts = new Map(format.formatToParts(utcMs).map(({ type, value }) => [type, Number(value)]));
  const part = (type: Intl.DateTimeFormatPartTypes) => parts.get(type) ?? 0;
  return (
    Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute')) -
    Math.floor(utcMs / 60_000) * 60_000
  );
}

function zoneMs(zone: string): number {
  if (zone === 'Z' || zone === 'z') return 0;
  const minutes = Number(zone.slice(1, 3)) * 60 + Number(zone.slice(-2)) * (zone.length > 3 ? 1 : 0);
  return (zone.startsWith('-') ? -1 : 1) * minutes * 60_000;
}

/** The unit in which a number is a time between 1973 and 5138; smaller ones are seconds. */
export function guessEpochUnit(value: number): EpochUnit {
  const size = Math.abs(value);
  return size < 1e11 ? 's' : size < 1e14 ? 'ms' : size < 1e17 ? 'us' : 'ns';
}
