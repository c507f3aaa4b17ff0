import { describe, expect, it } from 'vitest';
import { Random } from '../../model/random.js';
import { fitScaler } from '../../training/scaler.js';

function scalerOf(values: readonly number[]) {
  const segment = { timesMs: Float64Array.from(values, (_, i) => i), values: Float32Array.from(values) };
  const { center, scale, constant } = fitScaler([segment], 1);
  return { center: center[0]!, scale: scale[0]!, constant: constant[0]! };
}

describe('fitScaler', () => {
  const random = new Random('scaler');
  const gaussian = Array.from({ length: 5000 }, () => random.normal(50, 3));

  it('gives mean and standard deviation of Gaussian data', () => {
    const { center, scale } = scalerOf(gaussian);
    expect(center).toBeCloseTo(50, 0);
    expect(scale).toBeGreaterThan(2.85);
    expect(scale).toBeLessThan(3.15);
  });

  it('is not moved by outliers or missing values', () => {
    const spoiled = gaussian.map((value, i) => (i % 20 === 0 ? 500 : i % 20 === 1 ? Number.NaN : value));
    const { center, scale } = scalerOf(spoiled);
    expect(Math.abs(center - 50)).toBeLessThan(1);
    // The floor at a quarter of the standard deviation is what outliers can do.
    expect(scale).toBeLessThan(30);
  });

  it('finds a spread where most values are the same', () => {
    expect(scalerOf([...new Array(90).fill(1), ...new Array(10).fill(2)]).scale).toBeCloseTo(0.075);
  });

  it('knows constant signals and still divides by something', () => {
    expect(scalerOf(new Array(9).fill(240))).toEqual({ center: 240, scale: Math.fround(2.4), constant: true });
    expect(scalerOf(new Array(9).fill(0))).toEqual({ center: 0, scale: 1, constant: true });
    expect(scalerOf([Number.NaN])).toEqual({ center: 0, scale: 1, constant: true });
  });
});
