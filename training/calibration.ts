/** Whitening and calibration of trained detectors, by the scoring stage that the config asks for. */
import { hideSignal, learnGrowth, settleFramesOf } from '../model/absence.js';
import { type Calibration, calibrate } from '../model/calibrate.js';
import { calibrateEnergy } from '../model/calibrate-energy.js';
import { calibrateTracking } from '../model/calibrate-tracking.js';
import type { DetectorOutputs } from '../model/detector.js';
import { UserError } from '../model/errors.js';
import { modeCode } from '../model/frames.js';
import type { ModeRules } from '../model/manifest.js';
import { likeliestRegime, regimeNames } from '../model/modes.js';
import type { Segment } from '../model/segment.js';
import type { TrackRun } from '../model/track-learning.js';
import type { TrainConfig } from './config.js';
import type { TrainingFrames } from './data.js';
import { noWhitening, type Whitening } from './graph/index.js';
import type { NamedDetector } from './manifest.js';
import { modesOf } from './modes.js';
import type { Recipe, Trained } from './recipes/recipe.js';
import type { TrialRun, TrialRuns } from './trial-runs.js';
import { whitenResiduals } from './whitening.js';

/** A first graph without whitening measures the residuals that the whitening is made of. */
export async function measureWhitening(
  trials: TrialRuns,
  name: string,
  recipe: Recipe,
  trained: Trained,
  frames: TrainingFrames,
  { shrink, scoring }: Pick<TrainConfig, 'shrink' | 'scoring'>,
): Promise<Whitening> {
  const C = frames.signals.length;
  // Signals that never moved would be magnified, which this stage is there to avoid.
  if (scoring === 'energy') return noWhitening(C);
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
    lambda: config.smoothing,
    persistence: config.persistence,
  };
  try {
    const idle = frames.modes === undefined ? {} : { modes: frames.modes };
    if (config.scoring === 'tracking')
      return { ...calibrateTracking(await tracks(trials, detectors, frames), options), ...idle };
    const runs = await trials.run(detectors, frames.calibrate);
    const outputs = runs.map((run) => run.outputs);
    if (config.scoring === 'energy') return { ...calibrateEnergy(outputs, options), ...idle };
    const modes = countRegimes(frames.modes, config, detectors, runs);
    const regimes = regimeNames(modes);
    const codes = runs.map((run, s) => codesOf(run, frames.calibrate[s] as Segment, modes, frames, detectors));
    const calibration = calibrate(outputs, { ...options, modes: codes, regimes });
    return {
      ...calibration,
      ...(modes === undefined ? {} : { modes }),
      detectors: await withGrowth(trials, detectors, runs, calibration),
    };
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new UserError(`too short: ${error.message}.`, {}, 'Record normal operation for longer.', { cause: error });
  }
}

/** Rules with the number of regimes that a hidden Markov model has found, where one is to tell them. */
function countRegimes(
  rules: ModeRules | undefined,
  { modes }: Pick<TrainConfig, 'modes'>,
  detectors: readonly NamedDetector[],
  runs: readonly TrialRun[],
): ModeRules | undefined {
  if (rules === undefined || typeof modes?.regimes !== 'string') return rules;
  const detector = modes.regimes;
  const d = detectors.findIndex(({ name }) => name === detector);
  const output = runs[0]?.outputs[d];
  const count = (output?.regime?.length ?? 0) / (output?.n ?? 1);
  return count > 1 ? { ...rules, regimes: { detector, count } } : rules;
}

/** Codes of a run's frames, as `BundleRuntime` finds them. */
function codesOf(
  { outputs }: TrialRun,
  segment: Segment,
  rules: ModeRules | undefined,
  { signals }: TrainingFrames,
  detectors: readonly NamedDetector[],
): Uint8Array {
  if (rules === undefined) return new Uint8Array(segment.timesMs.length).fill(modeCode.steady);
  const { regimes } = rules;
  const codes = modesOf(
    segment,
    rules,
    signals.map(({ name }) => name),
  );
  if (regimes === undefined || Array.isArray(regimes)) return codes;
  const { regime, ready } = outputs[detectors.findIndex(({ name }) => name === regimes.detector)] as DetectorOutputs;
  return codes.map((code, i) =>
    regime !== undefined && ready[i] === 1 ? likeliestRegime(regime, i, regimes.count) : code,
  );
}

/** Frames that are run again with each signal hidden in turn: enough for the tail, and no more time than training takes. */
const growthFrames = 20_000;

/** Adds to each detector's calibration how its statistics grow without a signal. */
async function withGrowth(
  trials: TrialRuns,
  detectors: readonly NamedDetector[],
  all: readonly TrialRun[],
  calibration: Calibration,
): Promise<Calibration['detectors']> {
  let frames = 0;
  const runs = all.filter(({ outputs }) => {
    const isWithin = frames < growthFrames;
    frames += outputs[0]?.n ?? 0;
    return isWithin;
  });
  const channels = (runs[0]?.values.length ?? 0) / (runs[0]?.outputs[0]?.n ?? 1);
  if (channels < 2) return calibration.detectors;
  const settle = detectors.map(({ trained }) => trained.settleFrames ?? settleFramesOf(trained));
  const longest = Math.max(...settle);
  const hidden: TrialRun[][] = [];
  for (let c = 0; c < channels; c++) {
    const masked = runs.map(({ values }) => hideSignal(values, channels, c, longest));
    hidden.push(await trials.runMasked(detectors, masked));
  }
  const of = (d: number) => (run: TrialRun) => ({ values: run.values, output: run.outputs[d] as DetectorOutputs });
  return calibration.detectors.map((own, d) => ({
    ...own,
    absent: learnGrowth(
      runs.map(of(d)),
      hidden.map((column) => column.map(of(d))),
      own,
      longest,
    ),
  }));
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
