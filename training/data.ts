/** From a config to what detectors are trained on: channels, grid, aligned frames of each machine, in three parts. */

import { isValueColumn } from '../model/csv-columns.js';
import { UserError } from '../model/errors.js';
import type { ModeRules } from '../model/manifest.js';
import { alignRecording, type Segment } from '../model/segment.js';
import type { SignalConfig, TrainConfig } from './config.js';
import { modeRulesOf, runningSegments } from './modes.js';
import { chooseSignals, columnOf, measurePace, type RecordingFile, readRecordings } from './recordings.js';
import { column, fitScaler, median, type Scaler } from './scaler.js';
import { countFrames, type Split, splitByTime } from './split.js';

export interface Grid {
  readonly periodMs: number;
  readonly holdMs: number;
}

export interface TrainingFrames extends Split, Grid {
  readonly signals: readonly SignalConfig[];
  readonly assets: readonly string[];
  readonly scaler: Scaler;
  /** What machines do at times. */
  readonly modes: ModeRules | undefined;
  /** Frames left out, as machines were off or starting up in them. */
  readonly idleFrames: number;
  /** The same parts, by machine. */
  readonly byAsset: readonly (Split & { readonly asset: string })[];
  readonly sources: readonly { readonly file: string; readonly sha256: string; readonly frames: number }[];
  /** Where they were read, and how; paths start from `directory`. */
  readonly recordings: {
    readonly directory: string;
    readonly data: TrainConfig['data'];
    readonly maxGapMs: number | undefined;
  };
  /** What people should know about their data. */
  readonly warnings: readonly string[];
}

/** A signal holds for this many of its own intervals. */
const holdIntervals = 3;
/** Too few frames for even a small network and its calibration. */
const leastFrames = 150;
/** Fewer frames than this deserve a warning. */
const fewFrames = 2000;
/** Share of readings that may be late, double or too fast before it is worth a word. */
const droppedShare = 0.05;
/** A median that moves this many normal spreads between fit and calibration is a drift. */
const driftSpreads = 2;

/**
 * @param span frames of the longest training example among the detectors
 * @throws UserError for unreadable or unfit recordings
 */
export async function loadFrames(
  config: TrainConfig,
  directory: string,
  configFile: string | undefined,
  span: number,
): Promise<TrainingFrames> {
  const files = await readRecordings(config.data, config.signals?.map(columnOf), directory, configFile);
  const { signals, labels } = chooseSignals(files, config);
  const C = signals.length;
  const pace = measurePace(files, signals.map(columnOf));
  const periodMs = config.periodMs ?? pace.typicalMs;
  const holdMs = config.holdMs ?? Math.max(periodMs, Math.round(holdIntervals * pace.slowestMs));
  const maxGap = config.maxGapMs === undefined ? {} : { maxGapMs: config.maxGapMs };
  const { byAsset: all, sources, dropped } = await alignFiles(files, signals, { periodMs, holdMs, ...maxGap });
  const modes = modeRulesOf(config, signals, configFile);
  const names = signals.map(({ name }) => name);
  const byAsset = new Map([...all].map(([asset, segments]) => [asset, runningSegments(segments, modes, names)]));
  const idleFrames = countFrames([...all.values()].flat()) - countFrames([...byAsset.values()].flat());

  const splits = [...byAsset].map(([asset, segments]) => ({ asset, ...splitByTime(segments, config.split, span, C) }));
  const join = (part: keyof Split) => splits.flatMap((split) => split[part]);
  const split: Split = { fit: join('fit'), validate: join('validate'), calibrate: join('calibrate') };
  const frames = countFrames([...byAsset.values()].flat());
  const longest = Math.max(0, ...split.fit.map(({ timesMs }) => timesMs.length));
  if (frames < leastFrames || longest < 2 * span)
    throw new UserError(
      `too short: ${frames} frames of ${periodMs} ms after alignment${idleFrames > 0 ? ` (${idleFrames} more with the machine off or starting up)` : ''}, the longest unbroken stretch for fitting has ${longest}.`,
      files[0] === undefined ? {} : { file: files[0].file },
      `Training needs at least ${leastFrames} frames, ${2 * span} of them in one stretch; record for longer, or set \`periodMs\` or \`maxGapMs\` if the data has gaps.`,
    );
  const scaler = fitScaler(split.fit, C);
  const hours = hoursOfDay(split.fit);
  const words = new Set(files.flatMap((one) => one.words));
  const warnings = [
    ...(labels.length === 0 ? [] : [`Not taken as signals, as their names say labels: ${labels.join(', ')}.`]),
    ...(words.size === 0
      ? []
      : [
          `Not taken as signals, as they hold no numbers: ${[...words].join(', ')}. If one names the machine, say so with assetColumn.`,
        ]),
    ...files.flatMap((one) => leaked(one, labels, config)),
    ...files.flatMap(({ file, labelled }) =>
      labelled === 0 ? [] : [`${file}: ${labelled} rows are labelled as anomalies and were left out.`],
    ),
    ...(dropped > droppedShare
      ? [`${percent(dropped)} of the readings came late, twice or faster than the grid; is periodMs ${periodMs} right?`]
      : []),
    ...(frames < fewFrames
      ? [`Only ${frames} frames: the networks will know little of what is normal, and the alarm level is a guess.`]
      : []),
    ...(hours < 24
      ? [
          `The networks learn from ${hours} of the 24 hours of a day: what is normal at others, such as the cool of the night, they have not seen, and it may raise alarms. Record two days, better a week.`,
        ]
      : []),
    ...(files.length > 1 && signals.length === 1 && isValueColumn(columnOf(signals[0] as SignalConfig))
      ? [
          'Each file is taken for a machine with one signal. If each is a signal of one machine, join them in one file with the columns tag, time and value.',
        ]
      : []),
    ...signals.flatMap(({ name }, c) => warnOfSignal(name, c, split, scaler, C)),
  ];
  return {
    ...split,
    signals,
    periodMs,
    holdMs,
    assets: [...byAsset.keys()].sort(),
    scaler,
    modes,
    idleFrames,
    byAsset: splits,
    sources,
    recordings: { directory, data: config.data, maxGapMs: config.maxGapMs },
    warnings,
  };
}

const hourMs = 3_600_000;

/** How many hours of the day any frame lies in. */
function hoursOfDay(segments: readonly Segment[]): number {
  const seen = new Set<number>();
  for (const { timesMs } of segments) {
    const first = Math.floor((timesMs[0] ?? 0) / hourMs);
    const last = Math.floor((timesMs.at(-1) ?? 0) / hourMs);
    for (let hour = first; hour <= Math.min(last, first + 23); hour++) seen.add(hour % 24);
  }
  return seen.size;
}

async function alignFiles(
  files: readonly RecordingFile[],
  signals: readonly SignalConfig[],
  grid: Grid & { readonly maxGapMs?: number },
) {
  const byAsset = new Map<string, Segment[]>();
  const sources: { file: string; sha256: string; frames: number }[] = [];
  let readings = 0;
  let accepted = 0;
  const onReading = (fate: string): void => {
    readings++;
    if (fate === 'accepted') accepted++;
  };
  for (const { file, sha256, rows } of files) {
    const aligned = await alignRecording(rows, { channels: signals.map(columnOf), ...grid, onReading });
    let frames = 0;
    for (const [asset, segments] of aligned) {
      byAsset.set(asset, [...(byAsset.get(asset) ?? []), ...segments]);
      frames += countFrames(segments);
    }
    sources.push({ file, sha256, frames });
  }
  return { byAsset, sources, dropped: readings === 0 ? 0 : 1 - accepted / readings };
}

/** Rows that a column calls anomalous and nobody has left out: what they show would be learned as normal. */
function leaked(
  { file, rows }: RecordingFile,
  labels: readonly string[],
  { data }: Pick<TrainConfig, 'data'>,
): string[] {
  return labels
    .filter((label) => !data.some(({ labelColumn }) => labelColumn === label))
    .flatMap((label) => {
      const count = rows.filter(({ values }) => (values[label] ?? 0) !== 0).length;
      return count === 0
        ? []
        : [
            `${file}: ${count} rows are not 0 in ${label} and were learned as normal; if they are known anomalies, leave them out with \`labelColumn: ${label}\`.`,
          ];
    });
}

function warnOfSignal(name: string, c: number, split: Split, scaler: Scaler, channels: number): string[] {
  const fit = column(split.fit, channels, c);
  const missing = 1 - fit.length / Math.max(1, countFrames(split.fit));
  if (fit.length === 0) return [`${name} is always missing in the part that is fitted: it can't be judged.`];
  const scale = scaler.scale[c] as number;
  const drift = (median(column(split.calibrate, channels, c)) - median(fit)) / scale;
  return [
    ...(scaler.constant[c] ? [`${name} never changes: any change of it will look strange.`] : []),
    ...(missing > 0.5 ? [`${name} is missing in ${percent(missing)} of the frames.`] : []),
    ...(Math.abs(drift) > driftSpreads && !scaler.constant[c]
      ? [
          `${name} drifts: its median moves by ${drift.toFixed(1)} normal spreads from the fitted to the calibrated part; record normal operation for longer, so that both know the whole range.`,
        ]
      : []),
  ];
}

const percent = (share: number): string => `${(100 * share).toFixed(0)} %`;
