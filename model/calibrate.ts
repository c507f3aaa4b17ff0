/** Calibration on held-out normal data, through the same `Scorer` that the daemon runs. */
import { calibrateCusum, surprisesOf } from './cusum.js';
import type { DetectorOutputs } from './detector.js';
import { weekMs } from './duration.js';
import { isSteady } from './frames.js';
import type { CusumTable, DetectorManifest, EnergyTable, EpisodeRules, ModeRules, PeakTable } from './manifest.js';
import { learnWhitening, Mewma } from './mewma.js';
import { fitPeaks } from './peaks.js';
import { byRegime, pooledRegimes, tablesOf } from './regime-tables.js';
import { Scorer } from './scoring.js';
import { emptyVerdicts } from './verdicts.js';

export interface CalibrateOptions {
  readonly channels: number;
  readonly periodMs: number;
  /** Machines that the segments are of; default: 1. */
  readonly assets?: number;
  /** Weight of the newest residual in the moving average; 1 = no second statistic. */
  readonly lambda?: number;
  /** Part of the off-diagonal that the whitening's covariance gives up. */
  readonly shrink?: number;
  readonly persistence?: { readonly of: number; readonly need: number };
  /** [n] for each segment the codes of its frames, where machines have regimes. */
  readonly modes?: readonly Uint8Array[];
  /** Names of the regimes. */
  readonly regimes?: readonly string[];
}

export interface Calibration {
  /** In the order of the detectors. */
  readonly detectors: readonly DetectorManifest['calibration'][];
  readonly persistence: { of: number; need: number };
  readonly alarm: PeakTable;
  readonly modes?: ModeRules;
  /** Of the tracking scoring stage. */
  readonly episodes?: EpisodeRules;
  /** Of the energy scoring stage. */
  readonly energy?: EnergyTable;
  readonly cusum?: CusumTable;
  /** What was counted for `alarm`, one entry a segment. */
  readonly statistic?: readonly Float32Array[];
  /** What the data cannot support, for people. */
  readonly warnings: readonly string[];
}

const noSlowPath =
  'Slow wear is not added up over time: the held-out normal operation is too short to tell how far it strays for long by itself, load and weather being what they are. Half an hour of eight machines or more, or three days of one, are mostly enough.';

const defaults = { lambda: 0.2, shrink: 0.2, persistence: { of: 5, need: 3 } };

/**
 * First a tail table for each detector's score and for the MEWMA of its residual; then one for the cumulative sum of what fuses of them; then how often the alarm
 * statistic of both paths peaks, on-delay included.
 * @param segments outputs of every detector (in one order) on each held-out normal segment, as `DetectorSession.sequence` gives them
 * @throws RangeError where a detector has fewer than 50 scores past warm-up
 */
export function calibrate(segments: readonly (readonly DetectorOutputs[])[], options: CalibrateOptions): Calibration {
  const { lambda, shrink, persistence } = { ...defaults, ...options };
  const count = segments[0]?.length ?? 0;
  const regimes = options.regimes ?? [];
  const modes = regimes.length === 0 ? undefined : options.modes;
  const detectors = Array.from({ length: count }, (_, d) => {
    const outputs = segments.map((segment) => segment[d] as DetectorOutputs);
    const scores = outputs.map(({ n, score, ready }) => score.slice(0, n).filter((_, i) => ready[i] === 1));
    const own = modes?.map((codes, s) => codes.filter((_, i) => outputs[s]?.ready[i] === 1));
    const score = tablesOf(scores, own, regimes.length);
    if (lambda >= 1) return { score: score.all, ...byRegime(score.each) };
    const { whitening, series } = smoothedSeries(outputs, options.channels, lambda, shrink);
    const smoothed = tablesOf(series, own, regimes.length);
    return {
      score: score.all,
      smoothed: { lambda, whitening, table: smoothed.all },
      ...byRegime(score.each, smoothed.each),
    };
  });

  const scorer = new Scorer({ channels: options.channels, detectors, persistence, alarmLevel: 1 });
  scorer.ensure(1);
  const fast = segments.map((outputs, s) => {
    scorer.reset(0);
    return steadyFrames(scorer, outputs, modes?.[s], options.channels);
  });
  const filled = <A extends Float32Array>(values: A) => values.subarray(Math.min(values.length, persistence.of - 1));
  const framesPerWeek = weekMs / options.periodMs;
  const cusum = calibrateCusum(
    fast.map(({ fused }) => fused),
    fitPeaks(
      fast.map(({ persistent }) => filled(persistent)),
      framesPerWeek,
    ),
    framesPerWeek,
    options.assets,
  );
  // Both paths are counted together: they share one budget.
  const statistic = fast.map(({ fused, persistent }) => {
    if (cusum === undefined) return filled(persistent);
    const slow = surprisesOf(cusum, fused);
    return filled(persistent.map((value, i) => Math.max(value, slow[i] as number)));
  });
  const alarm = fitPeaks(statistic, framesPerWeek);
  const warnings = pooledRegimes(detectors, regimes);
  if (cusum === undefined) warnings.push(noSlowPath);
  return { detectors, persistence, alarm, ...(cusum === undefined ? {} : { cusum }), statistic, warnings };
}

function smoothedSeries(outputs: readonly DetectorOutputs[], C: number, lambda: number, shrink: number) {
  const identity = Array.from({ length: C }, (_, i) => Array.from({ length: C }, (_, j) => (i === j ? 1 : 0)));
  const smoother = new Mewma({ lambda, whitening: identity });
  const averages = outputs.map((output) =>
    overReady(output, C, (row, into, to) => smoother.smooth(0, output.residual, row * C, into, to), smoother),
  );
  const frames = averages.reduce((sum, average) => sum + average.length / C, 0);
  // About 0, not about the mean: a lasting bias on normal data must not be a surprise.
  const moments = identity.map((row, i) =>
    row.map((_, j) => {
      let sum = 0;
      for (const a of averages)
        for (let k = 0; k < a.length; k += C) sum += (a[k + i] as number) * (a[k + j] as number);
      return sum / Math.max(1, frames);
    }),
  );
  const whitening = learnWhitening(moments, shrink);
  const whitened = new Mewma({ lambda, whitening });
  const squares = new Float32Array(C);
  const series = outputs.map((output) =>
    overReady(
      output,
      1,
      (row, into, to) => {
        into[to] = whitened.step(0, output.residual, row * C, squares, 0);
      },
      whitened,
    ),
  );
  return { whitening, series };
}

/** Runs `visit` over the frames of one segment that are past warm-up; [ready * width]. */
function overReady(
  output: DetectorOutputs,
  width: number,
  visit: (row: number, into: Float32Array, to: number) => void,
  smoother: Mewma,
): Float32Array {
  smoother.ensure(1);
  smoother.reset(0);
  const into = new Float32Array(output.n * width);
  let filled = 0;
  for (let row = 0; row < output.n; row++) {
    if (output.ready[row] === 0) continue;
    visit(row, into, filled);
    filled += width;
  }
  return into.subarray(0, filled);
}

/** Fused surprise and on-delayed surprise of the frames that the daemon would call steady. */
function steadyFrames(
  scorer: Scorer,
  outputs: readonly DetectorOutputs[],
  codes: Uint8Array | undefined,
  C: number,
): { fused: Float32Array; persistent: Float32Array } {
  const n = outputs[0]?.n ?? 0;
  const verdicts = emptyVerdicts(n, C, outputs.length);
  if (codes !== undefined) verdicts.mode.set(codes);
  scorer.step({ outputs, into: verdicts, slot: new Int32Array(n), known: new Int32Array(n).fill(C) }, 0, n);
  const steady = (values: Float32Array) => values.filter((_, i) => isSteady(verdicts.mode[i]));
  return { fused: steady(verdicts.instant), persistent: steady(verdicts.severity) };
}
