/** `training.json`, beside the manifest: how training went and which frames it used, for the report; the daemon does not read it. */
import { readFile } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { z } from 'zod';
import { UserError } from '../model/errors.js';
import { sourceSchema } from './config.js';
import type { TrainingFrames } from './data.js';
import type { EpochLosses } from './recipes/recipe.js';

export const trainingLogFile = 'training.json';

export const parts = ['fit', 'validate', 'calibrate'] as const;

const schema = z.strictObject({
  losses: z
    .record(z.string(), z.array(z.strictObject({ train: z.number(), validate: z.number() })))
    .describe('of each detector, one entry an epoch'),
  split: z
    .array(z.strictObject({ asset: z.string(), part: z.enum(parts), fromMs: z.number(), toMs: z.number() }))
    .describe('unbroken stretches of frames, first and last'),
  recordings: z
    .strictObject({
      folder: z.string().describe('from the folder of the bundle; paths of `data` start from there'),
      // As `train.yaml` has it, times read.
      data: z.array(sourceSchema.extend({ from: z.number().optional(), to: z.number().optional() })),
      maxGapMs: z.number().optional(),
    })
    .optional()
    .describe('where they were, and how they were read; not in bundles of before'),
});

export type TrainingLog = z.output<typeof schema>;

/** The same for a copy of the bundle in another folder. */
export function movedLog(log: TrainingLog, from: string, to: string): string {
  const { recordings } = log;
  if (recordings === undefined) return textOf(log);
  const folder = relative(resolve(to), resolve(from, recordings.folder));
  return textOf({ ...log, recordings: { ...recordings, folder } });
}

const textOf = (log: TrainingLog): string => `${JSON.stringify(log)}\n`;

export function trainingLogOf(
  detectors: readonly { readonly name: string; readonly history: readonly EpochLosses[] }[],
  { byAsset, recordings: { directory, data, maxGapMs } }: Pick<TrainingFrames, 'byAsset' | 'recordings'>,
  bundle: string,
): string {
  const log: TrainingLog = {
    losses: Object.fromEntries(detectors.map(({ name, history }) => [name, [...history]])),
    split: byAsset.flatMap((one) =>
      parts.flatMap((part) =>
        one[part].map(({ timesMs }) => ({
          asset: one.asset,
          part,
          fromMs: timesMs[0] ?? 0,
          toMs: timesMs.at(-1) ?? 0,
        })),
      ),
    ),
    recordings: { folder: relative(resolve(bundle), resolve(directory)), data, maxGapMs },
  };
  return textOf(log);
}

/** Undefined for a bundle that has none. @throws UserError for a damaged one */
export async function readTrainingLog(bundle: string): Promise<TrainingLog | undefined> {
  const file = join(bundle, trainingLogFile);
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw new UserError(`It cannot be read: ${error.message}.`, { file }, 'Train the bundle again.');
  });
  if (text === undefined) return undefined;
  try {
    return schema.parse(JSON.parse(text));
  } catch (cause) {
    throw new UserError('Not the log of a training.', { file }, 'Train the bundle again, or remove the file.', {
      cause,
    });
  }
}
