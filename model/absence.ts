/** Signals that are out, and how much larger the others' deviations are without them: what keeps the alarm budget while a sensor is broken. */
import type { DetectorOutputs } from './detector.js';
import type { DetectorManifest, Growth } from './manifest.js';
import { Mewma } from './mewma.js';
import { grownSlots } from './slots.js';

/**
 * Which signals of each slot are out: those that are missing, and those that came back less than `settleFrames` ago, as networks have yet to take them up and what
 * they forecast for them meanwhile is worth nothing.
 */
export class Absence {
  /** Frames that each signal still is out: [slots * C] */
  private left = new Uint32Array(0);
  /** [C] of the newest frame; 1 = out. */
  readonly out: Uint8Array;
  /** Signals of the newest frame that are out. */
  count = 0;

  constructor(
    private readonly channels: number,
    private readonly settleFrames: number,
  ) {
    this.out = new Uint8Array(channels);
  }

  /** Makes room for `slots` slots. */
  ensure(slots: number): void {
    const size = slots * this.channels;
    if (size <= this.left.length) return;
    const grown = new Uint32Array(grownSlots(size, this.left.length));
    grown.set(this.left);
    this.left = grown;
  }

  reset(slot: number): void {
    this.left.fill(0, slot * this.channels, (slot + 1) * this.channels);
  }

  /** Takes the frame at `from` of `values` (NaN = missing) as the next of `slot`. */
  update(slot: number, values: Float32Array, from: number): void {
    this.count = 0;
    for (let c = 0; c < this.channels; c++) {
      const i = slot * this.channels + c;
      const left = this.left[i] as number;
      const missing = Number.isNaN(values[from + c]);
      if (missing) this.left[i] = this.settleFrames;
      else if (left > 0) this.left[i] = left - 1;
      const isOut = missing || left > 0 ? 1 : 0;
      this.out[c] = isOut;
      this.count += isOut;
    }
  }

  /** Product of the factors of what is out: errors that two signals leave add up, and where they share what is lost it is on the safe side. */
  growth(factors: readonly number[] | undefined): number {
    let growth = 1;
    if (this.count > 0 && factors !== undefined)
      for (let c = 0; c < this.channels; c++) if (this.out[c] === 1) growth *= factors[c] ?? 1;
    return growth;
  }

  /** The part of a graph's score at `row` that is not of signals that are out. */
  scoreWithout({ score, contribution }: DetectorOutputs, row: number): number {
    if (this.count === 0) return score[row] as number;
    let rest = 0;
    for (let c = 0; c < this.channels; c++)
      if (this.out[c] === 0) rest += contribution[row * this.channels + c] as number;
    return rest;
  }
}

/** Frames after its return in which a signal still counts as out: until the window is free of the hole, or the memory full again. */
export function settleFramesOf({ window, warmupFrames }: Pick<DetectorManifest, 'window' | 'warmupFrames'>): number {
  return Math.max(window - 1, warmupFrames);
}

/** A run of one segment: what a detector was given, and what it made of it. */
export interface Run {
  readonly values: Float32Array;
  readonly output: DetectorOutputs;
}

/** Shares of the frames above which tails are compared. */
const upperShares = [0.1, 0.03, 0.01, 0.003];
/** Fewer frames than this above a quantile do not say where it is. */
const leastAbove = 10;

/**
 * How the upper tail of a detector's statistics grows while a signal is out: the largest ratio of high quantiles, at least 1.
 * @param normal runs with all signals known
 * @param without for each channel the same runs with that signal hidden most of the time, returns included
 */
export function learnGrowth(
  normal: readonly Run[],
  without: readonly (readonly Run[])[],
  calibration: Pick<DetectorManifest['calibration'], 'smoothed'>,
  settleFrames: number,
): Growth {
  const base = statisticsOf(normal, without.length, calibration, settleFrames, undefined);
  const ratios = without.map((runs, c) => {
    const bare = statisticsOf(runs, without.length, calibration, settleFrames, c);
    return { score: tailRatio(bare.score, base.score), smoothed: tailRatio(bare.smoothed, base.smoothed) };
  });
  const score = ratios.map((ratio) => ratio.score);
  if (calibration.smoothed === undefined) return { settleFrames, score };
  return { settleFrames, score, smoothed: ratios.map(({ smoothed }) => smoothed) };
}

/** Of the frames past warm-up in which `channel` is out; undefined = of all. */
function statisticsOf(
  runs: readonly Run[],
  channels: number,
  { smoothed }: Pick<DetectorManifest['calibration'], 'smoothed'>,
  settleFrames: number,
  channel: number | undefined,
): { score: Float64Array; smoothed: Float64Array } {
  const absence = new Absence(channels, settleFrames);
  const smoother = smoothed && new Mewma(smoothed);
  const squares = new Float32Array(channels);
  const frames = runs.reduce((sum, { output }) => sum + output.n, 0);
  const scores = new Float64Array(frames);
  const averages = new Float64Array(frames);
  let filled = 0;
  for (const { values, output } of runs) {
    absence.ensure(1);
    absence.reset(0);
    smoother?.ensure(1);
    smoother?.reset(0);
    for (let row = 0; row < output.n; row++) {
      absence.update(0, values, row * channels);
      if (output.ready[row] === 0) continue;
      const average = smoother?.step(0, output.residual, row * channels, squares, 0, absence.out) ?? 0;
      if (channel !== undefined && absence.out[channel] === 0) continue;
      scores[filled] = absence.scoreWithout(output, row);
      averages[filled] = average;
      filled++;
    }
  }
  return { score: scores.subarray(0, filled).sort(), smoothed: averages.subarray(0, filled).sort() };
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

/** Frames of a hole, and of what is between two, in units of the time a signal takes to settle. */
const holeSettles = 6;
const betweenSettles = 2;

/** A copy of frames [n*C] with one signal hidden for long stretches, again and again, so that its going, its absence and its return are all in. */
export function hideSignal(
  values: Float32Array,
  channels: number,
  channel: number,
  settleFrames: number,
): Float32Array {
  const hole = holeSettles * Math.max(1, settleFrames);
  const cycle = hole + betweenSettles * Math.max(1, settleFrames);
  const hidden = values.slice();
  for (let i = channel, frame = 0; i < hidden.length; i += channels, frame++)
    if (frame % cycle >= cycle - hole) hidden[i] = Number.NaN;
  return hidden;
}
