/** What an alarm budget is worth: the false alarms to expect at its level, how sure that is, and whether the normal data can support it. */
import { levelOf } from './level.js';
import type { Manifest } from './manifest.js';
import { assetHours, expectedBounds, expectedPerWeek } from './peaks.js';

type Calibrated = Pick<Manifest, 'alarm' | 'episodes' | 'periodMs'>;

export interface Forecast {
  /** False alarms to expect a machine and week. */
  readonly perWeek: number;
  /** Limits of that, 80 % sure. */
  readonly low: number;
  readonly high: number;
  /** Held-out normal operation that it rests on. */
  readonly assetHours: number;
  /** Hours in which the budget allows one false alarm. */
  readonly hoursPerAlarm: number;
}

const hoursPerWeek = 168;

export function forecast(manifest: Calibrated, budget: number): Forecast {
  const { alarm } = manifest;
  const level = levelOf(manifest, budget);
  const [low, high] = expectedBounds(alarm, level);
  return {
    perWeek: expectedPerWeek(alarm, level),
    low,
    high,
    assetHours: assetHours(alarm),
    hoursPerAlarm: hoursPerWeek / budget,
  };
}

/** `1.0 false alarms a machine and week expected, 0.1 to 3.2 of them 80 % sure`. */
export function formatForecast({ perWeek, low, high }: Forecast): string {
  return `${digits(perWeek)} false alarm(s) per machine and week expected, 80 % sure: ${digits(low)} to ${digits(high)}`;
}

/** In plain words, where the data hold less time than the budget allows one false alarm in; else undefined. */
export function budgetWarning(manifest: Calibrated, budget: number): string | undefined {
  const care = manifest.episodes === undefined ? 'It is extrapolated, and set high for that' : 'It is extrapolated';
  const { assetHours: seen, hoursPerAlarm: needed } = forecast(manifest, budget);
  if (seen >= needed) return undefined;
  return (
    `The data cannot support a budget of ${digits(budget)} false alarm(s) per machine and week: that is one in ${time(needed)}, and only ${time(seen)} of normal operation were held out ` +
    `to set the alarm level. ${care}; what was not in the recording may still raise alarms. Record ${digits(needed / seen)} times as much, or ask for ${digits(Math.ceil((hoursPerWeek / seen) * 10) / 10)} a week.`
  );
}

function time(hours: number): string {
  return hours >= 48 ? `${(hours / 24).toFixed(1)} machine-days` : `${hours.toFixed(1)} machine-hours`;
}

function digits(value: number): string {
  return value >= 100 ? value.toFixed(0) : String(Number(value.toPrecision(2)));
}
