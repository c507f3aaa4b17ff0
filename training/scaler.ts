/** What is normal for each signal: a robust centre and spread. */
import type { Segment } from '../model/segment.js';

/** [C] each, engineering units; numbers of float32, so that training, graph and reference scale by the same. */
export interface Scaler {
  readonly center: readonly number[];
  /** Above 0. */
  readonly scale: readonly number[];
  /** Signals that never changed. */
  readonly constant: readonly boolean[];
}

/** Makes the median absolute deviation of Gaussian data its standard deviation. */
const madToSigma = 1.4826;
/** A spread is at least this share of the standard deviation: coarse or two-state signals have a median deviation of 0. */
const leastSigma = 0.25;
/** A constant signal's change is told in units of this share of its value. */
const constantShare = 0.01;
/** float32 can't tell smaller changes of a value apart. */
const resolution = 1e-6;

/** Median and 1.4826 * median absolute deviation of each signal, missing values left out. */
export function fitScaler(segments: readonly Segment[], channels: number): Scaler {
  const columns = Array.from({ length: channels }, (_, c) => fitColumn(column(segments, channels, c)));
  return {
    center: columns.map(({ center }) => Math.fround(center)),
    scale: columns.map(({ scale }) => Math.fround(scale)),
    constant: columns.map(({ constant }) => constant),
  };
}

/** All known values of channel `c`. */
export function column(segments: readonly Segment[], channels: number, c: number): Float64Array {
  const rows = segments.reduce((sum, segment) => sum + segment.timesMs.length, 0);
  const values = new Float64Array(rows);
  let known = 0;
  for (const { values: frames } of segments) {
    for (let i = c; i < frames.length; i += channels) {
      const value = frames[i] as number;
      if (!Number.isNaN(value)) values[known++] = value;
    }
  }
  return values.subarray(0, known);
}

export function median(values: Float64Array): number {
  const sorted = values.toSorted();
  const middle = sorted.length >> 1;
  if (sorted.length === 0) return Number.NaN;
  return sorted.length % 2 === 1
    ? (sorted[middle] as number)
    : ((sorted[middle - 1] as number) + (sorted[middle] as number)) / 2;
}

function fitColumn(values: Float64Array): { center: number; scale: number; constant: boolean } {
  if (values.length === 0) return { center: 0, scale: 1, constant: true };
  const center = median(values);
  const spread = madToSigma * median(values.map((value) => Math.abs(value - center)));
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const sigma = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
  const constant = sigma <= resolution * Math.max(Math.abs(center), Number.MIN_VALUE);
  if (constant) return { center, scale: Math.abs(center) * constantShare || 1, constant };
  return { center, scale: Math.max(spread, leastSigma * sigma, resolution * Math.abs(center)), constant };
}

/** `(x - center) / scale`, clipped to +-`limit`; `known` tells where there is a value, elsewhere both are 0. */
export interface ScaledFrames {
  readonly n: number;
  /** [n*C] */
  readonly values: Float32Array;
  /** [n*C] 1 or 0 */
  readonly known: Float32Array;
}

/** What enters a network is clipped to +-8 spreads; the residual that is scored never is. */
export const inputLimit = 8;

export function scaleFrames(segment: Segment, scaler: Scaler, limit: number): ScaledFrames {
  const C = scaler.center.length;
  const values = new Float32Array(segment.values.length);
  const known = new Float32Array(segment.values.length);
  for (let i = 0; i < values.length; i++) {
    const raw = segment.values[i] as number;
    if (Number.isNaN(raw)) continue;
    const z = (raw - (scaler.center[i % C] as number)) / (scaler.scale[i % C] as number);
    values[i] = Math.min(limit, Math.max(-limit, z));
    known[i] = 1;
  }
  return { n: segment.timesMs.length, values, known };
}
