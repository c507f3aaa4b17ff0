/** Training examples cut from scaled segments: where each starts, and batches of them as flat arrays. */
import type { Random } from '../model/random.js';
import type { ScaledFrames } from './scaler.js';

export interface WindowSet {
  readonly frames: readonly ScaledFrames[];
  readonly channels: number;
  /** Frames of one window. */
  readonly length: number;
  /** Segment and first frame of each window; a window never crosses two segments. */
  readonly starts: readonly { readonly segment: number; readonly at: number }[];
}

/** All windows of `length` frames, `stride` apart, aligned to each segment's end so that the newest frames are in. */
export function cutWindows(
  frames: readonly ScaledFrames[],
  channels: number,
  length: number,
  stride: number,
): WindowSet {
  const starts = frames.flatMap(({ n }, segment) => {
    const count = n < length ? 0 : Math.floor((n - length) / stride) + 1;
    return Array.from({ length: count }, (_, k) => ({ segment, at: n - length - (count - 1 - k) * stride }));
  });
  return { frames, channels, length, starts };
}

/** How a window is spoiled so that a network learns to do without a signal. */
export interface Spoiling {
  /** Probability that a signal is missing from a whole window. */
  readonly dropSignal: number;
  /** Probability that a single value is missing. */
  readonly dropValue: number;
  /** Standard deviation of the noise on values, in normal spreads. */
  readonly noise: number;
}

/** A batch: `input` [B, L, 2C] = values and known flags, spoiled; `target` and `weight` [B, L, C] as they were. */
export interface WindowBatch {
  readonly size: number;
  readonly input: Float32Array;
  readonly target: Float32Array;
  /** 1 where `target` is known. */
  readonly weight: Float32Array;
}

/** @param random spoils the input; without it the input is what was recorded */
export function gather(set: WindowSet, rows: readonly number[], spoiling: Spoiling, random?: Random): WindowBatch {
  const { channels: C, length: L } = set;
  const input = new Float32Array(rows.length * L * 2 * C);
  const target = new Float32Array(rows.length * L * C);
  const weight = new Float32Array(rows.length * L * C);
  const dropped = new Uint8Array(C);
  rows.forEach((row, b) => {
    const { segment, at } = set.starts[row] as { segment: number; at: number };
    const { values, known } = set.frames[segment] as ScaledFrames;
    const from = at * C;
    target.set(values.subarray(from, from + L * C), b * L * C);
    weight.set(known.subarray(from, from + L * C), b * L * C);
    for (let c = 0; c < C; c++) dropped[c] = random?.chance(spoiling.dropSignal) ? 1 : 0;
    for (let t = 0; t < L; t++) {
      for (let c = 0; c < C; c++) {
        const source = from + t * C + c;
        if (known[source] === 0 || dropped[c] === 1 || random?.chance(spoiling.dropValue)) continue;
        const i = (b * L + t) * 2 * C + c;
        input[i] = (values[source] as number) + (random && spoiling.noise > 0 ? random.normal(0, spoiling.noise) : 0);
        input[i + C] = 1;
      }
    }
  });
  return { size: rows.length, input, target, weight };
}

/** Frames `from` to before `to` of windows of `length` frames. @param array [B, length, width] @returns [B, to - from, width] */
export function cutFrames(array: Float32Array, length: number, width: number, from: number, to: number): Float32Array {
  const windows = array.length / (length * width);
  const cut = new Float32Array(windows * (to - from) * width);
  for (let b = 0; b < windows; b++)
    cut.set(array.subarray((b * length + from) * width, (b * length + to) * width), b * (to - from) * width);
  return cut;
}
