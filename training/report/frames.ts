/** Recordings as frames of a bundle's own grid and signals, each stretch with the part of training it had. */
import { relative } from 'node:path';
import { UserError } from '../../model/errors.js';
import type { Manifest } from '../../model/manifest.js';
import { type Row, readRecording } from '../../model/recording.js';
import { alignRecording, type Segment } from '../../model/segment.js';
import { parts, type TrainingLog } from '../training-log.js';

export type Part = (typeof parts)[number] | 'unused';
export const allParts: readonly Part[] = [...parts, 'unused'];

/** One unbroken stretch of one machine. */
export interface Stretch extends Segment {
  readonly asset: string;
  /** [n] */
  readonly part: readonly Part[];
}

/** @throws UserError for unreadable recordings, or none with frames of these signals */
export async function readStretches(
  files: readonly string[],
  manifest: Pick<Manifest, 'channels' | 'periodMs' | 'holdMs'>,
  log: TrainingLog | undefined,
): Promise<Stretch[]> {
  const channels = manifest.channels.map(({ name }) => name);
  const stretches: Stretch[] = [];
  for (const file of files) {
    const rows: Row[] = [];
    for await (const row of readRecording(file, { channels })) rows.push(row);
    const { periodMs, holdMs } = manifest;
    for (const [asset, segments] of await alignRecording(rows, { channels, periodMs, holdMs }))
      for (const segment of segments)
        stretches.push({ ...segment, asset, part: Array.from(segment.timesMs, (time) => partOf(log, asset, time)) });
  }
  if (!stretches.some(({ values }) => values.some(Number.isFinite)))
    throw new UserError(
      `no readings of ${channels.join(', ')}.`,
      files[0] === undefined ? {} : { file: relative(process.cwd(), files[0]) },
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
