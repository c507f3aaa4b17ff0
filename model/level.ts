/** Severity 1 of a bundle at an alarm budget. */
import { weekMs } from './duration.js';
import type { Manifest } from './manifest.js';
import { alarmLevel } from './peaks.js';

/**
 * -ln p at severity 1. The stationary stage has counted how often its statistic peaks. The tracking stage is for data too short for that: an alarm takes at
 * least one frame whose p-value is below the budget spread over the frames of a week.
 */
export function levelOf(manifest: Pick<Manifest, 'alarm' | 'episodes' | 'periodMs'>, perWeek: number): number {
  const { alarm, episodes, periodMs } = manifest;
  return episodes === undefined ? alarmLevel(alarm, perWeek) : Math.max(1, Math.log(weekMs / periodMs / perWeek));
}
