/** Results as rows of text, CSV or NDJSON: time, asset, mode, severity, and what it is made of. */
import { causeOf } from '../model/classifier.js';
import { quoted } from '../model/csv.js';
import { healthStates, type ResultBatch } from '../model/frames.js';
import type { Manifest } from '../model/manifest.js';
import { modeOf } from '../model/modes.js';
import { reasonOf } from '../model/reason.js';
import { verdicts } from '../model/suspicion.js';

export type RowFormat = 'csv' | 'ndjson';

/** By the file's name; undefined = neither. */
export function rowFormat(file: string): RowFormat | undefined {
  const match = /\.(csv|ndjson|jsonl)$/.exec(file);
  return match === null ? undefined : match[1] === 'csv' ? 'csv' : 'ndjson';
}

/** First line of a CSV file, without line end. Signals and detectors are spelt `expected.flow`, `detector.lstm`. */
export function scoreHeader({ channels, detectors }: Manifest): string {
  const each = (what: string, items: readonly { readonly name: string }[]) =>
    items.map(({ name }) => quoted(`${what}.${name}`));
  return [
    'time',
    'asset',
    'mode',
    'severity',
    'instant',
    ...each('detector', detectors),
    ...each('contribution', channels),
    ...each('actual', channels),
    ...each('expected', channels),
    ...each('health', channels),
    'verdict',
    ...each('explains', channels),
    'cause',
    'certainty',
    'reason',
  ].join(',');
}

/** Result `i` as one line, without line end. Numbers have the seven digits of single precision; no value = empty or null. */
export function scoreRow(
  format: RowFormat,
  manifest: Manifest,
  asset: string,
  results: ResultBatch,
  i: number,
): string {
  return format === 'csv' ? csvRow(manifest, asset, results, i) : ndjsonRow(manifest, asset, results, i);
}

function csvRow(manifest: Manifest, asset: string, results: ResultBatch, i: number): string {
  const { channels, detectors } = manifest;
  const cells = [
    new Date(results.timeMs[i] ?? 0).toISOString(),
    quoted(asset),
    modeOf(manifest.modes, results.mode[i]),
    number(results.severity[i]),
    number(results.instant[i]),
  ];
  const C = channels.length;
  for (let d = 0; d < detectors.length; d++) cells.push(number(results.detector[i * detectors.length + d]));
  for (const column of ['contribution', 'actual', 'expected'] as const)
    for (let c = 0; c < C; c++) cells.push(number(results[column][i * C + c]));
  for (let c = 0; c < C; c++) cells.push(healthStates[results.health[i * C + c] ?? 0]);
  cells.push(verdicts[results.verdict[i] ?? 0]);
  for (let c = 0; c < C; c++) cells.push(number(results.explains[i * C + c]));
  cells.push(quoted(causeOf(manifest.classifier?.classes ?? [], results.cause[i]) ?? ''), causeCertainty(results, i));
  cells.push(quoted(reasonOf(manifest, results, i)));
  return cells.map((cell) => cell ?? '').join(',');
}

function ndjsonRow(manifest: Manifest, asset: string, results: ResultBatch, i: number): string {
  const { channels, detectors } = manifest;
  const C = channels.length;
  const named = <T>(items: readonly { readonly name: string }[], value: (k: number) => T) =>
    Object.fromEntries(items.map(({ name }, k) => [name, value(k)]));
  const signals = (column: 'contribution' | 'actual' | 'expected' | 'explains') =>
    named(channels, (c) => number(results[column][i * C + c]) ?? null);
  return JSON.stringify({
    time: new Date(results.timeMs[i] ?? 0).toISOString(),
    asset,
    mode: modeOf(manifest.modes, results.mode[i]),
    severity: number(results.severity[i]) ?? null,
    instant: number(results.instant[i]) ?? null,
    detectors: named(detectors, (d) => number(results.detector[i * detectors.length + d]) ?? null),
    contribution: signals('contribution'),
    actual: signals('actual'),
    expected: signals('expected'),
    health: named(channels, (c) => healthStates[results.health[i * C + c] ?? 0]),
    verdict: verdicts[results.verdict[i] ?? 0],
    suspects: channels.flatMap(({ name }, c) => (results.suspect[i * C + c] === 1 ? [name] : [])),
    explains: signals('explains'),
    cause: causeOf(manifest.classifier?.classes ?? [], results.cause[i]) ?? null,
    certainty: causeCertainty(results, i) ?? null,
    reason: reasonOf(manifest, results, i),
  });
}

function causeCertainty({ cause, certainty }: ResultBatch, i: number): number | undefined {
  return cause[i] === 0 ? undefined : number(certainty[i]);
}

function number(value: number | undefined): number | undefined {
  return value === undefined || !Number.isFinite(value) ? undefined : Number(value.toPrecision(7));
}
