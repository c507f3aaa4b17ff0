/** Is the budget kept on machines that did not help to set the alarm level? Counted on held-out normal data. */
import { gammaQuantile, sureness } from './gamma.js';
import { alarmLevel, fitPeaks } from './peaks.js';

export interface CrossCheck {
  readonly alarms: number;
  /** Machine-weeks of normal operation that were judged. */
  readonly weeks: number;
  /** True where so many alarms are more than chance makes of the budget, 90 % sure. */
  readonly isOver: boolean;
}

/** An alarm ends when the statistic has been below this part of the level for so many frames. */
const clearAt = 0.8;
const clearFrames = 10;

/**
 * The level is set without each machine in turn (of a single one: without each half of its time), and alarms are counted on what was left out.
 * @param series alarm statistic, one entry a segment
 * @param machine of each segment
 * @returns undefined where there is nothing left to set a level with
 */
export function crossCheck(
  series: readonly Float32Array[],
  machine: readonly string[],
  framesPerWeek: number,
  perWeek: number,
): CrossCheck | undefined {
  const groups = groupsOf(series, machine);
  if (groups.length < 2) return undefined;
  let alarms = 0;
  let frames = 0;
  for (const own of groups) {
    const others = groups.flatMap((group) => (group === own ? [] : group));
    const level = alarmLevel(fitPeaks(others, framesPerWeek), perWeek);
    for (const segment of own) {
      alarms += countAlarms(segment, level);
      frames += segment.length;
    }
  }
  const weeks = frames / framesPerWeek;
  // The smallest rate that makes so many alarms in one case of ten (Garwood 1936).
  return { alarms, weeks, isOver: gammaQuantile(alarms, -sureness) > perWeek * weeks };
}

function groupsOf(series: readonly Float32Array[], machine: readonly string[]): Float32Array[][] {
  const byMachine = new Map<string, Float32Array[]>();
  for (const [i, segment] of series.entries()) {
    if (segment.length === 0) continue;
    const name = machine[i] ?? '';
    byMachine.set(name, [...(byMachine.get(name) ?? []), segment]);
  }
  const [only, ...others] = byMachine.values();
  if (only === undefined || others.length > 0) return [...byMachine.values()];
  return [0, 1].map((half) =>
    only.map((segment) => {
      const middle = segment.length >> 1;
      return half === 0 ? segment.subarray(0, middle) : segment.subarray(middle);
    }),
  );
}

function countAlarms(series: Float32Array, level: number): number {
  let alarms = 0;
  let calm = clearFrames;
  for (const value of series) {
    if (calm >= clearFrames ? value >= level : value >= clearAt * level) {
      if (calm >= clearFrames) alarms++;
      calm = 0;
    } else calm++;
  }
  return alarms;
}
