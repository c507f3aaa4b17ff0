/** Learns how a detector's residual wanders, and how its tracked average spreads, from normal data. */
import { Absence } from './absence.js';
import type { DetectorOutputs } from './detector.js';
import type { Gauge } from './growth.js';
import type { EpisodeRules, Tracking } from './manifest.js';
import { learnWhitening } from './mewma.js';
import { fitTail } from './tail.js';
import { integratedTime, thin } from './thinning.js';
import { Tracker } from './tracking.js';

/** Consecutive outputs of one detector on one machine. */
export interface TrackPart {
  readonly output: DetectorOutputs;
  /** [n*C] what it was given, NaN = missing. */
  readonly values: Float32Array;
}

/** One machine's normal data, in the order of time: what is learned from, and what judges it. */
export interface TrackRun {
  readonly learn: readonly TrackPart[];
  readonly calibrate: readonly TrackPart[];
}

/** Weight of the newest residual: tells a shift of one spread within some ten frames. */
const lambda = 0.2;
/** Gains of a local level (Harvey 1989) that are tried; 0 = the signal does not wander. */
const gains = [0, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.4];
/** A larger gain must forecast this much better than the best smaller one. */
const better = 0.95;
/** The baseline follows a signal that wanders in this many frames at least, or this many times 1 / gain: faster, it would learn a fault within minutes. */
const leastFrames = 100;
const gainFrames = 3;
/** Signals that do not wander in the data may yet: they are followed in this many frames. */
const mostFrames = 400;
/** In an alarm, signals that wander are followed in this many frames, so that drift alone does not hold it for ever. */
const leakFrames = 1000;
/** Frames at the start of a run in which the averages fill. */
const burnIn = 20;
/** A spread that few independent frames tell of may be far wider: at this many spreads a deviation is to be as rare as if it were known (one in a thousand). */
const rareSpreads = 3;
/** Fewer degrees of freedom say nothing at all. */
const leastFreedom = 3;
const smallest = 1e-9;

/**
 * @param shrink part of the correlation that is taken as chance
 * @throws RangeError where fewer than 50 frames are left to calibrate on
 */
export function learnTracking(
  runs: readonly TrackRun[],
  channels: number,
  shrink: number,
  rules: EpisodeRules,
): Tracking {
  const C = channels;
  const { level, spread } = moments(runs, C);
  const gain = Array.from({ length: C }, (_, c) => wanderGain(runs, C, c, level[c] as number, spread[c] as number));
  const identity = level.map((_, i) => level.map((__, j) => (i === j ? 1 : 0)));
  const draft: Tracking = {
    lambda,
    level,
    spread,
    gain: gain.map((k) => Math.max(k > 0 ? 1 / Math.max(leastFrames, gainFrames / k) : 0, 1 / mostFrames)),
    leak: gain.map((k) => (k > 0 ? 1 / leakFrames : 0)),
    norm: level.map(() => 1),
    whitening: identity,
    table: { n: 0, body: [0, 1], threshold: 1, rate: 0.5, shape: 0, scale: 1 },
  };
  const averages = follow(draft, runs, rules);
  const learned = averages.learn.flat();
  const held = averages.calibrate.flat();
  if (learned.length < 2 * burnIn)
    throw new RangeError(`${learned.length} frames to learn drift from; it takes ${2 * burnIn}`);
  const centred = covariance(learned);
  const norm = centred.map((row, c) => {
    const seen = Math.sqrt(meanSquare(learned, c));
    const later = Math.sqrt(meanSquare(held, c));
    // What the calibration part shows to be wider than what was learned is wider.
    const spread = Math.max(smallest, Math.sqrt(row[c] as number)) * Math.max(1, later / Math.max(smallest, seen));
    return spread * widening(independentFrames(averages, c));
  });
  const correlation = centred.map((row, i) =>
    row.map(
      (v, j) => v / Math.max(smallest ** 2, Math.sqrt((centred[i]?.[i] as number) * (centred[j]?.[j] as number))),
    ),
  );
  for (const [i, row] of correlation.entries()) row[i] = 1;
  const tracking: Tracking = { ...draft, norm, whitening: learnWhitening(correlation, shrink) };
  return { ...tracking, table: fitTail(thin(trackedStatistics(tracking, runs, rules))) };
}

/** Mean and standard deviation of each signal's residual in what is learned from. */
function moments(runs: readonly TrackRun[], C: number): { level: number[]; spread: number[] } {
  const sums = Array.from({ length: C }, () => ({ n: 0, mean: 0, square: 0 }));
  for (const { learn } of runs)
    for (const { output, values } of learn)
      for (let row = 0; row < output.n; row++) {
        if (output.ready[row] === 0) continue;
        for (let c = 0; c < C; c++) {
          if (Number.isNaN(values[row * C + c])) continue;
          const sum = sums[c] as { n: number; mean: number; square: number };
          const delta = (output.residual[row * C + c] as number) - sum.mean;
          sum.n++;
          sum.mean += delta / sum.n;
          sum.square += delta * ((output.residual[row * C + c] as number) - sum.mean);
        }
      }
  return {
    level: sums.map(({ mean }) => mean),
    // A signal that never varied: one unit of the residual is its yardstick.
    spread: sums.map(({ n, square }) => (n > 0 && square / n > smallest ? Math.sqrt(square / n) : 1)),
  };
}

/** Gain of the local level that forecasts the signal best, one frame ahead; the smallest that is as good. */
function wanderGain(runs: readonly TrackRun[], C: number, c: number, level: number, spread: number): number {
  const errors = gains.map((gain) => {
    let sum = 0;
    for (const run of runs) {
      let b = 0;
      for (const { output, values } of [...run.learn, ...run.calibrate])
        for (let row = 0; row < output.n; row++) {
          const i = row * C + c;
          if (output.ready[row] === 0 || Number.isNaN(values[i])) continue;
          const error = ((output.residual[i] as number) - level) / spread - b;
          sum += error * error;
          b += gain * error;
        }
    }
    return sum;
  });
  let best = 0;
  for (let i = 1; i < gains.length; i++) if ((errors[i] as number) < better * (errors[best] as number)) best = i;
  return gains[best] as number;
}

/** Deviations of every frame past burn-in, a list a run. */
function follow(tracking: Tracking, runs: readonly TrackRun[], rules: EpisodeRules) {
  const learn: Float64Array[][] = [];
  const calibrate: Float64Array[][] = [];
  for (const run of runs) {
    const tracker = new Tracker(tracking, rules.settleGain, rules.holdFrames);
    tracker.ensure(1);
    const take = (parts: readonly TrackPart[], skip: number) => {
      const taken: Float64Array[] = [];
      walk(tracker, parts, () => {
        if (skip-- <= 0) taken.push(tracker.deviation.slice());
      });
      return taken;
    };
    learn.push(take(run.learn, burnIn));
    calibrate.push(take(run.calibrate, 0));
  }
  return { learn, calibrate };
}

/** Statistics of the calibration frames, an entry a run, along a baseline that was followed from the start of what was learned from. */
export function trackedStatistics(tracking: Tracking, runs: readonly TrackRun[], rules: EpisodeRules): Float32Array[] {
  return runs.map((run) => {
    const tracker = new Tracker(tracking, rules.settleGain, rules.holdFrames);
    tracker.ensure(1);
    walk(tracker, run.learn, () => {});
    const statistics: number[] = [];
    walk(tracker, run.calibrate, (statistic) => statistics.push(statistic));
    return Float32Array.from(statistics);
  });
}

/** Of the tracking stage: `smoothed` is the statistic of the tracked average. */
export function trackingGauge(tracking: Tracking, rules: EpisodeRules): Gauge {
  const tracker = new Tracker(tracking, rules.settleGain, rules.holdFrames);
  tracker.ensure(1);
  return {
    reset: () => tracker.reset(0),
    step: (output, row, absence) => {
      const at = row * tracker.channels;
      const smoothed = tracker.observe(0, { residual: output.residual, out: absence.out, at });
      tracker.follow(0, 'slow');
      return { score: absence.scoreWithout(output, row), smoothed };
    },
  };
}

function walk(tracker: Tracker, parts: readonly TrackPart[], visit: (statistic: number) => void): void {
  const C = tracker.channels;
  const missing = new Absence(C, 0);
  missing.ensure(1);
  for (const { output, values } of parts)
    for (let row = 0; row < output.n; row++) {
      if (output.ready[row] === 0) continue;
      missing.update(0, values, row * C);
      visit(tracker.observe(0, { residual: output.residual, out: missing.out, at: row * C }));
      tracker.follow(0, 'slow');
    }
}

/** Frames of signal `c` that say something new, past neighbours that are alike. */
function independentFrames({ learn, calibrate }: ReturnType<typeof follow>, c: number): number {
  const series = learn.map((own, run) =>
    Float64Array.from([...own, ...(calibrate[run] ?? [])], (deviation) => deviation[c] as number),
  );
  const n = series.reduce((sum, { length }) => sum + length, 0);
  return n / integratedTime(series);
}

/**
 * How much further out Student's t with `freedom` degrees lies than the normal distribution, at `rareSpreads` (Wallace 1959's approximation): signals that move slowly
 * beside the length of the recording have shown little of their range.
 */
export function widening(freedom: number): number {
  const nu = Math.max(leastFreedom, freedom);
  const z = (rareSpreads * (8 * nu + 3)) / (8 * nu + 1);
  return Math.sqrt(nu * Math.expm1((z * z) / nu)) / rareSpreads;
}

function covariance(rows: readonly Float64Array[]): number[][] {
  const C = rows[0]?.length ?? 0;
  const mean = Array.from(
    { length: C },
    (_, c) => rows.reduce((sum, row) => sum + (row[c] as number), 0) / rows.length,
  );
  const sums = Array.from({ length: C }, () => new Array<number>(C).fill(0));
  for (const row of rows)
    for (let i = 0; i < C; i++) {
      const di = (row[i] as number) - (mean[i] as number);
      const into = sums[i] as number[];
      for (let j = 0; j < C; j++) into[j] = (into[j] as number) + di * ((row[j] as number) - (mean[j] as number));
    }
  return sums.map((row) => row.map((sum) => sum / rows.length));
}

function meanSquare(rows: readonly Float64Array[], c: number): number {
  return rows.reduce((sum, row) => sum + (row[c] as number) ** 2, 0) / Math.max(1, rows.length);
}
