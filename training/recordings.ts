/** The recordings that a config names, read: which files, which rows, which signals, at what pace. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { relative, resolve } from 'node:path';
import { glob, isDynamicPattern } from 'tinyglobby';
import { UserError } from '../model/errors.js';
import { type Row, readRecording, type WantedSignal } from '../model/recording.js';
import { signalName } from '../model/signal-name.js';
import { closestWord } from '../model/spelling.js';
import type { SignalConfig, SourceConfig, TrainConfig } from './config.js';
import { median } from './scaler.js';

/** One file: its rows after selection, each machine's by time, labelled anomalies left out. */
export interface RecordingFile {
  /** As the config's folder sees it. */
  readonly file: string;
  readonly sha256: string;
  readonly rows: readonly Row[];
  /** Rows left out because their label says anomaly. */
  readonly labelled: number;
  /** Columns left out because they hold no numbers. */
  readonly words: readonly string[];
}

/** Columns that tell what should be found, not what was measured. */
const labelNames = ['anomaly', 'anomalies', 'changepoint', 'label', 'labels', 'is_anomaly', 'target', 'fault'];

/** @param signals all numeric columns where not given @param configFile named in errors; paths and globs start from `directory` */
export async function readRecordings(
  data: readonly SourceConfig[],
  signals: readonly WantedSignal[] | undefined,
  directory: string,
  configFile: string | undefined,
): Promise<RecordingFile[]> {
  const files: RecordingFile[] = [];
  for (const [i, source] of data.entries()) {
    for (const path of await filesOf(source, i, directory, configFile)) {
      files.push({ ...(await readOne(path, source, signals)), file: relative(directory, path) || path });
    }
  }
  return files;
}

export const columnOf = (signal: SignalConfig): string => signal.column ?? signal.name;

async function filesOf(
  source: SourceConfig,
  index: number,
  directory: string,
  configFile: string | undefined,
): Promise<string[]> {
  const paths: string[] = [];
  for (const pattern of source.files) {
    if (!isDynamicPattern(pattern)) {
      paths.push(resolve(directory, pattern));
      continue;
    }
    const found = await glob(pattern, { cwd: directory, absolute: true, onlyFiles: true });
    if (found.length === 0) {
      const place = { ...(configFile === undefined ? {} : { file: configFile }), key: `data[${index}].files` };
      throw new UserError(`no file matches ${pattern}.`, place, `Paths start from ${directory}.`);
    }
    paths.push(...found.sort());
  }
  return paths;
}

async function readOne(
  path: string,
  source: SourceConfig,
  signals: readonly WantedSignal[] | undefined,
): Promise<Omit<RecordingFile, 'file'>> {
  const { files: _, rows: window, from, to, labelColumn, ...dialect } = source;
  const channels = signals && [...new Set([...signals, ...(labelColumn === undefined ? [] : [labelColumn])])];
  const words: string[] = [];
  const options = {
    ...defined({ ...dialect, channels }),
    onLeftOut: (names: readonly string[]) => words.push(...names),
  };
  const [first, end] = window ?? [0, Number.POSITIVE_INFINITY];
  const rows: Row[] = [];
  let index = 0;
  let labelled = 0;
  for await (const row of readRecording(path, options)) {
    const at = index++;
    if (at >= end) break;
    if (at < first || row.timeMs < (from ?? -Infinity) || row.timeMs >= (to ?? Infinity)) continue;
    if (labelColumn !== undefined && (row.values[labelColumn] ?? 0) !== 0) labelled++;
    else rows.push(row);
  }
  if (rows.length === 0)
    throw new UserError(
      'no rows to learn from.',
      { file: path },
      'Is it empty, or do `rows`, `from` and `to` leave nothing?',
    );
  return { rows: inOrder(rows), labelled, words, sha256: await sha256Of(path) };
}

/** Of each machine by time: some exports tell the newest first. */
function inOrder(rows: Row[]): Row[] {
  const last = new Map<string, number>();
  for (const { asset, timeMs } of rows) {
    if (timeMs < (last.get(asset) ?? Number.NEGATIVE_INFINITY)) return rows.sort((a, b) => a.timeMs - b.timeMs);
    last.set(asset, timeMs);
  }
  return rows;
}

/** Leaves out what is undefined, for options whose absence means a default. */
function defined<T extends object>(options: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as never;
}

async function sha256Of(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  return hash.digest('hex');
}

/**
 * The signals of the config, each of which must appear somewhere; without any, all that appear, but for columns whose name says that they are labels.
 * @throws UserError for one that never appears
 */
export function chooseSignals(
  files: readonly RecordingFile[],
  config: Pick<TrainConfig, 'data' | 'signals'>,
): { signals: readonly SignalConfig[]; labels: readonly string[] } {
  const seen = new Set<string>();
  for (const { rows } of files) for (const { values } of rows) for (const column in values) seen.add(column);
  if (config.signals !== undefined) {
    for (const signal of config.signals) {
      if (seen.has(columnOf(signal))) continue;
      const near = closestWord(columnOf(signal), [...seen]);
      throw new UserError(
        `the recordings have no ${columnOf(signal)}.`,
        { key: `signals ${signal.name}`, ...(files[0] === undefined ? {} : { file: files[0].file }) },
        near === undefined ? `They have: ${[...seen].join(', ')}.` : `Did you mean ${near}?`,
      );
    }
    return { signals: config.signals, labels: [] };
  }
  const labels = new Set(config.data.flatMap(({ labelColumn }) => labelColumn ?? []));
  for (const column of seen) if (labelNames.includes(column.toLowerCase())) labels.add(column);
  const signals = [...seen].filter((column) => !labels.has(column));
  if (signals.length === 0)
    throw new UserError('the recordings have no numeric column.', files[0] ? { file: files[0].file } : {});
  return {
    signals: signals.map((column) => ({ name: signalName(column), column, unit: '' })),
    labels: [...labels].filter((column) => seen.has(column)),
  };
}

/** Median interval of each signal's readings, per file and machine. */
export interface Pace {
  /** Of the signals' median intervals the median. */
  readonly typicalMs: number;
  /** Of the slowest signal. */
  readonly slowestMs: number;
}

/** @throws UserError where no signal has two readings at different times */
export function measurePace(files: readonly RecordingFile[], columns: readonly string[]): Pace {
  const bySignal = columns.flatMap((column) => {
    const intervals: number[] = [];
    for (const { rows } of files) {
      const before = new Map<string, number>();
      for (const { asset, timeMs, values } of rows) {
        if (values[column] === undefined) continue;
        const last = before.get(asset);
        if (last !== undefined && timeMs > last) intervals.push(timeMs - last);
        before.set(asset, timeMs);
      }
    }
    return intervals.length === 0 ? [] : [median(Float64Array.from(intervals))];
  });
  if (bySignal.length === 0)
    throw new UserError('no signal has two readings at different times.', files[0] ? { file: files[0].file } : {});
  return { typicalMs: roundPeriod(median(Float64Array.from(bySignal))), slowestMs: Math.max(...bySignal) };
}

/** 1003.2 ms is meant to be 1 s: jitter is rounded away where two digits say the same to 1/200; else whole milliseconds. */
export function roundPeriod(ms: number): number {
  const two = Number(ms.toPrecision(2));
  if (Math.abs(two - ms) <= ms / 200) return two;
  return ms >= 10 ? Math.round(ms) : ms;
}
