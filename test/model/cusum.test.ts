import { describe, expect, it } from 'vitest';
import { Cusum, calibrateCusum, surprisesOf } from '../../model/cusum.js';
import { normalDeviate, studentDeviate } from '../../model/normal.js';
import { alarmLevel, fitPeaks } from '../../model/peaks.js';
import { Persistence } from '../../model/persistence.js';
import { Random } from '../../model/random.js';

const weekFrames = 10_080;
const memory = 0.8;

/** Surprise -ln P(Z > z). */
function surpriseOf(z: number): number {
  // Mills' ratio beyond 3, the series of the error function below.
  if (z > 3) return (z * z) / 2 + Math.log(z * Math.sqrt(2 * Math.PI)) + Math.log1p(1 / (z * z));
  let term = z;
  let sum = z;
  for (let k = 1; k < 60; k++) {
    term *= (-z * z) / (2 * k);
    sum += term / (2 * k + 1);
  }
  return -Math.log(0.5 - sum / Math.sqrt(2 * Math.PI));
}

/** Fused surprises of frames whose evidence lies `shift` normal deviates above that of normal ones; neighbours are alike, as they are on machines. */
function frames(seed: number, n: number, shift: (i: number) => number = () => 0): Float32Array {
  const random = new Random(seed);
  let z = random.normal();
  return Float32Array.from({ length: n }, (_, i) => {
    z = memory * z + Math.sqrt(1 - memory ** 2) * random.normal();
    return surpriseOf(z + shift(i));
  });
}

/** Of a machine whose load swings within minutes: half a deviate of what is normal lasts that long. */
function swinging(seed: number, n: number, shift = 0): Float32Array {
  const random = new Random(seed);
  const keep = [memory, Math.exp(-1 / 300)];
  const share = [Math.sqrt(0.75), 0.5];
  const parts = keep.map(() => random.normal());
  return Float32Array.from({ length: n }, () => {
    let z = shift;
    for (const [k, rho] of keep.entries()) {
      parts[k] = rho * parts[k]! + Math.sqrt(1 - rho ** 2) * random.normal();
      z += share[k]! * parts[k]!;
    }
    return surpriseOf(z);
  });
}

function onDelayed(fused: Float32Array): Float32Array {
  const persistence = new Persistence({ of: 5, need: 3 });
  persistence.ensure(1);
  return fused.map((u) => persistence.push(0, u));
}

const normal = Array.from({ length: 8 }, (_, i) => frames(i, weekFrames));
const fast = fitPeaks(normal.map(onDelayed), weekFrames);
const table = calibrateCusum(normal, fast, weekFrames)!;
const joint = (fused: Float32Array) => {
  const slow = surprisesOf(table, fused);
  return onDelayed(fused).map((value, i) => Math.max(value, slow[i]!));
};
const together = fitPeaks(normal.map(joint), weekFrames);
const level = alarmLevel(together, 1);

describe('Cusum', () => {
  it('finds slow wear long before the fast path does', () => {
    // Two deviates in a week.
    const wear = (i: number) => (2 * i) / weekFrames;
    const delays = Array.from({ length: 11 }, (_, seed) => {
      const fused = frames(100 + seed, 2 * weekFrames, wear);
      const at = (statistic: Float32Array, limit: number) => {
        const found = statistic.findIndex((value) => value >= limit);
        return found < 0 ? fused.length : found;
      };
      return { slow: at(joint(fused), level), fast: at(onDelayed(fused), alarmLevel(fast, 1)) };
    });
    const median = (values: number[]) => values.sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
    const slow = median(delays.map((delay) => delay.slow));
    expect(slow).toBeLessThan(0.75 * median(delays.map((delay) => delay.fast)));
    expect(slow).toBeLessThan(weekFrames / 2);
  });

  it('both paths together keep within the budget, on weeks that they were not calibrated with', () => {
    const weeks = 40;
    for (const perWeek of [1, 5, 20]) {
      const limit = alarmLevel(together, perWeek);
      let alarms = 0;
      for (let week = 0; week < weeks; week++) {
        let quiet = 10;
        for (const value of joint(frames(1000 + week, weekFrames))) {
          if (value >= limit && quiet >= 10) alarms++;
          quiet = value >= 0.8 * limit ? 0 : quiet + 1;
        }
      }
      expect(alarms).toBeGreaterThan(0);
      expect(alarms / weeks / perWeek).toBeLessThan(2);
    }
  });

  it('costs the fast path little', () => {
    expect(level).toBeLessThan(alarmLevel(fast, 1) * 1.15);
  });

  it('allows machines to differ as much as they did in the recording', () => {
    const differing = normal.map((_, i) => frames(i, weekFrames, () => (i === 0 ? 1 : 0)));
    const own = calibrateCusum(differing, fitPeaks(differing.map(onDelayed), weekFrames), weekFrames);
    expect(table.allowance).toBeLessThan(0.9);
    expect(own?.allowance).toBeGreaterThan(1.5);
  });

  describe('at a frame a second, while the load swings', () => {
    const secondsPerWeek = 604_800;
    const record = (hours: number, machines = 1) => {
      const fused = Array.from({ length: 8 }, (_, seed) => swinging(seed, (hours * 3600) / 8));
      const fast = fitPeaks(fused.map(onDelayed), secondsPerWeek);
      return { fused, fast, table: calibrateCusum(fused, fast, secondsPerWeek, machines) };
    };

    it('an hour of one machine is too short to add up; sixteen are not, nor is an hour of eight that tell of each other', () => {
      expect(record(1, 1).table).toBeUndefined();
      expect(record(16, 1).table).toBeDefined();
      expect(record(1, 8).table).toBeDefined();
    });

    it('allows for more, the shorter the record', () => {
      const [short, long] = [record(16).table!, record(64).table!];
      expect(short.allowance).toBeGreaterThan(long.allowance * 1.15);
    });

    it.each([
      [16, 1],
      [1, 8],
    ])('keeps within the budget in the hours that follow a record of %d hours of %d machines', (hours, machines) => {
      const { fused, table } = record(hours, machines);
      const statistic = (series: Float32Array) => {
        const slow = surprisesOf(table!, series);
        return onDelayed(series).map((value, i) => Math.max(value, slow[i]!));
      };
      const limit = alarmLevel(fitPeaks(fused.map(statistic), secondsPerWeek), 20);
      // 84 machine-hours: half a week, in which the budget allows ten.
      const over = Array.from({ length: 14 }, (_, seed) => statistic(swinging(900 + seed, 6 * 3600)));
      expect(over.filter((series) => series.some((value) => value >= limit)).length).toBeLessThan(10);
      // And still finds an illness.
      const ill = swinging(800, 3600, 4);
      expect(Math.max(...surprisesOf(table!, ill))).toBeGreaterThan(limit);
    });
  });

  it('is quiet again soon after the longest illness', () => {
    const ill = frames(1, 20_000, () => 3);
    const well = frames(2, 1000);
    const slow = surprisesOf(table, Float32Array.of(...ill, ...well), 2 * level);
    expect(slow[19_999]).toBeGreaterThan(level);
    expect(Math.max(...slow)).toBeLessThan(2.1 * level);
    expect(slow.subarray(20_000).findIndex((value) => value < 0.8 * level)).toBeLessThan(100);
  });

  it('says whose evidence it was; slots are apart; a reset forgets', () => {
    const cusum = new Cusum(2, table, 2 * level);
    cusum.ensure(2);
    for (let i = 0; i < 30; i++) cusum.step(1, 8, Float32Array.of(9, 9, 0.25, 0.75), 2);
    const shares = new Float32Array(4);
    cusum.share(1, shares, 2);
    expect([...shares]).toEqual([0, 0, 0.25, 0.75]);
    expect(cusum.surprise(0)).toBe(0);
    expect(cusum.surprise(1)).toBeGreaterThan(level);
    cusum.reset(1);
    expect(cusum.surprise(1)).toBe(0);
  });
});

it.each([
  [0.5, 0],
  [0.025, 1.959964],
  [0.99, -2.326348],
  [1e-6, 4.753424],
  [1e-12, 7.034487],
  [1, -2.326348],
])('the deviate of %d is %d', (p, z) => {
  expect(Math.abs(normalDeviate(-Math.log(p)) - z)).toBeLessThan(5e-4);
});

// Two-sided 99.9 % and 99.99 % points of tables of Student's t.
it.each([
  [3.2905, 5, 6.869],
  [3.2905, 15, 4.073],
  [3.8906, 10, 6.211],
  [3.8906, 30, 4.482],
])('as rare as the deviate %d, with %d degrees of freedom: %d', (z, freedom, t) => {
  expect(Math.abs(studentDeviate(z, freedom) / t - 1)).toBeLessThan(0.025);
});

it('without a degree of freedom nothing is rare', () => {
  expect(studentDeviate(4, 0)).toBe(Number.POSITIVE_INFINITY);
});
