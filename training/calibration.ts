/** Whitening and calibration of trained detectors, by the scoring stage that the config asks for. */
import { type Calibration, calibrate } from '../model/calibrate.js';
import { calibrateTracking } from '../model/calibrate-tracking.js';
import type { DetectorOutputs } from '../model/detector.js';
import { UserError } from '../model/errors.js';
import type { Segment } from '../model/segment.js';
import type { TrackRun } from '../model/track-learning.js';
import type { TrainConfig } from './config.js';
import type { TrainingFrames } from './data.js';
import { noWhitening, type Whitening } from './graph/index.js';
import type { NamedDetector } from './manifest.js';
import type { Recipe, Trained } from './recipes/recipe.js';
import type { TrialRuns } from './trial-runs.js';
import { whitenResiduals } from './whitening.js';

/** A first graph without whitening measures the residuals that the whitening is made of. */
export async function measureWhitening(
  trials: TrialRuns,
  name: string,
  recipe: Recipe,
  trained: Trained,
  frames: TrainingFrames,
  shrink: number,
): Promise<Whitening> {
  const C = frames.signals.length;
  const graph = trained.toOnnx(noWhitening(C));
  const runs = await trials.run([{ name, recipe: recipe.name, trained, graph }], frames.validate);
  return whitenResiduals(
    runs.map(({ outputs }) => outputs[0] as DetectorOutputs),
    C,
    shrink,
  );
}

/** @throws UserError for data that are too short */
export async function calibrateAll(
  trials: TrialRuns,
  detectors: readonly NamedDetector[],
  frames: TrainingFrames,
  config: TrainConfig,
): Promise<Calibration> {
  const options = {
    channels: frames.signals.length,
    periodMs: frames.periodMs,
    shrink: config.shrink,
    persistence: config.persistence,
  };
  try {
    if (config.scoring === 'tracking') return calibrateTracking(await tracks(trials, detectors, frames), options);
    const runs = await trials.run(detectors, frames.calibrate);
    return calibrate(
      runs.map(({ outputs }) => outputs),
      options,
    );
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new UserError(`too short: ${error.message}.`, {}, 'Record normal operation for longer.', { cause: error });
  }
}

/** For each detector one run a machine: drift is learned from all that the calibration does not judge by. */
async function tracks(
  trials: TrialRuns,
  detectors: readonly NamedDetector[],
  { byAsset }: TrainingFrames,
): Promise<TrackRun[][]> {
  const columns: TrackRun[][] = detectors.map(() => []);
  for (const { fit, validate, calibrate } of byAsset) {
    const take = async (segments: readonly Segment[]) => trials.run(detectors, segments);
    const [learn, judge] = [await take([...fit, ...validate]), await take(calibrate)];
    for (const [d, column] of columns.entries()) {
      const part = (runs: typeof learn) =>
        runs.map(({ outputs, values }) => ({ output: outputs[d] as DetectorOutputs, values }));
      column.push({ learn: part(learn), calibrate: part(judge) });
    }
  }
  return columns;
}
