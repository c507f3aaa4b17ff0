import { describe, expect, it } from 'vitest';
import { bearing6205, defectOrders } from '../../model/bearing.js';
import { bearingDefects, type WaveformOptions, waveform } from '../../simulator/waveform.js';

const orders = defectOrders(bearing6205);
const base: WaveformOptions = { seed: 1, rateHz: 12_800, samples: 16_384, shaftHz: 24 };

/** In-place radix-2 FFT (Cooley and Tukey 1965). */
function fft(re: Float64Array, im: Float64Array): void {
  const n = re.length;
  for (let i = 1, j = 0; i < n; i++) {
    let bit = n >> 1;
    for (; j & bit; bit >>= 1) j ^= bit;
    j ^= bit;
    if (i < j) {
      [re[i], re[j]] = [re[j]!, re[i]!];
      [im[i], im[j]] = [im[j]!, im[i]!];
    }
  }
  for (let size = 2; size <= n; size *= 2) {
    for (let from = 0; from < n; from += size) {
      for (let k = 0; k < size / 2; k++) {
        const angle = (-2 * Math.PI * k) / size;
        const [a, b] = [from + k, from + k + size / 2];
        const x = re[b]! * Math.cos(angle) - im[b]! * Math.sin(angle);
        const y = re[b]! * Math.sin(angle) + im[b]! * Math.cos(angle);
        [re[b], im[b]] = [re[a]! - x, im[a]! - y];
        [re[a], im[a]] = [re[a]! + x, im[a]! + y];
      }
    }
  }
}

/** Magnitudes by frequency bin of the squared envelope in 3-5 kHz (analytic signal by zeroing the other bins). */
function envelopeSpectrum(signal: Float32Array, rateHz: number): Float64Array {
  const n = signal.length;
  const [re, im] = [Float64Array.from(signal), new Float64Array(n)];
  fft(re, im);
  for (let k = 0; k < n; k++) {
    const hz = (k * rateHz) / n;
    if (hz < 3000 || hz > 5000) re[k] = im[k] = 0;
  }
  // The inverse is the forward transform of the conjugate, but for a conjugation and scale that a magnitude ignores.
  for (let k = 0; k < n; k++) im[k] = -im[k]!;
  fft(re, im);
  const envelope = re.map((x, i) => x ** 2 + im[i]! ** 2);
  const mean = envelope.reduce((a, b) => a + b) / n;
  const [er, ei] = [envelope.map((x) => x - mean), new Float64Array(n)];
  fft(er, ei);
  return er.map((x, i) => Math.hypot(x, ei[i]!));
}

/** Order of the tallest line between two orders. */
function peakOrder(spectrum: Float64Array, options: WaveformOptions, low: number, high: number): number {
  const perBin = options.rateHz / options.samples / options.shaftHz;
  let best = Math.ceil(low / perBin);
  for (let k = best; k * perBin < high; k++) if (spectrum[k]! > spectrum[best]!) best = k;
  return best * perBin;
}

function rms(x: Float32Array): number {
  return Math.sqrt(x.reduce((sum, v) => sum + v * v, 0) / x.length);
}

describe('defectOrders', () => {
  it('of a 6205 are the published ones', () => {
    expect(orders.cage).toBeCloseTo(0.3983, 4);
    expect(orders.outerRace).toBeCloseTo(3.585, 3);
    expect(orders.innerRace).toBeCloseTo(5.415, 3);
    expect(orders.ballSpin).toBeCloseTo(2.357, 3);
  });

  it('balls pass both races together as often as there are balls; contact angles slow the inner race', () => {
    expect(orders.outerRace + orders.innerRace).toBeCloseTo(9, 12);
    expect(defectOrders({ ...bearing6205, contactAngle: 0.5 }).innerRace).toBeLessThan(orders.innerRace);
  });
});

describe('waveform', () => {
  it('is the same for the same seed, and as long as asked', () => {
    expect(waveform(base)).toEqual(waveform(base));
    expect(waveform({ ...base, seed: 2 })).not.toEqual(waveform(base));
    expect(waveform({ ...base, samples: 4096 })).toHaveLength(4096);
  });

  const expected = { 'outer-race': orders.outerRace, 'inner-race': orders.innerRace, ball: 2 * orders.ballSpin };

  it.each(
    bearingDefects.flatMap((defect) =>
      [12_800, 25_600].flatMap((rateHz) => [18, 24.5].map((shaftHz) => [defect, rateHz, shaftHz] as const)),
    ),
  )('%s at %i Hz, shaft %d Hz: the envelope peaks within 3 %% of the defect order', (defect, rateHz, shaftHz) => {
    for (const seed of [1, 2, 3]) {
      const options = {
        ...base,
        rateHz,
        samples: (rateHz / 12_800) * base.samples,
        shaftHz,
        seed,
        defect,
        severity: 0.8,
      };
      const peak = peakOrder(envelopeSpectrum(waveform(options), rateHz), options, 1.5, 7);
      expect(Math.abs(peak / expected[defect] - 1)).toBeLessThan(0.03);
    }
  });

  it('a small defect shows in the envelope long before it shows in RMS', () => {
    const small = { ...base, defect: 'outer-race', severity: 0.25 } as const;
    expect(rms(waveform(small)) / rms(waveform(base))).toBeLessThan(1.1);
    const line = (options: WaveformOptions): number => {
      const spectrum = envelopeSpectrum(waveform(options), options.rateHz);
      const bin = (orders.outerRace * options.shaftHz * options.samples) / options.rateHz;
      const near = spectrum.slice(Math.floor(bin * 0.97), Math.ceil(bin * 1.03));
      const median = [...spectrum.slice(20, 400)].sort((a, b) => a - b)[190]!;
      return Math.max(...near) / median;
    };
    expect(line(small)).toBeGreaterThan(2 * line(base));
  });

  it('imbalance is once a turn and grows with the square of speed', () => {
    const order = (shaftHz: number): { peak: number; height: number } => {
      const options = { ...base, shaftHz, noise: 0.2, misalignment: 0.1, ripple: 0 };
      const [re, im] = [Float64Array.from(waveform(options)), new Float64Array(base.samples)];
      fft(re, im);
      const spectrum = re.map((x, i) => Math.hypot(x, im[i]!));
      const peak = peakOrder(spectrum, options, 0.3, 8);
      return { peak, height: Math.max(...spectrum.slice(0, 400)) };
    };
    // Both speeds fall on a bin: 12800 / 16384 Hz.
    const [slow, fast] = [order(12.5), order(25)];
    expect(slow.peak).toBeCloseTo(1, 2);
    expect(fast.peak).toBeCloseTo(1, 2);
    expect(fast.height / slow.height).toBeCloseTo(4, 0.5);
  });
});
