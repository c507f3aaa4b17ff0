/** `fit`: recordings -> detectors -> graphs -> calibration -> a bundle. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { type BundleFiles, checkBundleFolder, writeBundle } from '../model/bundle.js';
import { type Calibration, calibrate } from '../model/calibrate.js';
import type { Clock } from '../model/clock.js';
import { type DetectorOutputs, DetectorSession } from '../model/detector.js';
import { UserError } from '../model/errors.js';
import { Health } from '../model/health.js';
import type { Channel, Manifest } from '../model/manifest.js';
import type { Segment } from '../model/segment.js';
import type { GraphInput } from '../model/session.js';
import type { TrainConfig } from './config.js';
import { loadFrames, type TrainingFrames } from './data.js';
import { goldenVectors } from './golden.js';
import { noWhitening, type Whitening } from './graph/index.js';
import { blankCalibration, channelsOf, graphFile, manifestOf, type NamedDetector } from './manifest.js';
import { checkParity } from './parity.js';
import type { Progress } from './progress.js';
import { trialInputs } from './proof.js';
import { findRecipe } from './recipes/index.js';
import { type Recipe, type Trained, trainingContext } from './recipes/recipe.js';
import { countFrames } from './split.js';
import type { LoadedTensorFlow } from './tensorflow/load.js';
import { whitenResiduals } from './whitening.js';

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
  const { config, progress, clock } = options;
  await checkBundleFolder(resolve(options.output));
  const chosen = config.detectors.map((detector) => ({ ...detector, recipe: findRecipe(detector.recipe) }));
  const span = Math.max(...chosen.map(({ recipe, options }) => recipe.span(options)));
  const frames = await loadFrames(config, options.directory, options.configFile, span);
  progress.line(describeFrames(frames));
  const { tf, description } = await options.tensorFlow();
  progress.line(`Backend: ${description}`);

  const channels = channelsOf(frames);
  const bench = await openBench(frames, channels, config);
  const results: (NamedDetector & { parity: number; seconds: number })[] = [];
  try {
    for (const { name, recipe, options } of chosen) {
      const startMs = clock.monotonic();
      const data = { ...frames, channels: channels.map((channel) => channel.name) };
      const trained = await recipe.train(options, data, trainingContext(tf, config.seed, name, progress));
      const whitening = await measureWhitening(bench, name, recipe, trained, frames, config.shrink);
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
        seconds: (clock.monotonic() - startMs) / 1000,
      });
    }
    const calibration = await calibrateAll(bench, results, frames, config);
    const about = {
      backend: description,
      createdAtMs: clock.now(),
      warnings: [...frames.warnings, ...calibration.warnings],
    };
    const manifest = manifestOf(config, frames, channels, results, calibration, about);
    await writeBundle(options.output, manifest, await filesOf(manifest, results, frames));
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
    await bench.close();
  }
}

function describeFrames({ assets, signals, periodMs, fit, validate, calibrate }: TrainingFrames): string {
  const parts = { fit, validate, calibrate };
  const counts = Object.entries(parts).map(([part, segments]) => `${part} ${countFrames(segments)}`);
  return `Data: ${assets.length} machine(s), ${signals.length} signals, frames of ${periodMs} ms: ${counts.join(', ')}`;
}

/** Runs graphs that are not in a bundle yet through the daemon's own `DetectorSession`. */
interface Bench {
  run(detectors: readonly NamedDetector[], segments: readonly Segment[]): Promise<DetectorOutputs[][]>;
  close(): Promise<void>;
}

async function openBench(frames: TrainingFrames, channels: readonly Channel[], config: TrainConfig): Promise<Bench> {
  const dir = await mkdtemp(join(tmpdir(), 'anomalyd-train-'));
  const C = channels.length;
  return {
    async run(detectors, segments) {
      const blank = blankCalibration(detectors.length);
      const manifest = manifestOf(config, frames, channels, detectors, blank, {
        backend: '',
        createdAtMs: 0,
        warnings: [],
      });
      const masked = segments.map((segment) => maskUnhealthy(segment, channels));
      const columns: DetectorOutputs[][] = [];
      for (const [d, { name, graph }] of detectors.entries()) {
        await writeFile(join(dir, graphFile(name)), graph.bytes);
        const detector = manifest.detectors[d] as Manifest['detectors'][number];
        const session = await DetectorSession.open({ dir, manifest, golden: [], hash: '' }, detector);
        try {
          const column: DetectorOutputs[] = [];
          for (const values of masked) column.push(await session.sequence(values, values.length / C));
          columns.push(column);
        } finally {
          await session.close();
        }
      }
      return segments.map((_, s) => columns.map((column) => column[s] as DetectorOutputs));
    },
    close: () => rm(dir, { recursive: true, force: true }),
  };
}

/** What the daemon would hand to the detectors. */
function maskUnhealthy({ values, timesMs }: Segment, channels: readonly Channel[]): Float32Array {
  const health = new Health(channels);
  health.ensure(1);
  const masked = new Float32Array(values.length);
  const states = new Uint8Array(values.length);
  for (let row = 0; row < timesMs.length; row++) health.check(0, row, values, masked, states);
  return masked;
}

/** A first graph without whitening measures the residuals that the whitening is made of. */
async function measureWhitening(
  bench: Bench,
  name: string,
  recipe: Recipe,
  trained: Trained,
  frames: TrainingFrames,
  shrink: number,
): Promise<Whitening> {
  const C = frames.signals.length;
  const graph = trained.toOnnx(noWhitening(C));
  const outputs = await bench.run([{ name, recipe: recipe.name, trained, graph }], frames.validate);
  return whitenResiduals(outputs.flat(), C, shrink);
}

async function calibrateAll(
  bench: Bench,
  detectors: readonly NamedDetector[],
  frames: TrainingFrames,
  config: TrainConfig,
): Promise<Calibration> {
  const outputs = await bench.run(detectors, frames.calibrate);
  try {
    return calibrate(outputs, {
      channels: frames.signals.length,
      periodMs: frames.periodMs,
      shrink: config.shrink,
      persistence: config.persistence,
    });
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new UserError(`too short: ${error.message}.`, {}, 'Record normal operation for longer.', { cause: error });
  }
}

async function filesOf(
  manifest: Manifest,
  detectors: readonly NamedDetector[],
  frames: TrainingFrames,
): Promise<BundleFiles> {
  const files = new Map<string, Uint8Array | string>();
  const golden = [];
  for (const [d, { name, graph }] of detectors.entries()) {
    files.set(graphFile(name), graph.bytes);
    const detector = manifest.detectors[d] as Manifest['detectors'][number];
    golden.push(await goldenVectors(detector, graph.bytes, frames.calibrate, frames.signals.length));
  }
  return files.set('golden.json', `${JSON.stringify(golden)}\n`);
}
