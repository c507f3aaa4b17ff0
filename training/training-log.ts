/** `training.json`, beside the manifest: how training went and which frames it used, for the report; the daemon does not read it. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { UserError } from '../model/errors.js';
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
});

export type TrainingLog = z.output<typeof schema>;

export function trainingLogOf(
  detectors: readonly { readonly name: string; readonly history: readonly EpochLosses[] }[],
  { byAsset }: Pick<TrainingFrames, 'byAsset'>,
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
  };
  return `${JSON.stringify(log)}\n`;
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
