/** Calibration on held-out normal data, through the same `Scorer` that the daemon runs. */
import type { DetectorOutputs } from './detector.js';
import type { DetectorManifest, PeakTable } from './manifest.js';

export interface CalibrateOptions {
  readonly channels: number;
  readonly periodMs: number;
  /** Weight of the newest residual in the moving average; 1 = no second statistic. */
  readonly lambda?: number;
  /** Share of the diagonal in the whitening's covariance. */
  readonly shrink?: number;
  readonly persistence?: { readonly of: number; readonly need: number };
}

export interface Calibration {
  /** In the order of the detectors. */
  readonly detectors: readonly DetectorManifest['calibration'][];
  readonly persistence: { of: number; need: number };
  readonly alarm: PeakTable;
  /** What the data cannot support, for people. */
  readonly warnings: readonly string[];
}

/** @param segments outputs of every detector (in one order) on each held-out normal segment, as `DetectorSession.sequence` gives them */
export function calibrate(_segments: readonly (readonly DetectorOutputs[])[], _options: CalibrateOptions): Calibration {
  throw new Error('not built yet');
}
