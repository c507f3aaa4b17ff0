/** Signals that are out, and how much larger the others' deviations are without them: what keeps the alarm budget while a sensor is broken. */
import type { DetectorOutputs } from './detector.js';
import type { DetectorManifest } from './manifest.js';
import { grownSlots } from './slots.js';

/**
 * Which signals of each slot are out: those that are missing, and those that came back less than `settleFrames` ago, as networks have yet to take them up and what
 * they forecast for them meanwhile is worth nothing.
 */
export class Absence {
  /** Frames that each signal still is out: [slots * C] */
  private left = new Uint32Array(0);
  /** [rows*C] of the frames that were taken last; 1 = out. */
  out: Uint8Array;
  /** [rows] signals of each that are out. */
  count = new Uint16Array(1);

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

  /** Makes room for `rows` frames to be told of at a time. */
  reserve(rows: number): void {
    if (rows <= this.count.length) return;
    this.count = new Uint16Array(rows);
    this.out = new Uint8Array(rows * this.channels);
  }

  /** Takes the frame at `from` of `values` (NaN = missing) as the next of `slot`; it is told of as `row`. */
  update(slot: number, values: Float32Array, from: number, row = 0): void {
    const { channels: C, left, out } = this;
    let count = 0;
    for (let c = 0; c < C; c++) {
      const i = slot * C + c;
      const was = left[i] as number;
      const missing = Number.isNaN(values[from + c]);
      if (missing) left[i] = this.settleFrames;
      else if (was > 0) left[i] = was - 1;
      const isOut = missing || was > 0 ? 1 : 0;
      out[row * C + c] = isOut;
      count += isOut;
    }
    this.count[row] = count;
  }

  /** [C] flags of `row`; undefined where nothing is out. */
  outOf(row: number): Uint8Array | undefined {
    return this.count[row] === 0 ? undefined : this.out.subarray(row * this.channels, (row + 1) * this.channels);
  }

  /** Product of the factors of what is out: errors that two signals leave add up, and where they share what is lost it is on the safe side. */
  growth(factors: readonly number[] | undefined, row = 0): number {
    if (this.count[row] === 0 || factors === undefined) return 1;
    let growth = 1;
    for (let c = 0; c < this.channels; c++) if (this.out[row * this.channels + c] === 1) growth *= factors[c] ?? 1;
    return growth;
  }

  /** The part of a graph's score of its frame `i` that is not of signals that are out in `row`. */
  scoreWithout({ score, contribution }: DetectorOutputs, i: number, row = 0): number {
    if (this.count[row] === 0) return score[i] as number;
    const C = this.channels;
    let rest = 0;
    for (let c = 0; c < C; c++) if (this.out[row * C + c] === 0) rest += contribution[i * C + c] as number;
    return rest;
  }
}

/** Frames after its return in which a signal still counts as out: until the window is free of the hole, or the memory full again. */
export function settleFramesOf({ window, warmupFrames }: Pick<DetectorManifest, 'window' | 'warmupFrames'>): number {
  return Math.max(window - 1, warmupFrames);
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
