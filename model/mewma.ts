/** Multivariate exponentially weighted moving average of residuals (Lowry et al. 1992), whitened: the statistic for slow and small shifts. */
import { inverseSquareRoot, type Matrix } from './linalg.js';
import { grownSlots } from './slots.js';

export interface MewmaOptions {
  /** Weight of the newest residual. */
  readonly lambda: number;
  /** C x C, symmetric. */
  readonly whitening: Matrix;
}

/** Signals that move less than this, in units of their normal spread, are not divided by it. */
const varianceFloor = 1e-6;

/**
 * Symmetric inverse square root (ZCA, Kessy, Lewin & Strimmer 2018) of `(1 - shrink) * covariance + shrink * diag(covariance)`, so that
 * each whitened value stays as close as can be to its own signal, and shares of its square can be told as that signal's.
 */
export function learnWhitening(covariance: Matrix, shrink: number, floor = varianceFloor): number[][] {
  const shrunk = covariance.map((row, i) => row.map((value, j) => (i === j ? value : (1 - shrink) * value)));
  return inverseSquareRoot(shrunk, floor);
}

/** One average a slot: S <- (1 - lambda) S + lambda r, from 0; a missing signal's residual is 0 and lets its average fade. */
export class Mewma {
  private readonly channels: number;
  private readonly lambda: number;
  private readonly whitening: Float64Array;
  /** [slots * C] */
  private average = new Float64Array(0);

  constructor(options: MewmaOptions) {
    this.channels = options.whitening.length;
    this.lambda = options.lambda;
    this.whitening = Float64Array.from(options.whitening.flat());
  }

  /** Makes room for `slots` slots. */
  ensure(slots: number): void {
    const size = slots * this.channels;
    if (size <= this.average.length) return;
    const grown = new Float64Array(grownSlots(size, this.average.length));
    grown.set(this.average);
    this.average = grown;
  }

  reset(slot: number): void {
    this.average.fill(0, slot * this.channels, (slot + 1) * this.channels);
  }

  /**
   * Moves the average of `slot` by the residual at `from` of `residual`, and copies it to `to` of `into`.
   * @param out [C] 1 = the signal is out: its average is 0
   */
  smooth(slot: number, residual: Float32Array, from: number, into: Float32Array, to: number, out?: Uint8Array): void {
    const { channels: C, average, lambda } = this;
    for (let c = 0; c < C; c++) {
      const i = slot * C + c;
      const now = average[i] as number;
      const next = out !== undefined && out[c] === 1 ? 0 : now + lambda * ((residual[from + c] as number) - now);
      average[i] = next;
      into[to + c] = next;
    }
  }

  /** Like `smooth`, but writes the squares of the whitened average, 0 for signals that are out; returns their sum. */
  step(
    slot: number,
    residual: Float32Array,
    from: number,
    contribution: Float32Array,
    to: number,
    out?: Uint8Array,
  ): number {
    const { channels: C, average, whitening } = this;
    this.smooth(slot, residual, from, contribution, to, out);
    let score = 0;
    for (let i = 0; i < C; i++) {
      contribution[to + i] = 0;
      if (out !== undefined && out[i] === 1) continue;
      let w = 0;
      for (let j = 0; j < C; j++) w += (whitening[i * C + j] as number) * (average[slot * C + j] as number);
      contribution[to + i] = w * w;
      score += w * w;
    }
    return score;
  }
}
