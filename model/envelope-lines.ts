/** How clearly bearing defects knock: their lines in the spectrum of the squared envelope (Randall & Antoni, MSSP 2011). */
import FFT from 'fft.js';
import type { DefectOrders } from './bearing.js';

/** A defect rings some resonance, nobody knows which: the band in which its lines stand out most counts. The lowest holds the shaft's own orders and is left out. */
const bands = 8;
const harmonics = 3;
/** Rolling elements slip: a line lies within this share of where geometry puts it, */
const slip = 0.015;
/** or this many bins. */
const leastBins = 1.5;

export class EnvelopeLines {
  /** In the order of results. */
  readonly names = ['outer-race', 'inner-race', 'ball', 'cage'] as const;
  private readonly orders: readonly number[];
  private whole = new FFT(2);
  private part = new FFT(2);

  constructor(
    private readonly rateHz: number,
    { outerRace, innerRace, ballSpin, cage }: DefectOrders,
  ) {
    // A spot on a ball strikes both races.
    this.orders = [outerRace, innerRace, 2 * ballSpin, cage];
  }

  /**
   * @param samples as many as a power of two, without their mean
   * @returns dB over the median of the spectrum, mean over harmonics, in the order of `names`; NaN without a speed, or with one too fast for the rate
   */
  of(samples: Float64Array, rpm: number): Float64Array {
    const best = new Float64Array(this.names.length).fill(Number.NaN);
    if (!(rpm > 0)) return best;
    const n = samples.length;
    const short = n / bands;
    if (this.whole.size !== n) {
      this.whole = new FFT(n);
      this.part = new FFT(short);
    }
    const spectrum = new Float64Array(2 * n);
    this.whole.realTransform(spectrum, samples);
    const shaftBins = rpm / 60 / (this.rateHz / n);
    const width = short / 2;
    for (let band = 1; band < bands; band++) {
      const envelope = this.squaredEnvelope(spectrum, band * width, short);
      const floor = median(envelope);
      if (!(floor > 0)) continue;
      this.orders.forEach((order, d) => {
        const level = lineLevel(envelope, order * shaftBins, floor);
        if (level > (best[d] as number) || Number.isNaN(best[d])) best[d] = level;
      });
    }
    return best;
  }

  /** Amplitudes of bins 1.. of the squared envelope of half as many bins of `spectrum` as `short` from `from` on; [0] is bin 1. */
  private squaredEnvelope(spectrum: Float64Array, from: number, short: number): Float64Array {
    const width = short / 2;
    const analytic = new Float64Array(2 * short);
    analytic.set(spectrum.subarray(2 * from, 2 * (from + width)));
    const signal = new Float64Array(2 * short);
    this.part.inverseTransform(signal, analytic);
    const square = new Float64Array(short);
    for (let i = 0; i < short; i++) square[i] = (signal[2 * i] as number) ** 2 + (signal[2 * i + 1] as number) ** 2;
    const out = new Float64Array(2 * short);
    this.part.realTransform(out, square);
    return Float64Array.from({ length: width - 1 }, (_, i) =>
      Math.hypot(out[2 * i + 2] as number, out[2 * i + 3] as number),
    );
  }
}

/** @param bin of the first harmonic, with a fraction */
function lineLevel(amplitudes: Float64Array, bin: number, floor: number): number {
  let [sum, count] = [0, 0];
  for (let h = 1; h <= harmonics; h++) {
    // Where a turn of the cage is hardly longer than the burst, a line must not reach to the next.
    const half = Math.min(Math.max(leastBins, slip * h * bin), bin / 2);
    const [from, to] = [Math.max(1, Math.round(h * bin - half)), Math.round(h * bin + half)];
    if (to > amplitudes.length) break;
    let largest = 0;
    for (let k = from; k <= to; k++) largest = Math.max(largest, amplitudes[k - 1] as number);
    sum += 20 * Math.log10(largest / floor);
    count++;
  }
  return count === 0 ? Number.NaN : sum / count;
}

function median(values: Float64Array): number {
  return values.toSorted()[values.length >> 1] as number;
}
