import { describe, expect, it } from 'vitest';
import type { Calibration } from '../../model/calibrate.js';
import { Random } from '../../model/random.js';
import { budgetWarnings } from '../../training/budget.js';
import type { TrainingFrames } from '../../training/data.js';

const machines = ['a', 'b', 'c', 'd'];

/** Three weeks of minutes a machine; the peaks of one may be higher. */
function warningsOf(others: number): string[] {
  const statistic = machines.map((machine, m) => {
    const random = new Random('budget', machine);
    const height = m === 3 ? others : 1;
    return Float32Array.from({ length: 3 * 10_080 }, () => -Math.log(random.uniform(1e-12, 1)) * height);
  });
  const byAsset = machines.map((asset) => ({ asset, fit: [], validate: [], calibrate: [{}] }));
  const calibration = {
    statistic,
    alarm: { frames: 1e6, peaks: 1000, threshold: 5, peaksPerWeek: 100, shape: 0, scale: 1 },
  };
  return budgetWarnings(
    calibration as unknown as Calibration,
    { byAsset, periodMs: 60_000 } as unknown as TrainingFrames,
    { falseAlarmsPerAssetWeek: 5 },
  );
}

describe('budgetWarnings', () => {
  it('says so where a machine passes the level that the others set more often than the budget allows', () => {
    expect(warningsOf(3).join('\n')).toMatch(/False alarms over budget: \d+ in \d+\.\d machine-hours of held-out/);
  });
  it('is silent where all machines are alike', () => {
    expect(warningsOf(1).join('\n')).not.toContain('over budget');
  });
});
