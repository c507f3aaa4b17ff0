/** Learns how much larger the statistics of a scoring stage are while a signal is out, from normal data with that signal hidden. */
import { Absence } from './absence.js';
import type { DetectorOutputs } from './detector.js';
import type { DetectorManifest, Growth } from './manifest.js';
import { Mewma } from './mewma.js';

/** Consecutive frames of one machine: what a detector was given [n*C], NaN = missing, and what it made of it. */
export interface Run {
  readonly values: Float32Array;
  readonly output: DetectorOutputs;
}

/** Runs one after the other in the memory of a stage. */
export interface Course {
  /** What the memory is filled with; not counted. */
  readonly lead?: readonly Run[];
  readonly runs: readonly Run[];
}

/** What a stage compares with its tables, frame by frame, for one detector. */
export interface Gauge {
  /** Forgets all frames. */
  reset(): void;
  /** Statistics of the next frame, which is past warm-up. `absence` has taken it. */
  step(output: DetectorOutputs, row: number, absence: Absence): Statistics;
}

export interface Statistics {
  readonly score: number;
  readonly smoothed: number;
}

/** Of the stationary stage: the graph's score, and the moving average of its residual (0 where there is none). */
export function stationaryGauge(
  { smoothed }: Pick<DetectorManifest['calibration'], 'smoothed'>,
  channels: number,
): Gauge {
  const smoother = smoothed && new Mewma(smoothed);
  smoother?.ensure(1);
  const squares = new Float32Array(channels);
  return {
    reset: () => smoother?.reset(0),
    step: (output, row, absence) => ({
      score: absence.scoreWithout(output, row),
      smoothed: smoother?.step(0, output.residual, row * channels, squares, 0, absence.out) ?? 0,
    }),
  };
}

/** Shares of the frames above which tails are compared. */
const upperShares = [0.1, 0.03, 0.01, 0.003];
/** Fewer frames than this above a quantile do not say where it is. */
const leastAbove = 10;

/**
 * How the upper tails of a detector's statistics grow while a signal is out: the largest ratio of high quantiles, at least 1.
 * @param normal courses with all signals known
 * @param without for each channel the same courses with that signal hidden most of the time, returns included
 */
export function learnGrowth(
  normal: readonly Course[],
  without: readonly (readonly Course[])[],
  gauge: Gauge,
  settleFrames: number,
): Required<Growth> {
  const base = tailsOf(normal, without.length, gauge, settleFrames, undefined);
  const ratios = without.map((courses, c) => {
    const bare = tailsOf(courses, without.length, gauge, settleFrames, c);
    return { score: tailRatio(bare.score, base.score), smoothed: tailRatio(bare.smoothed, base.smoothed) };
  });
  return {
    settleFrames,
    score: ratios.map(({ score }) => score),
    smoothed: ratios.map(({ smoothed }) => smoothed),
  };
}

/** Sorted statistics of the frames past warm-up in which `channel` is out; undefined = of all. */
function tailsOf(
  courses: readonly Course[],
  channels: number,
  gauge: Gauge,
  settleFrames: number,
  channel: number | undefined,
): { score: Float64Array; smoothed: Float64Array } {
  const absence = new Absence(channels, settleFrames);
  absence.ensure(1);
  const score: number[] = [];
  const smoothed: number[] = [];
  const walk = (runs: readonly Run[], take: (one: Statistics) => void) => {
    for (const { values, output } of runs)
      for (let row = 0; row < output.n; row++) {
        absence.update(0, values, row * channels);
        if (output.ready[row] === 1) take(gauge.step(output, row, absence));
      }
  };
  for (const { lead = [], runs } of courses) {
    absence.reset(0);
    gauge.reset();
    walk(lead, () => {});
    walk(runs, (one) => {
      if (channel !== undefined && absence.out[channel] === 0) return;
      score.push(one.score);
      smoothed.push(one.smoothed);
    });
  }
  return { score: Float64Array.from(score).sort(), smoothed: Float64Array.from(smoothed).sort() };
}

/** @param above, base sorted */
function tailRatio(above: Float64Array, base: Float64Array): number {
  let ratio = 1;
  for (const share of upperShares) {
    if (share * Math.min(above.length, base.length) < leastAbove) continue;
    const usual = upperQuantile(base, share);
    if (usual > 0) ratio = Math.max(ratio, upperQuantile(above, share) / usual);
  }
  return ratio;
}

function upperQuantile(sorted: Float64Array, share: number): number {
  return sorted[Math.max(0, Math.ceil((1 - share) * sorted.length) - 1)] ?? 0;
}
