/** `train.yaml` read from disk, or made from the command line alone. */
import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { UserError } from '../model/errors.js';
import { parseYamlConfig } from '../model/yaml.js';
import { type TrainConfig, trainConfigSchema } from './config.js';

export interface LoadedConfig {
  readonly config: TrainConfig;
  /** Folder that its paths start from. */
  readonly directory: string;
  readonly file?: string;
}

/** @throws UserError with every problem of the file, each with its line */
export async function loadTrainConfig(file: string): Promise<LoadedConfig> {
  const text = await readFile(file, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    const problem = cause.code === 'ENOENT' ? 'there is no such file.' : `it can't be read: ${cause.message}.`;
    throw new UserError(problem, { file }, 'Give a train.yaml, or recordings with --data.', { cause });
  });
  return { config: parseYamlConfig(text, file, trainConfigSchema), directory: dirname(resolve(file)), file };
}

/** All defaults, for recordings named on the command line. */
export function configOf(files: readonly string[], seed?: number): LoadedConfig {
  const config = trainConfigSchema.parse({ data: { files }, ...(seed === undefined ? {} : { seed }) });
  return { config, directory: process.cwd() };
}
