/** `fit`: recordings -> detectors -> graphs -> calibration -> a bundle. */
import { resolve } from 'node:path';
import { type BundleFiles, checkBundleFolder, writeBundle } from '../model/bundle.js';
import type { Clock } from '../model/clock.js';
import type { Manifest } from '../model/manifest.js';
import type { GraphInput } from '../model/session.js';
import { budgetWarnings } from './budget.js';
import { calibrateAll, measureWhitening } from './calibration.js';
import type { TrainConfig } from './config.js';
import { loadFrames, type TrainingFrames } from './data.js';
import { goldenVectors } from './golden.js';
import { channelsOf, graphFile, manifestOf, type NamedDetector } from './manifest.js';
import { checkParity } from './parity.js';
import type { Progress } from './progress.js';
import { trialInputs } from './proof.js';
import { findRecipe } from './recipes/index.js';
import {
  type EpochLosses,
  type Trained,
  type TrainingContext,
  type TrainingData,
  trainingContext,
} from './recipes/recipe.js';
import { countFrames } from './split.js';
import type { LoadedTensorFlow } from './tensorflow/load.js';
import { trainingLogFile, trainingLogOf } from './training-log.js';
import { openTrialRuns } from './trial-runs.js';
import { type StartedTwin, startTwin } from './twin.js';
import type { TwinJob } from './twin-thread.js';

export interface FitOptions {
  readonly config: TrainConfig;
  /** Folder that paths in the config start from. */
  readonly directory: string;
  /** Named in errors. */
  readonly configFile?: string;
  /** Folder of the bundle; replaced if it is one. */
  readonly output: string;
  /** Called once the data is known to be fit for training. */
  readonly tensorFlow: () => Promise<LoadedTensorFlow>;
  readonly progress: Progress;
  readonly clock: Clock;
  /** `twin-thread.js`, for recipes that train on two threads where that is worth it; without it one trains. */
  readonly twinThread?: URL;
}

export interface FitResult {
  readonly manifest: Manifest;
  readonly detectors: readonly {
    readonly name: string;
    readonly recipe: string;
    readonly parameters: number;
    readonly losses: Trained['losses'];
    /** Largest difference between graph and network. */
    readonly parity: number;
    readonly bytes: number;
    readonly seconds: number;
  }[];
}

/** @throws UserError for data that can't be learned from, or a folder that can't be written */
export async function fit(options: FitOptions): Promise<FitResult> {
  const { config, directory, configFile, progress } = options;
  await checkBundleFolder(resolve(options.output));
  const frames = await loadFrames(config, directory, configFile, spanOf(config.detectors));
  progress.line(describeFrames(frames));
  return fitFrames(frames, options);
}

/** Frames of the longest training example among them. */
export function spanOf(detectors: TrainConfig['detectors']): number {
  return Math.max(...detectors.map(({ recipe, options }) => findRecipe(recipe).span(options)));
}

/** The same of frames that are loaded already. */
export async function fitFrames(
  frames: TrainingFrames,
  options: Omit<FitOptions, 'directory' | 'configFile'>,
): Promise<FitResult> {
  const { config, progress, clock, twinThread } = options;
  const chosen = config.detectors.map((detector) => ({ ...detector, recipe: findRecipe(detector.recipe) }));
  const { tf, backend, description } = chosen.every(({ recipe }) => recipe.closedForm)
    ? noTensorFlow
    : await options.tensorFlow();
  progress.line(`Backend: ${description}`);

  const channels = channelsOf(frames);
  const trials = await openTrialRuns(frames, channels, config);
  const results: (NamedDetector & { parity: number; seconds: number; history: readonly EpochLosses[] })[] = [];
  try {
    for (const { name, recipe, options } of chosen) {
      const startMs = clock.monotonic();
      const { fit, validate, scaler } = frames;
      const data: TrainingData = { fit, validate, scaler, channels: channels.map((channel) => channel.name) };
      const job: TwinJob = { recipe: recipe.name, options, data, seed: config.seed, name, backend };
      const history: EpochLosses[] = [];
      const trained = await withTwin(twinThread, job, progress, (openTwin) =>
        recipe.train(options, data, { ...trainingContext(tf, config.seed, name, progress), history, ...openTwin }),
      );
      const whitening = await measureWhitening(trials, name, recipe, trained, frames, config);
      const graph = trained.toOnnx(whitening);
      const { maxDifference: parity } = await checkParity(
        ({ x }) => trained.reference(x as GraphInput, whitening),
        graph.bytes,
        trialInputs(trained, graph, frames, config.seed),
      );
      results.push({
        name,
        recipe: recipe.name,
        trained,
        graph,
        parity,
        history,
        seconds: (clock.monotonic() - startMs) / 1000,
      });
    }
    const calibration = await calibrateAll(trials, results, frames, config);
    const about = {
      backend: description,
      createdAtMs: clock.now(),
      warnings: [...frames.warnings, ...calibration.warnings, ...budgetWarnings(calibration, frames, config)],
    };
    const manifest = manifestOf(config, frames, channels, results, calibration, about);
    await writeBundle(options.output, manifest, await filesOf(manifest, results, frames, options.output));
    return {
      manifest,
      detectors: results.map(({ name, recipe, trained, graph, parity, seconds }) => ({
        name,
        recipe,
        parameters: trained.parameters,
        losses: trained.losses,
        parity,
        bytes: graph.bytes.length,
        seconds,
      })),
    };
  } finally {
    for (const { trained } of results) trained.dispose();
    await trials.close();
  }
}

/** What recipes in closed form get; they do not touch it. */
const noTensorFlow = { tf: {}, backend: 'wasm', description: 'none, all in closed form' } as LoadedTensorFlow;

/** Runs `work` with what opens a second thread, and ends that. */
async function withTwin<T>(
  thread: URL | undefined,
  job: TwinJob,
  progress: Progress,
  work: (opener: Pick<TrainingContext, 'openTwin'>) => Promise<T>,
): Promise<T> {
  if (thread === undefined) return work({});
  let twin: StartedTwin | undefined;
  try {
    return await work({
      openTwin: (parameters) => {
        // The loss, too.
        twin = startTwin(thread, job, parameters + 1, (why) =>
          progress.line(
            `Warning: the second thread that trains ${job.name} is gone (${why}); one trains on alone, to the same bundle, in up to twice the time.`,
          ),
        );
        return twin;
      },
    });
  } finally {
    await twin?.end();
  }
}

export function describeFrames({
  assets,
  signals,
  periodMs,
  idleFrames,
  fit,
  validate,
  calibrate,
}: TrainingFrames): string {
  const parts = { fit, validate, calibrate };
  const counts = Object.entries(parts).map(([part, segments]) => `${part} ${countFrames(segments)}`);
  const idle = idleFrames > 0 ? `; ${idleFrames} off or starting up, left out` : '';
  return `Data: ${assets.length} machine(s), ${signals.length} signals, frames of ${periodMs} ms: ${counts.join(', ')}${idle}`;
}

async function filesOf(
  manifest: Manifest,
  detectors: readonly (NamedDetector & { readonly history: readonly EpochLosses[] })[],
  frames: TrainingFrames,
  output: string,
): Promise<BundleFiles> {
  const files = new Map<string, Uint8Array | string>();
  const golden = [];
  for (const [d, { name, graph }] of detectors.entries()) {
    files.set(graphFile(name), graph.bytes);
    const detector = manifest.detectors[d] as Manifest['detectors'][number];
    golden.push(await goldenVectors(detector, graph.bytes, frames.calibrate, frames.signals.length));
  }
  files.set(trainingLogFile, trainingLogOf(detectors, frames, output));
  return files.set('golden.json', `${JSON.stringify(golden)}\n`);
}
