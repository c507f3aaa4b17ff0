/** A detector's residual against a baseline that follows slow drift: whitened moving average, and how strange it is. */
import type { Tracking } from './manifest.js';
import { grownSlots } from './slots.js';

/** What one frame is scored with; row-wise views of a detector's outputs. */
export interface TrackedFrame {
  /** Residuals, [C] from `at`. */
  readonly residual: Float32Array;
  /** [C] 1 = the signal is out: nothing is said of it. */
  readonly out: Uint8Array;
  readonly at: number;
}

/** How the baseline moves in one frame. */
export type Pace = 'slow' | 'settling' | 'alarm';

/**
 * Per slot and signal, with x = (residual - level) / spread: r = x - b, S <- S + lambda (r - S), b <- b + gain r. Statistic: |W (S / norm)|^2.
 * A baseline that moves at all times would learn an anomaly as normal: in an alarm it stands still for all signals but those that wander anyway, which leak.
 */
export class Tracker {
  readonly channels: number;
  private readonly whitening: Float64Array;
  // [slots * C]
  private baseline = new Float64Array(0);
  private average = new Float64Array(0);
  /** [slots * recall * C] the newest x, a ring; NaN = missing. */
  private recent = new Float64Array(0);
  private position = new Uint32Array(0);
  /** [C] S / norm of the newest frame. */
  readonly deviation: Float64Array;
  /** [C] squares of its whitened form; they sum to the statistic. */
  readonly squares: Float64Array;

  /** @param recall frames whose mean is the new baseline after a return */
  constructor(
    private readonly tracking: Tracking,
    private readonly settleGain: number,
    private readonly recall: number,
  ) {
    this.channels = tracking.level.length;
    this.whitening = Float64Array.from(tracking.whitening.flat());
    this.deviation = new Float64Array(this.channels);
    this.squares = new Float64Array(this.channels);
  }

  /** Makes room for `slots` slots. */
  ensure(slots: number): void {
    const before = this.position.length;
    if (slots <= before) return;
    const size = grownSlots(slots, before);
    const grow = <T extends Float64Array | Uint32Array>(fresh: T, old: T): T => {
      fresh.set(old);
      return fresh;
    };
    const C = this.channels;
    this.baseline = grow(new Float64Array(size * C), this.baseline);
    this.average = grow(new Float64Array(size * C), this.average);
    const width = this.recall * C;
    this.recent = grow(new Float64Array(size * width).fill(Number.NaN, before * width), this.recent);
    this.position = grow(new Uint32Array(size), this.position);
  }

  reset(slot: number): void {
    const C = this.channels;
    this.baseline.fill(0, slot * C, (slot + 1) * C);
    this.average.fill(0, slot * C, (slot + 1) * C);
    this.recent.fill(Number.NaN, slot * this.recall * C, (slot + 1) * this.recall * C);
    this.position[slot] = 0;
  }

  /** Takes in the next frame of `slot`, against the baseline as it was before it; returns the statistic. */
  observe(slot: number, { residual, out, at }: TrackedFrame): number {
    const { channels: C, tracking, average, baseline, deviation, squares, whitening } = this;
    const { level, spread, norm, lambda } = tracking;
    const position = this.position[slot] as number;
    const ring = (slot * this.recall + (position % this.recall)) * C;
    this.position[slot] = position + 1;
    for (let c = 0; c < C; c++) {
      const i = slot * C + c;
      const missing = out[c] === 1;
      const x = ((residual[at + c] as number) - (level[c] as number)) / (spread[c] as number);
      this.recent[ring + c] = missing ? Number.NaN : x;
      // A missing signal's average fades: nothing is said of it.
      const r = missing ? 0 : x - (baseline[i] as number);
      const next = (average[i] as number) + lambda * (r - (average[i] as number));
      average[i] = next;
      deviation[c] = next / (norm[c] as number);
    }
    let statistic = 0;
    for (let i = 0; i < C; i++) {
      let w = 0;
      for (let j = 0; j < C; j++) w += (whitening[i * C + j] as number) * (deviation[j] as number);
      squares[i] = w * w;
      statistic += w * w;
    }
    return statistic;
  }

  /** Moves the baseline of `slot` by its newest frame. */
  follow(slot: number, pace: Pace): void {
    const { channels: C, tracking, settleGain } = this;
    const ring = (slot * this.recall + (((this.position[slot] as number) - 1) % this.recall)) * C;
    for (let c = 0; c < C; c++) {
      const i = slot * C + c;
      const x = this.recent[ring + c] as number;
      if (Number.isNaN(x)) continue;
      const slow = tracking.gain[c] as number;
      const gain =
        pace === 'alarm' ? (tracking.leak[c] as number) : pace === 'settling' ? Math.max(slow, settleGain) : slow;
      this.baseline[i] = (this.baseline[i] as number) + gain * (x - (this.baseline[i] as number));
    }
  }

  /** What came last is normal from now on. */
  rebase(slot: number): void {
    const { channels: C, recall } = this;
    for (let c = 0; c < C; c++) {
      let sum = 0;
      let n = 0;
      for (let k = 0; k < recall; k++) {
        const x = this.recent[(slot * recall + k) * C + c] as number;
        if (Number.isNaN(x)) continue;
        sum += x;
        n++;
      }
      if (n > 0) this.baseline[slot * C + c] = sum / n;
      this.average[slot * C + c] = 0;
    }
  }

  /** What signal `c` is expected to deviate by from the detector's own expectation, in units of its residual. */
  offset(slot: number, c: number): number {
    const { level, spread } = this.tracking;
    return (level[c] as number) + (spread[c] as number) * (this.baseline[slot * this.channels + c] as number);
  }
}
