/** Several recipes on the same recordings: each learns alone, and all are judged on frames and faults that none has seen. */
import { mkdir, readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { loadBundle } from '../../model/bundle.js';
import { UserError } from '../../model/errors.js';
import type { DetectorConfig, TrainConfig } from '../config.js';
import { loadFrames } from '../data.js';
import { describeFrames, type FitOptions, type FitResult, fitFrames, spanOf } from '../fit.js';
import type { FaultSpan } from '../injection/faults.js';
import { silent } from '../progress.js';
import { findRecipe } from '../recipes/index.js';
import { countFrames } from '../split.js';
import type { LoadedTensorFlow } from '../tensorflow/load.js';
import { holdOut } from './hold-out.js';
import { type Figures, measure } from './measure.js';

export interface CompareOptions extends Omit<FitOptions, 'output'> {
  /** One folder a detector is written here, each a bundle of its own. */
  readonly output: string;
  /** Of each kind; what the config says of a recipe holds, else its defaults. */
  readonly recipes: readonly string[];
  readonly places?: number;
}

export interface Compared extends Figures {
  readonly name: string;
  readonly recipe: string;
  readonly parameters: number;
  /** The recipe's own; comparable between recipes of one kind only. */
  readonly losses: FitResult['detectors'][number]['losses'];
  readonly parity: number;
  /** Of training. */
  readonly seconds: number;
}

export interface Comparison {
  readonly backend: string;
  readonly seed: number;
  readonly trial: FaultSpan & { readonly frames: number; readonly places: number };
  /** What catches most first. */
  readonly recipes: readonly Compared[];
  readonly failed: readonly { readonly name: string; readonly reason: string }[];
  readonly warnings: readonly string[];
}

/** Frames before a fault, beyond warm-up. */
const settled = 10;
/** Frames of a fault: as many as there are, but a shorter one is no trial. */
const mostFault = 120;
const leastFault = 30;
/** For which short recordings make room. */
const usualFault = 60;
const usualPlaces = 6;

/** @throws UserError for data that can't be learned from; a recipe that fails on them is only told of */
export async function compare(options: CompareOptions): Promise<Comparison> {
  const { progress, clock, output } = options;
  const detectors = detectorsOf(options.recipes, options.config);
  await checkFolder(resolve(output), detectors);
  const config: TrainConfig = { ...options.config, detectors };
  const span = spanOf(detectors);
  const frames = await loadFrames(config, options.directory, options.configFile, span);
  progress.line(describeFrames(frames));
  const lead = span + settled;
  const { learn, trial } = holdOut(frames, span, lead + usualFault);
  const room = Math.max(0, ...trial.map(({ timesMs }) => timesMs.length)) - lead;
  const fault = Math.max(leastFault, Math.min(mostFault, room));
  const plan = { lead, fault, places: options.places ?? usualPlaces };
  const tensorFlow = once(options.tensorFlow);
  const task = progress.task('Comparing', detectors.length);
  const compared: Compared[] = [];
  const failed: Comparison['failed'][number][] = [];
  let backend = '';
  for (const [i, detector] of detectors.entries()) {
    task.update(i, detector.name);
    try {
      const bundle = join(output, detector.name);
      const own = { ...config, detectors: [detector] };
      const result = await fitFrames(learn, { config: own, output: bundle, tensorFlow, progress: silent, clock });
      const [about] = result.detectors;
      if (about === undefined) throw new Error('a fit without detectors');
      if (!findRecipe(detector.recipe).closedForm) backend = result.manifest.training?.backend ?? '';
      compared.push({ ...about, ...(await measure(await loadBundle(bundle), trial, plan, clock)) });
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      failed.push({ name: detector.name, reason: error.message });
    }
  }
  task.update(detectors.length, '');
  task.end();
  return {
    backend,
    seed: config.seed,
    trial: { ...plan, places: compared[0]?.injections.places ?? 0, frames: countFrames(trial) },
    recipes: compared.toSorted((a, b) => b.injections.caught - a.injections.caught),
    failed,
    warnings: frames.warnings,
  };
}

function detectorsOf(names: readonly string[], { detectors }: TrainConfig): DetectorConfig[] {
  return names.flatMap((name) => {
    const own = detectors.filter(({ recipe }) => recipe === name);
    return own.length > 0 ? own : [{ recipe: name, name, options: findRecipe(name).options.parse({}) }];
  });
}

/** @throws UserError for a folder with anything but what an earlier comparison left */
async function checkFolder(dir: string, detectors: readonly DetectorConfig[]): Promise<void> {
  await mkdir(dir, { recursive: true }).catch((cause: Error) => {
    throw new UserError(`It can't be made: ${cause.message}.`, { file: dir }, 'Give another output folder.', { cause });
  });
  const present = await readdir(dir);
  if (present.length === 0 || present.includes(comparisonFile)) return;
  throw new UserError(
    'The folder holds something else than a comparison.',
    { file: dir },
    `Give another folder: ${detectors.length} bundle(s) and ${comparisonFile} go there.`,
  );
}

export const comparisonFile = 'compare.json';

function once(load: () => Promise<LoadedTensorFlow>): () => Promise<LoadedTensorFlow> {
  let loaded: Promise<LoadedTensorFlow> | undefined;
  return () => {
    loaded ??= load();
    return loaded;
  };
}
