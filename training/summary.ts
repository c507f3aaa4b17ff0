/** What `fit` tells at its end. */

import { forecast, formatForecast } from '../model/budget.js';
import { levelOf } from '../model/level.js';
import type { FitResult } from './fit.js';

/** Plain text: a table of the detectors, the alarm level and what to expect of it, warnings. */
export function summarise({ manifest, detectors }: FitResult, output: string): string {
  const level = levelOf(manifest, manifest.falseAlarmsPerAssetWeek);
  const { alarm, training, falseAlarmsPerAssetWeek: budget } = manifest;
  const assetDays = (alarm.frames * manifest.periodMs) / 86_400_000;
  const rows = detectors.map(({ name, recipe, parameters, losses, parity, bytes, seconds }) => [
    name,
    recipe,
    String(parameters),
    losses.train.toFixed(4),
    losses.validate.toFixed(4),
    String(losses.epochs),
    parity.toExponential(1),
    `${(bytes / 1024).toFixed(1)} KiB`,
    `${seconds.toFixed(1)} s`,
  ]);
  const header = ['detector', 'recipe', 'parameters', 'loss', 'held out', 'epochs', 'parity', 'size', 'time'];
  return [
    table([header, ...rows]),
    '',
    `Alarm level: -ln p = ${level.toFixed(2)} for a budget of ${budget} false alarm(s) per machine and week.`,
    `${formatForecast(forecast(manifest, budget))}.`,
    `It rests on ${alarm.frames} held-out frames (${assetDays.toFixed(2)} machine-days) with ${alarm.peaks} peaks.`,
    ...(training?.warnings ?? []).map((warning) => `Warning: ${warning}`),
    `Bundle: ${output}`,
  ].join('\n');
}

/** Columns of equal width; numbers to the right. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, i) => Math.max(...rows.map((row) => row[i]?.length ?? 0)));
  const isNumber = (i: number) => rows.slice(1).every((row) => /^[-\d.]/.test(row[i] ?? ''));
  return rows
    .map((row) =>
      row
        .map((cell, i) => (isNumber(i) ? cell.padStart(widths[i] ?? 0) : cell.padEnd(widths[i] ?? 0)))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
