/** Calibration of the tracking scoring stage, from normal data that may be short and may drift. */
import type { Calibration } from './calibrate.js';
import { weekMs } from './duration.js';
import type { EpisodeRules } from './manifest.js';
import { fitPeaks } from './peaks.js';
import { fitTail, surprise } from './tail.js';
import { thin } from './thinning.js';
import { learnTracking, type TrackRun, trackedStatistics } from './track-learning.js';
import { leastSurprise } from './tracking-scoring.js';

export interface TrackingOptions {
  readonly channels: number;
  readonly periodMs: number;
  /** Part of the correlation of signals that is taken as chance. */
  readonly shrink: number;
  readonly persistence: { readonly of: number; readonly need: number };
}

/**
 * In frames, as residuals are followed in frames. Chosen by faults injected into normal recordings of a pump; half or twice any of them ranks about as well
 * (docs/benchmarks.md).
 */
export const episodeRules: EpisodeRules = {
  holdFrames: 10,
  clearAt: 0.3,
  returnAt: 0.5,
  signatureFrames: 120,
  settleFrames: 240,
  settleGain: 0.05,
};

/**
 * @param detectors for each detector one entry a machine
 * @throws RangeError where normal data are too short
 */
export function calibrateTracking(detectors: readonly (readonly TrackRun[])[], options: TrackingOptions): Calibration {
  const { channels, periodMs, shrink, persistence } = options;
  const learned = detectors.map((runs) => {
    const tracking = learnTracking(runs, channels, shrink, episodeRules);
    const statistics = trackedStatistics(tracking, runs, episodeRules);
    const scores = runs.flatMap(({ calibrate }) =>
      calibrate.map(({ output: { n, score, ready } }) => score.slice(0, n).filter((_, i) => ready[i] === 1)),
    );
    return { tracking, statistics, score: fitTail(thin(scores)) };
  });
  // Detectors warm up at different times, and end together.
  const fused = (learned[0]?.statistics ?? []).map((first, run) => {
    const own = learned.map(({ statistics, tracking }) => ({ statistic: statistics[run] ?? first, tracking }));
    const n = Math.min(...own.map(({ statistic }) => statistic.length));
    return Float32Array.from({ length: n }, (_, i) => {
      const logs = own.map(({ statistic, tracking: { table } }) =>
        Math.log(Math.max(leastSurprise, surprise(table, statistic[statistic.length - n + i] ?? 0))),
      );
      return Math.exp(logs.reduce((sum, value) => sum + value, 0) / logs.length);
    });
  });
  const alarm = fitPeaks(fused, weekMs / periodMs);
  return {
    detectors: learned.map(({ tracking, score }) => ({ score, tracking })),
    persistence: { ...persistence },
    alarm,
    episodes: episodeRules,
    warnings: [],
  };
}
