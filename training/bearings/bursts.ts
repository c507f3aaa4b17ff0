/** Recordings of bearings, cut into bursts, and who may learn from which. */
import type { BearingRecording } from '../sets/cwru.js';

export const burstSamples = 4096;

export interface LabelledBurst {
  /** Index in `bearingClasses`. */
  readonly label: number;
  readonly rpm: number;
  /** `burstSamples` long. */
  readonly samples: Float32Array;
}

/** One way to share recordings out. */
export interface Split {
  /** What is left out: `.007 in`, or `random bursts`. */
  readonly name: string;
  readonly train: readonly LabelledBurst[];
  readonly test: readonly LabelledBurst[];
}

/** Bursts that are learned from overlap: each begins so many samples after the one before. */
const hop = burstSamples / 2;

function cut({ rpm, samples }: BearingRecording, label: number, step: number, from = 0, to = 1): LabelledBurst[] {
  const [first, end] = [Math.floor(from * samples.length), Math.floor(to * samples.length)];
  const count = Math.max(0, Math.floor((end - first - burstSamples) / step) + 1);
  return Array.from({ length: count }, (_, i) => {
    const start = first + i * step;
    return { label, rpm, samples: samples.subarray(start, start + burstSamples) };
  });
}

/**
 * Leaves out each size of fault in turn: a fault that grows is not the one that was learned. There is one recording of a healthy bearing, or few of the same machine: their first half is learned from,
 * their second half judged.
 */
export function leaveSizesOut(
  recordings: readonly BearingRecording[],
  labelOf: (one: BearingRecording) => number,
): Split[] {
  const sizes = [...new Set(recordings.map(({ sizeMil }) => sizeMil))].filter((size) => size > 0).sort((a, b) => a - b);
  const each = (step: number, keep: (size: number) => boolean, half: readonly [number, number]) =>
    recordings.flatMap((one) => {
      if (one.sizeMil === 0) return cut(one, labelOf(one), step, ...half);
      return keep(one.sizeMil) ? cut(one, labelOf(one), step) : [];
    });
  return sizes.map((left) => ({
    name: `.${String(left).padStart(3, '0')} in`,
    train: each(hop, (size) => size !== left, [0, 0.5]),
    test: each(burstSamples, (size) => size === left, [0.5, 1]),
  }));
}

/** What most papers do: every fifth burst of every recording is judged, the bursts around it have been learned. It flatters. */
export function shuffledSplit(
  recordings: readonly BearingRecording[],
  labelOf: (one: BearingRecording) => number,
): Split {
  const all = recordings.flatMap((one) => cut(one, labelOf(one), burstSamples));
  return {
    name: 'random bursts',
    train: all.filter((_, i) => i % 5 !== 0),
    test: all.filter((_, i) => i % 5 === 0),
  };
}
