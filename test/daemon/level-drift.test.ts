/** Alarm levels that follow what is normal for an asset: where they go, how far, how fast, and what they refuse to learn. */
import { describe, expect, it } from 'vitest';
import { LevelDrift, leastBlocks, quarantine, untruncated } from '../../daemon/level-drift.js';
import { Random } from '../../model/random.js';

const hourMs = 3_600_000;
/** -ln p at severity 1. */
const level = 14;
/** Independent peaks an hour; an exponential surprise passes the level once a week. */
const perHour = Math.exp(level) / 168;

function asset(reach: number, stored?: ConstructorParameters<typeof LevelDrift>[1]) {
  const drift = new LevelDrift({ periodMs: 1000, budget: 1, level, reach }, stored);
  const random = new Random(5);
  let hour = 0;
  /** The largest of an hour's exponential surprises, times `strange`. */
  const largest = (strange: number) => (-Math.log(-Math.log(random.uniform()) / perHour) * strange) / level;
  const hours = (count: number, severity: (i: number) => number) => {
    const ratios: number[] = [];
    for (let i = 0; i < count; i++, hour++) {
      if (drift.note(hour * hourMs, severity(i))) drift.learn();
      ratios.push(drift.ratio);
    }
    return ratios;
  };
  return {
    drift,
    hours,
    largest,
    normal:
      (strange = 1) =>
      () =>
        largest(strange),
  };
}

const days = 24;

describe('the scale of an exponential that is cut off', () => {
  it('is found again from the mean of what is left', () => {
    const random = new Random(2);
    for (const limit of [2, 5, 50]) {
      const left = Array.from({ length: 200_000 }, () => -Math.log(random.uniform())).filter((value) => value < limit);
      const mean = left.reduce((sum, value) => sum + value, 0) / left.length;
      expect(untruncated(mean, limit)).toBeCloseTo(1, 1);
    }
    expect(untruncated(0.3, 1e6)).toBeCloseTo(0.3, 10);
  });

  it('is unknown where the mean is that of even values', () => {
    expect([untruncated(0.5, 1), untruncated(0.9, 1), untruncated(1, -1)]).toEqual(
      Array(3).fill(Number.POSITIVE_INFINITY),
    );
  });
});

describe('an alarm level that follows the normal of its asset', () => {
  it('stays about where it is where that is right, and wants a week and a day first', () => {
    const { hours, normal } = asset(2);
    const ratios = hours(60 * days, normal());
    expect(ratios.slice(0, leastBlocks + quarantine)).toEqual(Array(leastBlocks + quarantine).fill(1));
    const late = ratios.slice(30 * days);
    expect(Math.min(...late)).toBeGreaterThan(0.9);
    expect(Math.max(...late)).toBeLessThan(1.2);
  });

  it('rises for an asset that is a little stranger by nature, though each false alarm costs a day', () => {
    const { hours, largest, drift } = asset(2);
    const weeks = 20;
    const severities = Array.from({ length: 2 * weeks * 7 * days }, () => largest(1.1));
    const [before, after] = [severities.slice(0, weeks * 7 * days), severities.slice(weeks * 7 * days)];
    for (const severity of before) {
      const alarm = severity >= drift.ratio;
      if (alarm) drift.pause(true);
      hours(1, () => severity);
      if (alarm) drift.pause(false);
    }
    const perWeek = (at: number) => after.filter((severity) => severity >= at).length / weeks;
    expect(perWeek(1)).toBeGreaterThan(2.5);
    expect(perWeek(drift.ratio)).toBeLessThan(2);
    expect(perWeek(drift.ratio)).toBeGreaterThan(0.2);
  });

  it('falls for one that is calmer', () => {
    const { hours, normal, drift } = asset(2);
    hours(60 * days, normal(0.75));
    expect(drift.ratio).toBeLessThan(0.9);
    expect(drift.ratio).toBeGreaterThan(0.65);
  });

  it('goes no further than its reach, and at most 5 % a day', () => {
    const up = asset(1.02);
    const ratios = up.hours(40 * days, () => Math.min(0.999, up.largest(1.2)));
    expect(Math.max(...ratios)).toBe(1.02);
    const steps = ratios.slice(days).map((ratio, i) => ratio / (ratios[i] as number));
    expect(Math.max(...steps)).toBeLessThan(1.05);
    const down = asset(1.2);
    expect(Math.min(...down.hours(60 * days, () => 0.001))).toBeCloseTo(1 / 1.2, 12);
  });

  it('does not learn what is an alarm, however often', () => {
    const { hours, normal, drift, largest } = asset(2);
    hours(40 * days, normal());
    const before = drift.ratio;
    hours(20 * days, (i) => (i % 2 === 0 ? 5 : largest(1)));
    expect(Math.abs(drift.ratio / before - 1)).toBeLessThan(0.1);
  });

  it('does not learn the day before an alarm, nor while it lasts', () => {
    const ill = asset(2);
    const well = asset(2);
    ill.hours(20 * days, ill.normal());
    well.hours(20 * days, well.normal());
    // Within a day a fault grows to the threshold; then it is an alarm for a week.
    ill.hours(quarantine, (i) => 0.6 + (0.39 * i) / quarantine);
    ill.drift.pause(true);
    ill.drift.pause(true);
    const paused = ill.hours(7 * days, () => 0.95);
    expect(new Set(paused).size).toBe(1);
    ill.drift.pause(false);
    const kept = (each: typeof ill) => each.drift.stored.largest;
    // An hour is known when the next one begins.
    expect(kept(ill)).toEqual(kept(well).slice(0, kept(ill).length));
    expect(kept(well).length - kept(ill).length).toBeLessThanOrEqual(1);
  });

  it('goes on after a restart with what it knew', () => {
    const one = asset(2);
    one.hours(30 * days, one.normal(1.2));
    const other = asset(2, JSON.parse(JSON.stringify(one.drift.stored)));
    expect(other.drift.ratio).toBe(one.drift.ratio);
    expect(other.drift.stored).toEqual(one.drift.stored);
    const narrower = asset(1.01, one.drift.stored);
    expect(narrower.drift.ratio).toBe(1.01);
  });
});
