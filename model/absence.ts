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
