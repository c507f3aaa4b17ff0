/** Each machine's time in three parts, in order, so that nothing that judges a network was seen by it. */
import type { Segment } from '../model/segment.js';

export interface Shares {
  readonly fit: number;
  readonly validate: number;
  readonly calibrate: number;
}

export interface Split {
  readonly fit: readonly Segment[];
  readonly validate: readonly Segment[];
  readonly calibrate: readonly Segment[];
}

/** A gap costs at most this share of a machine's frames. */
const mostGap = 0.02;

/**
 * Cuts the frames of one machine, in the order of time, into fit, validate and calibrate. Between two parts `gap` frames (fewer in short data) go to
 * neither: neighbours in time are alike. No window of one part holds a frame of another.
 */
export function splitByTime(segments: readonly Segment[], shares: Shares, gap: number, channels: number): Split {
  const ordered = segments.toSorted((a, b) => (a.timesMs[0] ?? 0) - (b.timesMs[0] ?? 0));
  const frames = ordered.reduce((sum, segment) => sum + segment.timesMs.length, 0);
  const a = Math.round(frames * shares.fit);
  const b = Math.round(frames * (shares.fit + shares.validate));
  const between = Math.min(gap, Math.floor(frames * mostGap));
  return {
    fit: cut(ordered, 0, a, channels),
    validate: cut(ordered, a + between, b, channels),
    calibrate: cut(ordered, b + between, frames, channels),
  };
}

/** Frames `from` up to `to`, counted through all segments; what is left of each segment stays one. */
export function cut(segments: readonly Segment[], from: number, to: number, channels: number): Segment[] {
  const parts: Segment[] = [];
  let start = 0;
  for (const { timesMs, values } of segments) {
    const [low, high] = [Math.max(0, from - start), Math.min(timesMs.length, to - start)];
    if (low < high)
      parts.push({ timesMs: timesMs.slice(low, high), values: values.slice(low * channels, high * channels) });
    start += timesMs.length;
  }
  return parts;
}

export function countFrames(segments: readonly Segment[]): number {
  return segments.reduce((sum, segment) => sum + segment.timesMs.length, 0);
}
