/** Health limits learned from normal data: wide, because a sick machine must not be taken for a broken sensor. */
import type { HealthLimits } from './manifest.js';

/**
 * The range reaches beyond what was seen by this many spans of it, and as many times its largest magnitude: only error codes and dead rails lie outside. Vibration of
 * a sick machine is three times what was normal, and a hundred times the span of it.
 */
const rangeFactor = 10;
/** A jump is this many times the 99.9 % quantile of normal steps: a signal that seldom moves fast has jumped long before it has left its range. */
const stepFactor = 3;
/** Jumps that normal operation makes now and then are none; of the largest steps this many may be faults in the recording, there and back. */
const rareFactor = 1.5;
const rareSteps = 4;
/** Changes up to this part of the median change count as none. */
const flatShare = 0.01;
/** Stuck = this many times the longest flat run of normal operation, and at least `minFlatFrames`. */
const flatFactor = 4;
const minFlatFrames = 20;
/** A signal that is flat for a longer part of the data than this is constant by nature, or so coarse that it looks so. */
const flatByNature = 0.1;

/** Value at `share` of a sorted array, 0 for an empty one. */
function quantile(sorted: Float32Array, share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0;
}

/** @param segments frames [n*C] each, in engineering units, NaN = missing; returns one entry a channel */
export function learnHealthLimits(segments: readonly Float32Array[], channels: number): HealthLimits[] {
  return Array.from({ length: channels }, (_, c) => {
    const series = segments.map((frames) => frames.filter((_, i) => i % channels === c));
    return learnOne(series);
  });
}

function learnOne(series: readonly Float32Array[]): HealthLimits {
  const values = Float32Array.from(series.flatMap((s) => [...s.filter((v) => !Number.isNaN(v))])).sort();
  const steps = Float32Array.from(
    series.flatMap((s) =>
      Array.from(s.subarray(1), (v, i) => Math.abs(v - (s[i] as number))).filter((d) => !Number.isNaN(d)),
    ),
  ).sort();
  const min = values[0] ?? 0;
  const max = values.at(-1) ?? 0;
  const low = quantile(values, 0.0005);
  const high = quantile(values, 0.9995);
  const magnitude = Math.max(Math.abs(low), Math.abs(high));
  // A signal that never varied has no yardstick but its own size.
  const margin = rangeFactor * (high - low + magnitude) || 1;
  const rare = steps[steps.length - 1 - rareSteps] ?? steps.at(-1) ?? 0;
  const maxStep = Math.max(stepFactor * quantile(steps, 0.999), rareFactor * rare) || margin;
  const moved = steps.subarray(steps.lastIndexOf(0) + 1);
  const flatRange = flatShare * quantile(moved, 0.5);
  const longest = longestFlatRun(series, flatRange);
  const constant = moved.length === 0 || longest > flatByNature * Math.max(...series.map((s) => s.length));
  return {
    min: Math.min(min, low - margin),
    max: Math.max(max, high + margin),
    maxStep,
    flatFrames: constant ? 0 : Math.max(minFlatFrames, flatFactor * longest),
    flatRange,
  };
}

/** Frames after the first that stay within `flatRange` of it, counted as `Health` does. */
function longestFlatRun(series: readonly Float32Array[], flatRange: number): number {
  let longest = 0;
  for (const segment of series) {
    let from = Number.NaN;
    let run = 0;
    for (const value of segment) {
      if (Number.isNaN(value)) continue;
      if (Math.abs(value - from) <= flatRange) run++;
      else {
        from = value;
        run = 0;
      }
      longest = Math.max(longest, run);
    }
  }
  return longest;
}
