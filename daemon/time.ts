/** Times as messages write them -> milliseconds since 1970, UTC. */
import type { EventTimeMs } from '../model/frames.js';

export const timeUnits = ['auto', 's', 'ms', 'us', 'ns', 'iso'] as const;
export type TimeUnit = (typeof timeUnits)[number];

/** Before anomalyd's oldest conceivable data; a clock that was never set says 1970. */
const earliestMs = Date.UTC(2000, 0, 1);
const latestMs = Date.UTC(2200, 0, 1);

const msPerUnit = { s: 1e3, ms: 1, us: 1e-3, ns: 1e-6 } as const;

/** NaN for what is no time or absurd. Finer fractions than a microsecond are dropped. */
export function decodeTime(raw: unknown, unit: TimeUnit): EventTimeMs {
  let time: number;
  if (typeof raw === 'number') {
    time = unit === 'ms' ? raw : fromNumber(raw, unit);
  } else if (typeof raw === 'string') {
    time = /^\d+(\.\d+)?$/.test(raw)
      ? fromNumber(Number(raw), unit)
      : unit === 'auto' || unit === 'iso'
        ? isoTime(raw)
        : NaN;
  } else {
    return Number.NaN;
  }
  return time >= earliestMs && time < latestMs ? time : Number.NaN;
}

function fromNumber(value: number, unit: TimeUnit): number {
  if (unit === 'iso') return Number.NaN;
  // Each unit's numbers for the years 2000 to 2200 lie in decades of their own.
  const known = unit !== 'auto' ? unit : value < 1e11 ? 's' : value < 1e14 ? 'ms' : value < 1e17 ? 'us' : 'ns';
  const ms = value * msPerUnit[known];
  return known === 'ms' ? ms : Math.round(ms * 1000) / 1000;
}

/** ISO 8601 / RFC 3339 `2024-06-01T12:00:00.250+02:00`; a blank may stand for the T; without a zone it is UTC. NaN for anything else. */
export function isoTime(text: string): EventTimeMs {
  const digits = (from: number, n: number): number => {
    let value = 0;
    for (let i = from; i < from + n; i++) {
      const digit = text.charCodeAt(i) - 48;
      if (!(digit >= 0 && digit <= 9)) return Number.NaN;
      value = value * 10 + digit;
    }
    return value;
  };
  const year = digits(0, 4);
  const month = digits(5, 2);
  const day = digits(8, 2);
  const hour = digits(11, 2);
  const minute = digits(14, 2);
  if (text[4] !== '-' || text[7] !== '-' || text[13] !== ':' || !'Tt '.includes(text[10] ?? '?')) return Number.NaN;
  let at = 16;
  let second = 0;
  if (text[at] === ':') {
    second = digits(at + 1, 2);
    at += 3;
    if (text[at] === '.' || text[at] === ',') {
      let unit = 1;
      const first = ++at;
      for (let digit = digits(at, 1); digit >= 0; digit = digits(++at, 1)) {
        unit /= 10;
        if (at - first < 6) second += digit * unit;
      }
      if (at === first) return Number.NaN;
    }
  }
  let offsetMinutes = 0;
  const zone = text[at];
  if (zone === 'Z' || zone === 'z') {
    at++;
  } else if (zone === '+' || zone === '-') {
    const hours = digits(at + 1, 2);
    const colon = text[at + 3] === ':' ? 1 : 0;
    const rest = at + 3 < text.length ? digits(at + 3 + colon, 2) : 0;
    if (hours > 23 || rest > 59) return Number.NaN;
    at = at + 3 < text.length ? at + 5 + colon : at + 3;
    offsetMinutes = (hours * 60 + rest) * (zone === '+' ? 1 : -1);
  }
  // A leap second (60) is the next minute's first.
  if (at !== text.length || !(month >= 1 && month <= 12 && hour <= 24 && minute <= 59 && second < 61))
    return Number.NaN;
  const midnight = Date.UTC(year, month - 1, day);
  if (day < 1 || new Date(midnight).getUTCDate() !== day) return Number.NaN;
  return midnight + (hour * 60 + minute - offsetMinutes) * 60_000 + Math.round(second * 1e6) / 1e3;
}
