/** Durations as people write them: 90s, 15m, 2h, 1d. */
import { UserError } from './errors.js';

const unitS: Readonly<Record<string, number>> = { ms: 0.001, s: 1, m: 60, h: 3600, d: 86_400 };

/** Seconds in `90s`, `15m`, `1.5h`; a bare number is seconds. `key` names the option in the error. */
export function parseDuration(text: string, key: string): number {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)?$/.exec(text.trim());
  const seconds = Number(match?.[1]) * (unitS[match?.[2] ?? 's'] ?? Number.NaN);
  if (!Number.isFinite(seconds)) {
    throw new UserError(`"${text}" is no duration.`, { key }, 'Write a number and a unit: 90s, 15m, 2h, 1d.');
  }
  return seconds;
}

/** A week, milliseconds. */
export const weekMs = 7 * 86_400_000;
