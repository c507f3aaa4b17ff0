/** Whitening and calibration of trained detectors, by the scoring stage that the config asks for. */
import { hideSignal, settleFramesOf } from '../model/absence.js';
import { type Calibration, calibrate } from '../model/calibrate.js';
import { calibrateEnergy, energyGauge } from '../model/calibrate-energy.js';
import { calibrateTracking, episodeRules } from '../model/calibrate-tracking.js';
import type { DetectorOutputs } from '../model/detector.js';
import { UserError } from '../model/errors.js';
import { modeCode } from '../model/frames.js';
import { type Gauge, learnGrowth, stationaryGauge } from '../model/growth.js';
import type { DetectorManifest, ModeRules, Tracking } from '../model/manifest.js';
import { likeliestRegime, regimeNames } from '../model/modes.js';
import type { Segment } from '../model/segment.js';
import { type TrackRun, trackingGauge } from '../model/track-learning.js';
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
    const C = options.channels;
    if (config.scoring === 'tracking') {
      const machines = await runMachines(trials, detectors, frames);
      const calibration = calibrateTracking(tracks(detectors, machines), options);
      const gauge = (own: Own) => trackingGauge(own.tracking as Tracking, episodeRules);
      return { ...calibration, ...idle, detectors: await withGrowth(trials, detectors, machines, calibration, gauge) };
    }
    const runs = await trials.run(detectors, frames.calibrate);
    const outputs = runs.map((run) => run.outputs);
    const courses = runs.map((run) => ({ learn: [], judge: [run] }));
    if (config.scoring === 'energy') {
      const calibration = calibrateEnergy(outputs, options);
      const gauge = () => energyGauge(C);
      return { ...calibration, ...idle, detectors: await withGrowth(trials, detectors, courses, calibration, gauge) };
    }
    const modes = countRegimes(frames.modes, config, detectors, runs);
    const regimes = regimeNames(modes);
    const codes = runs.map((run, s) => codesOf(run, frames.calibrate[s] as Segment, modes, frames, detectors));
    const calibration = calibrate(outputs, { ...options, assets: frames.assets.length, modes: codes, regimes });
    return {
      ...calibration,
      ...(modes === undefined ? {} : { modes }),
      detectors: await withGrowth(trials, detectors, courses, calibration, (own) => stationaryGauge(own, C)),
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

type Own = DetectorManifest['calibration'];

/** Runs that follow each other in the memory of a scoring stage: what fills it, and what is counted. */
interface Machine {
  readonly learn: readonly TrialRun[];
  readonly judge: readonly TrialRun[];
}

/** Adds to each detector's calibration how its statistics, as `gaugeOf` measures them, grow without a signal. */
async function withGrowth(
  trials: TrialRuns,
  detectors: readonly NamedDetector[],
  all: readonly Machine[],
  calibration: Calibration,
  gaugeOf: (own: Own) => Gauge,
): Promise<Calibration['detectors']> {
  let frames = 0;
  const machines = all.filter(({ judge }) => {
    const isWithin = frames < growthFrames;
    for (const { outputs } of judge) frames += outputs[0]?.n ?? 0;
    return isWithin;
  });
  const runs = machines.flatMap(({ judge }) => judge);
  const channels = (runs[0]?.values.length ?? 0) / (runs[0]?.outputs[0]?.n ?? 1);
  if (channels < 2) return calibration.detectors;
  const settle = detectors.map(({ trained }) => trained.settleFrames ?? settleFramesOf(trained));
  const longest = Math.max(...settle);
  const hidden: Machine[][] = [];
  for (let c = 0; c < channels; c++) {
    const masked = runs.map(({ values }) => hideSignal(values, channels, c, longest));
    const rest = await trials.runMasked(detectors, masked);
    hidden.push(machines.map(({ learn, judge }) => ({ learn, judge: rest.splice(0, judge.length) })));
  }
  return calibration.detectors.map((own, d) => {
    const of = (part: readonly TrialRun[]) =>
      part.map(({ values, outputs }) => ({ values, output: outputs[d] as DetectorOutputs }));
    const courses = (part: readonly Machine[]) =>
      part.map(({ learn, judge }) => ({ lead: of(learn), runs: of(judge) }));
    return { ...own, absent: learnGrowth(courses(machines), hidden.map(courses), gaugeOf(own), longest) };
  });
}

/** Each machine by itself: drift is learned from all that the calibration does not judge by. */
async function runMachines(
  trials: TrialRuns,
  detectors: readonly NamedDetector[],
  { byAsset }: TrainingFrames,
): Promise<Machine[]> {
  const machines: Machine[] = [];
  for (const { fit, validate, calibrate } of byAsset)
    machines.push({
      learn: await trials.run(detectors, [...fit, ...validate]),
      judge: await trials.run(detectors, calibrate),
    });
  return machines;
}

/** For each detector one run a machine. */
function tracks(detectors: readonly NamedDetector[], machines: readonly Machine[]): TrackRun[][] {
  return detectors.map((_, d) => {
    const part = (runs: readonly TrialRun[]) =>
      runs.map(({ outputs, values }) => ({ output: outputs[d] as DetectorOutputs, values }));
    return machines.map(({ learn, judge }) => ({ learn: part(learn), calibrate: part(judge) }));
  });
}
