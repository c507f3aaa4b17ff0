import { describe, expect, it } from 'vitest';
import { budgetWarning, forecast, formatForecast } from '../../model/budget.js';
import { crossCheck } from '../../model/cross-check.js';
import { gammaQuantile, sureness } from '../../model/gamma.js';
import { Random } from '../../model/random.js';

/** Held out: so many hours of minutes, with a peak an hour. */
const heldOut = (hours: number) => ({
  periodMs: 60_000,
  alarm: { frames: 60 * hours, peaks: hours, threshold: 4, peaksPerWeek: 168, shape: 0, scale: 0.8 },
});

describe('forecast', () => {
  it('is what was asked for, and surer the more was seen', () => {
    const [short, long] = [forecast(heldOut(2), 1), forecast(heldOut(2000), 1)];
    for (const { perWeek } of [short, long]) expect(perWeek).toBeCloseTo(1, 8);
    expect(long.low).toBeGreaterThan(0.7);
    expect(long.high).toBeLessThan(1.4);
    expect(short.low).toBeLessThan(0.1);
    expect(short.high).toBeGreaterThan(1.5);
    expect(formatForecast(long)).toMatch(
      /^1 false alarm\(s\) per machine and week expected, 80 % sure: 0\.\d+ to 1\.\d+$/,
    );
  });
});

describe('budgetWarning', () => {
  it('is silent where the data hold the time of one false alarm', () => {
    expect(budgetWarning(heldOut(169), 1)).toBeUndefined();
    expect(budgetWarning(heldOut(9), 20)).toBeUndefined();
  });

  it('says how much is missing, and what could be asked for', () => {
    expect(budgetWarning(heldOut(2), 1)).toMatch(
      /cannot support a budget of 1 .* one in 7\.0 machine-days, and only 2\.0 machine-hours .* Record 84 times as much, or ask for 84 a week\.$/,
    );
    expect(budgetWarning(heldOut(100), 1)).toMatch(/Record 1\.7 times as much, or ask for 1\.7 a week\.$/);
  });
});

describe('crossCheck', () => {
  const noise = (seed: number, scale = 1) => {
    const random = new Random(seed);
    return Float32Array.from({ length: 5000 }, () => -scale * Math.log(1 - random.uniform()));
  };

  it('finds machines alike to keep the budget', () => {
    const series = [1, 2, 3, 4].map((seed) => noise(seed));
    const found = crossCheck(series, ['a', 'b', 'c', 'd'], 10_080, 5);
    expect(found?.weeks).toBeCloseTo(20_000 / 10_080, 10);
    expect(found?.isOver).toBe(false);
    expect(found?.alarms).toBeLessThan(25);
  });

  it('finds the machine that is not like the others', () => {
    const series = [noise(1), noise(2), noise(3), noise(4, 3)];
    expect(crossCheck(series, ['a', 'b', 'c', 'd'], 10_080, 5)).toMatchObject({ isOver: true });
    // Of a single machine, its halves are judged by each other.
    expect(crossCheck([noise(1)], ['a'], 10_080, 5)).toMatchObject({ isOver: false });
    expect(crossCheck([Float32Array.of(...noise(1), ...noise(4, 3))], ['a'], 10_080, 5)).toMatchObject({
      isOver: true,
    });
  });

  it('has nothing to say of a single short segment of nothing', () => {
    expect(crossCheck([new Float32Array(0)], ['a'], 10_080, 1)).toBeUndefined();
  });
});

it('quantiles of sums of exponentials agree with tables of chi-square', () => {
  // chi2(10; 0.9) = 15.987, chi2(2; 0.1) = 0.2107, chi2(100; 0.1) = 82.358
  expect(2 * gammaQuantile(5, sureness)).toBeCloseTo(15.987, 1);
  expect(2 * gammaQuantile(1, -sureness)).toBeCloseTo(0.2107, 1);
  expect(2 * gammaQuantile(50, -sureness)).toBeCloseTo(82.358, 1);
  expect(gammaQuantile(0, 1)).toBe(0);
});
