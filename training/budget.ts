/** What `fit` must say about the alarm budget that was asked for. */
import { budgetWarning } from '../model/budget.js';
import type { Calibration } from '../model/calibrate.js';
import { crossCheck } from '../model/cross-check.js';
import { weekMs } from '../model/duration.js';
import type { TrainConfig } from './config.js';
import type { TrainingFrames } from './data.js';

/** In plain words: where the data are too short for the budget, and where machines that did not help to set the level pass it too often. */
export function budgetWarnings(
  calibration: Calibration,
  { byAsset, periodMs }: TrainingFrames,
  { falseAlarmsPerAssetWeek: budget }: Pick<TrainConfig, 'falseAlarmsPerAssetWeek'>,
): string[] {
  const tooShort = budgetWarning({ ...calibration, periodMs }, budget);
  return [...(tooShort === undefined ? [] : [tooShort]), ...overBudget(calibration, byAsset, periodMs, budget)];
}

function overBudget(
  { statistic }: Calibration,
  byAsset: TrainingFrames['byAsset'],
  periodMs: number,
  budget: number,
): string[] {
  if (statistic === undefined) return [];
  const machines = byAsset.flatMap(({ asset, calibrate }) => calibrate.map(() => asset));
  const found = crossCheck(statistic, machines, weekMs / periodMs, budget);
  if (found === undefined || !found.isOver) return [];
  const hours = (found.weeks * weekMs) / 3_600_000;
  return [
    `False alarms over budget: ${found.alarms} in ${hours.toFixed(1)} machine-hours of held-out normal operation, where ${(budget * found.weeks).toFixed(2)} were to be expected, each machine judged by a level that was set without it. ` +
      'The machines differ, or what they do changes more than the recording shows: record longer, or give machines that differ a bundle of their own.',
  ];
}
