import { describe, expect, it } from 'vitest';
import { Random } from '../../model/random.js';

function draw(random: Random, n: number): number[] {
  return Array.from({ length: n }, () => random.uniform());
}

describe('Random', () => {
  it('repeats itself for the same labels, and only for those', () => {
    expect(draw(new Random(1, 'a'), 50)).toEqual(draw(new Random(1, 'a'), 50));
    const first = [new Random(1, 'a'), new Random(1, 'b'), new Random(2, 'a'), new Random('1a')].map((r) =>
      r.uniform(),
    );
    expect(new Set(first).size).toBe(4);
  });

  it('is uniform and normal enough', () => {
    const random = new Random(7);
    const u = draw(random, 20_000);
    const bins = new Array<number>(20).fill(0);
    for (const x of u) bins[Math.floor(x * 20)]! += 1;
    // Chi-square with 19 degrees of freedom: 43.8 is its 99.9 % quantile.
    expect(bins.reduce((sum, n) => sum + (n - 1000) ** 2 / 1000, 0)).toBeLessThan(43.8);
    const z = Array.from({ length: 20_000 }, () => random.normal());
    const mean = z.reduce((a, b) => a + b) / z.length;
    const variance = z.reduce((a, b) => a + (b - mean) ** 2, 0) / z.length;
    expect(Math.abs(mean)).toBeLessThan(0.03);
    expect(Math.abs(variance - 1)).toBeLessThan(0.04);
    expect(z.filter((x) => Math.abs(x) > 1.96).length / z.length).toBeCloseTo(0.05, 1.9);
  });

  it('shuffles without losing anything', () => {
    const items = [1, 2, 3, 4, 5, 6, 7, 8];
    const shuffled = new Random(3).shuffled(items);
    expect(shuffled).not.toEqual(items);
    expect([...shuffled].sort()).toEqual(items);
  });

  it('throws no independent streams together', () => {
    const a = draw(new Random(1, 'pump-1'), 5000);
    const b = draw(new Random(1, 'pump-2'), 5000);
    const correlation = (a.reduce((sum, x, i) => sum + (x - 0.5) * (b[i]! - 0.5), 0) / 5000) * 12;
    expect(Math.abs(correlation)).toBeLessThan(0.05);
  });
});
