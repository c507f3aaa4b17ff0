/** How often the alarm statistic peaks under normal operation, and the level that keeps an alarm budget. */
import type { PeakTable } from './manifest.js';

export interface PeakOptions {
  /** Frames below the threshold that end a peak. */
  readonly runFrames?: number;
  /** Share of frames above the threshold; by sample size where not given. */
  readonly rate?: number;
}

/** @param series alarm statistic of consecutive frames, one entry a segment */
export function fitPeaks(
  _series: readonly Float32Array[],
  _framesPerWeek: number,
  _options: PeakOptions = {},
): PeakTable {
  throw new Error('not built yet');
}

/** Level that is exceeded by `perWeek` independent peaks an asset-week. */
export function alarmLevel(_table: PeakTable, _perWeek: number): number {
  throw new Error('not built yet');
}

/** Independent peaks above `level` an asset-week; the inverse of `alarmLevel`. */
export function expectedPerWeek(_table: PeakTable, _level: number): number {
  throw new Error('not built yet');
}
