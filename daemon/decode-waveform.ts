/** A burst in a message -> the signals of `model/waveform`. */
import { leastSamples, mostSamples, WaveformFeatures } from '../model/waveform.js';
import { ordersOf, type WaveformConfig } from './config-waveform.js';
import { follow, type JsonPath, parseJsonPath } from './json-path.js';
import type { Rejection } from './rejections.js';

const floatBytes = 4;

export class WaveformDecoder {
  /** Names of the signals, in the order of what `read` gives. */
  readonly names: readonly string[];
  readonly #features: WaveformFeatures;
  readonly #samples: JsonPath;
  readonly #rpm: JsonPath | number | undefined;
  readonly #scale: number;

  constructor({ signal, samples, rateHz, unit, scale, rpm, bearing }: WaveformConfig) {
    this.#features = new WaveformFeatures({ signal, rateHz, unit, bearing: ordersOf(bearing) });
    this.names = this.#features.signals.map(({ name }) => name);
    this.#samples = compile(samples);
    this.#rpm = typeof rpm === 'string' ? compile(rpm) : rpm;
    this.#scale = scale;
  }

  /** @returns why there is no burst, where there is none; NaN = a signal that this burst does not tell */
  read(row: unknown, root: unknown): Float64Array | Rejection {
    const find = (path: JsonPath) => follow(row, path) ?? follow(root, path);
    const raw = find(this.#samples);
    if (raw === undefined || raw === null) return 'no-waveform';
    const samples = samplesOf(raw, this.#scale);
    if (samples === undefined) return 'bad-waveform';
    const rpm = typeof this.#rpm === 'object' ? find(this.#rpm) : this.#rpm;
    return this.#features.of(samples, typeof rpm === 'number' ? rpm : Number.NaN);
  }
}

/** The schema has refused paths that do not parse. */
function compile(path: string): JsonPath {
  const parsed = parseJsonPath(path);
  return typeof parsed === 'string' ? [] : parsed;
}

function samplesOf(raw: unknown, scale: number): Float64Array | undefined {
  const list = typeof raw === 'string' ? floatsOf(raw) : raw;
  if (!Array.isArray(list) && !(list instanceof Float32Array)) return undefined;
  if (list.length < leastSamples) return undefined;
  const samples = new Float64Array(Math.min(list.length, mostSamples));
  for (let i = 0; i < samples.length; i++) {
    const value: unknown = list[i];
    if (typeof value !== 'number' || !Number.isFinite(value)) return undefined;
    samples[i] = value * scale;
  }
  return samples;
}

function floatsOf(text: string): Float32Array | undefined {
  const bytes = Buffer.from(text, 'base64');
  if (bytes.length % floatBytes !== 0) return undefined;
  return Float32Array.from({ length: bytes.length / floatBytes }, (_, i) => bytes.readFloatLE(floatBytes * i));
}
