/** Recordings as frames of a bundle's own grid and signals, each stretch with the part of training it had. */
import { resolve } from 'node:path';
import { UserError } from '../../model/errors.js';
import type { Manifest } from '../../model/manifest.js';
import { alignRecording, type Segment } from '../../model/segment.js';
import { dialectSchema } from '../config.js';
import { type RecordingFile, readRecordings } from '../recordings.js';
import { parts, type TrainingLog } from '../training-log.js';

export type Part = (typeof parts)[number] | 'unused';
export const allParts: readonly Part[] = [...parts, 'unused'];

/** One unbroken stretch of one machine. */
export interface Stretch extends Segment {
  readonly asset: string;
  /** [n] */
  readonly part: readonly Part[];
}

/** What of a bundle recordings are cut by. */
type Cut = Pick<Manifest, 'channels' | 'periodMs' | 'holdMs'>;

/**
 * The recordings that a bundle learned from, where its log says they are, and read as they were then.
 * @param dir folder of the bundle
 * @throws UserError where they can't be read any more
 */
export async function readLearned(dir: string, cut: Cut, log: TrainingLog | undefined): Promise<Stretch[]> {
  if (log?.recordings === undefined)
    throw new UserError('it does not say where its recordings are.', { file: dir }, 'Train it again.');
  const { folder, data } = log.recordings;
  return stretchesOf(await readRecordings(data, cut.channels, resolve(dir, folder), undefined), cut, log);
}

/** Other recordings, written like the first that it learned from. @throws UserError for unreadable ones, or none with frames of these signals */
export async function readStretches(
  files: readonly string[],
  cut: Cut,
  log: TrainingLog | undefined,
): Promise<Stretch[]> {
  // Which rows of which machine it learned from says nothing about others.
  const dialect = dialectSchema.parse(log?.recordings?.data[0] ?? {});
  const source = { ...dialect, files: [...files] };
  return stretchesOf(await readRecordings([source], cut.channels, process.cwd(), undefined), cut, log);
}

async function stretchesOf(
  recordings: readonly RecordingFile[],
  cut: Cut,
  log: TrainingLog | undefined,
): Promise<Stretch[]> {
  const channels = cut.channels.map(({ name }) => name);
  const { periodMs, holdMs } = cut;
  const maxGapMs = log?.recordings?.maxGapMs;
  const options = { channels, periodMs, holdMs, ...(maxGapMs === undefined ? {} : { maxGapMs }) };
  const stretches: Stretch[] = [];
  for (const { rows } of recordings)
    for (const [asset, segments] of await alignRecording(rows, options))
      for (const segment of segments)
        stretches.push({ ...segment, asset, part: Array.from(segment.timesMs, (time) => partOf(log, asset, time)) });
  if (!stretches.some(({ values }) => values.some(Number.isFinite)))
    throw new UserError(
      `no readings of ${channels.join(', ')}.`,
      recordings[0] === undefined ? {} : { file: recordings[0].file },
      'Give recordings with the signals of the bundle, by the names it gives them.',
    );
  return stretches;
}

function partOf(log: TrainingLog | undefined, asset: string, timeMs: number): Part {
  const found = log?.split.find((one) => one.asset === asset && one.fromMs <= timeMs && timeMs <= one.toMs);
  return found?.part ?? 'unused';
}

/** Runs of frames of one part: first row and the one after the last. */
export function runsOf({ part }: Pick<Stretch, 'part'>): { part: Part; from: number; to: number }[] {
  const runs: { part: Part; from: number; to: number }[] = [];
  part.forEach((one, i) => {
    const last = runs.at(-1);
    if (last?.part === one) last.to = i + 1;
    else runs.push({ part: one, from: i, to: i + 1 });
  });
  return runs;
}
