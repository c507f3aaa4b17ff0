/**
 * Vibration bursts -> signals: what an analyst reads off a burst of acceleration becomes numbers that detectors follow like any other signal of the machine.
 * Training and daemon take them from here, so that nothing is computed twice in two ways.
 */
import FFT from 'fft.js';
import type { DefectOrders } from './bearing.js';
import { EnvelopeLines } from './envelope-lines.js';

export const accelerationUnits = { 'm/s2': 1, g: 9.80665 } as const;
export type AccelerationUnit = keyof typeof accelerationUnits;

export interface WaveformOptions {
  /** What its signals' names begin with. */
  readonly signal: string;
  readonly rateHz: number;
  readonly unit: AccelerationUnit;
  /** Without: no lines of bearing defects. */
  readonly bearing?: DefectOrders | undefined;
}

/** One signal of a burst. */
export interface WaveformSignal {
  readonly name: string;
  readonly unit: string;
  readonly description: string;
}

/** Shorter bursts hold no turn of a shaft. */
export const leastSamples = 1024;
export const mostSamples = 65_536;

/** Analysers look up to the rate over 2.56, where their anti-aliasing filters begin. */
const usable = 2.56;
const octaves = 6;
/** The band of ISO 20816-3's vibration severity, Hz. */
const [severityFrom, severityTo] = [10, 1000];
const noiseKurtosis = 3;
/** In (m/s2)^2: what is quieter is the last bit of the sensor. */
const leastPower = 1e-8;

/** The largest power of two that a burst holds. */
export function usedSamples(length: number): number {
  return 2 ** Math.min(Math.log2(mostSamples), Math.floor(Math.log2(length)));
}

export class WaveformFeatures {
  readonly signals: readonly WaveformSignal[];
  /** Edges of the bands, Hz, rising; the lowest begins where vibration severity does. */
  private readonly edges: readonly number[];
  private readonly lines: EnvelopeLines | undefined;
  private transform = new FFT(leastSamples);
  private samples = new Float64Array(leastSamples);
  private window = hann(leastSamples);
  private spectrum = new Float64Array(2 * leastSamples);
  private windowed = new Float64Array(2 * leastSamples);

  constructor(private readonly options: WaveformOptions) {
    const { signal, rateHz, unit, bearing } = options;
    const highest = rateHz / usable;
    this.edges = [severityFrom, ...Array.from({ length: octaves + 1 }, (_, i) => highest / 2 ** (octaves - i))];
    this.lines = bearing && new EnvelopeLines(rateHz, bearing);
    const hz = (i: number) => Math.round(this.edges[i] ?? 0);
    this.signals = [
      { name: 'rms', unit, description: 'root mean square' },
      { name: 'crest', unit: 'dB', description: 'crest factor: largest deviation over the root mean square' },
      { name: 'kurtosis', unit: 'dB', description: 'kurtosis over that of noise, which is 3: more for knocks' },
      {
        name: 'velocity',
        unit: 'mm/s',
        description: `vibration severity: root mean square of velocity, ${severityFrom}-${severityTo} Hz`,
      },
      ...this.edges.slice(1).map((_, i) => ({
        name: `band-${hz(i)}-${hz(i + 1)}`,
        unit: 'dB',
        description: `power between ${hz(i)} and ${hz(i + 1)} Hz, over (1 m/s2)^2`,
      })),
      ...(this.lines?.names.map((name) => ({
        name,
        unit: 'dB',
        description: `lines of a ${name} defect in the spectrum of the squared envelope, over its median`,
      })) ?? []),
    ].map((one) => ({ ...one, name: `${signal}.${one.name}` }));
  }

  /**
   * @param burst at least `leastSamples` samples in the unit of the options, the first `usedSamples` of which are looked at
   * @param rpm of the shaft; NaN = unknown
   * @returns in the order of `signals`; NaN = not to be told from this burst
   */
  of(burst: ArrayLike<number>, rpm = Number.NaN): Float64Array {
    const n = usedSamples(burst.length);
    this.reserve(n);
    const { samples, spectrum, windowed, window, edges, options } = this;
    const factor = accelerationUnits[options.unit];
    let mean = 0;
    for (let i = 0; i < n; i++) mean += (burst[i] as number) / n;
    let [square, fourth, peak] = [0, 0, 0];
    for (let i = 0; i < n; i++) {
      const x = ((burst[i] as number) - mean) * factor;
      samples[i] = x;
      square += (x * x) / n;
      fourth += x ** 4 / n;
      peak = Math.max(peak, Math.abs(x));
    }
    const out = new Float64Array(this.signals.length);
    const rms = Math.sqrt(square);
    out[0] = rms / factor;
    // In decibels what a sick machine scatters is as much as what a healthy one does, and no spike of the sensor.
    out[1] = 20 * Math.log10(peak / rms);
    out[2] = 10 * Math.log10(fourth / square ** 2 / noiseKurtosis);

    for (let i = 0; i < n; i++) windowed[i] = (samples[i] as number) * (window[i] as number);
    this.transform.realTransform(spectrum, windowed.subarray(0, n));
    const power = (k: number) => 2 * ((spectrum[2 * k] as number) ** 2 + (spectrum[2 * k + 1] as number) ** 2);
    const stepHz = options.rateHz / n;
    let velocity = 0;
    for (let k = Math.ceil(severityFrom / stepHz); k * stepHz <= severityTo && k < n / 2; k++)
      velocity += power(k) / (2 * Math.PI * k * stepHz) ** 2;
    out[3] = 1000 * Math.sqrt(velocity);
    for (let b = 0; b + 1 < edges.length; b++) {
      let sum = 0;
      const to = Math.min(n / 2, (edges[b + 1] as number) / stepHz);
      for (let k = Math.ceil((edges[b] as number) / stepHz); k < to; k++) sum += power(k);
      out[4 + b] = 10 * Math.log10(sum + leastPower);
    }
    if (this.lines !== undefined) out.set(this.lines.of(samples.subarray(0, n), rpm), 3 + edges.length);
    return out;
  }

  private reserve(n: number): void {
    if (this.samples.length === n) return;
    this.transform = new FFT(n);
    this.samples = new Float64Array(n);
    this.window = hann(n);
    this.spectrum = new Float64Array(2 * n);
    this.windowed = new Float64Array(n);
  }
}

/** Hann's window, scaled so that the squares of a windowed spectrum add up to the mean square. */
function hann(n: number): Float64Array {
  const scale = Math.sqrt(8 / 3) / n;
  return Float64Array.from({ length: n }, (_, i) => scale * Math.sin((Math.PI * i) / n) ** 2);
}
