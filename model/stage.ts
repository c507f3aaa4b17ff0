/** The scoring stage that a manifest asks for. */
import { EnergyScorer } from './energy-scoring.js';
import type { Manifest, Tracking } from './manifest.js';
import { Scorer } from './scoring.js';
import { TrackingScorer } from './tracking-scoring.js';
import type { ScoringStage } from './verdicts.js';

/** @param alarmLevel -ln p at severity 1 */
export function scoringStage(manifest: Manifest, alarmLevel: number): ScoringStage {
  const { channels, detectors, persistence, episodes, energy, cusum } = manifest;
  const absent = detectors.map(({ calibration }) => calibration.absent);
  if (energy !== undefined)
    return new EnergyScorer({ channels: channels.length, energy, absent, persistence, alarmLevel });
  if (episodes === undefined)
    return new Scorer({
      channels: channels.length,
      detectors: detectors.map(({ calibration }) => calibration),
      persistence,
      cusum,
      alarmLevel,
    });
  return new TrackingScorer({
    scale: channels.map(({ scale }) => scale),
    // The schema has seen to it that all have one.
    detectors: detectors.map(({ calibration }) => calibration.tracking as Tracking),
    absent,
    persistence,
    episodes,
    alarmLevel,
  });
}
