import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cotangent, Fusion } from '../../model/fusion.js';
import { Random } from '../../model/random.js';

function fuse(surprises: ArrayLike<number>, n = surprises.length): number {
  const fusion = new Fusion(n);
  for (let i = 0; i < n; i++) fusion.addSurprise(surprises[i]!);
  return fusion.fused();
}

/** The plain formula; double precision is enough for p down to 1e-12. */
const plain = (ps: number[]) => {
  const t = ps.reduce((sum, p) => sum + Math.tan((0.5 - p) * Math.PI), 0) / ps.length;
  return 0.5 - Math.atan(t) / Math.PI;
};

/** P(Z > z): Simpson's rule on the density. */
function upperTail(z: number): number {
  const steps = 200;
  const h = 10 / steps;
  let sum = 0;
  for (let i = 0; i <= steps; i++)
    sum += (i === 0 || i === steps ? 1 : i % 2 ? 4 : 2) * Math.exp(-((z + i * h) ** 2) / 2);
  return (sum * h) / 3 / Math.sqrt(2 * Math.PI);
}

describe('cotangent', () => {
  it('is that of pi p, to rounding', () => {
    fc.assert(
      fc.property(fc.double({ min: 2e-9, max: 0.99, noNaN: true }), (p) => {
        const wanted = 1 / Math.tan(Math.PI * p);
        expect(Math.abs(cotangent(p) - wanted)).toBeLessThan(1e-13 * (1 + Math.abs(wanted)));
      }),
      { numRuns: 2000 },
    );
  });
});

describe('fuse', () => {
  it('is the plain formula where that is exact', () => {
    for (const ps of [[0.5], [0.3, 0.8], [0.01, 0.5, 0.9], [1e-4, 0.2], [1e-6, 1e-6, 0.4]]) {
      expect(Math.exp(-fuse(ps.map((p) => -Math.log(p))))).toBeCloseTo(plain(ps), 9);
    }
    expect(fuse([-Math.log(1e-6), -Math.log(1e-7)])).toBeCloseTo(-Math.log(plain([1e-6, 1e-7])), 4);
  });

  it('leaves one surprise as it is, from small to vast', () => {
    for (const u of [0.1, 1, 19.999, 20.001, 500, 1e9]) expect(fuse([u]) / u).toBeCloseTo(1, 6);
  });

  it('is log-mean-exp in the far tail', () => {
    expect(fuse([800, 0.2, 0.3])).toBeCloseTo(800 - Math.log(3), 9);
    expect(fuse([900, 900, 1])).toBeCloseTo(900 + Math.log(2 / 3), 9);
    expect(fuse([25, 24])).toBeCloseTo(25 + Math.log((1 + Math.exp(-1)) / 2), 6);
  });

  it('takes the first n only, and 0 of none', () => {
    expect(fuse(Float64Array.of(3, 999), 1)).toBeCloseTo(3, 9);
    expect(fuse([])).toBe(0);
    expect(fuse([0, 0])).toBeLessThan(0.02);
  });

  it('tells the same of p-values as of surprises', () => {
    const fusion = new Fusion(3);
    for (const ps of [
      [1, 0.999, 0.2],
      [0.02, 1e-7, 0.5],
      [1e-12, 0.4, 1e-30],
    ]) {
      fusion.clear();
      for (const p of ps) fusion.addP(p);
      expect(fusion.fused()).toBeCloseTo(fuse(ps.map((p) => -Math.log(p))), 9);
      expect(fusion.fused(0, 1)).toBeCloseTo(fuse(ps.slice(1).map((p) => -Math.log(p))), 9);
    }
  });

  it('weighs each piece by e^surprise, the weightiest 1', () => {
    const weights = new Float64Array(3);
    for (const us of [
      [0.1, 3, 2],
      [0, 19, 30],
      [800, 0.5, 799],
      [20, 20.1, 1],
    ]) {
      const fusion = new Fusion(3);
      for (const u of us) fusion.addSurprise(u);
      fusion.weigh(weights);
      for (const [i, u] of us.entries()) expect(weights[i]).toBeCloseTo(Math.exp(u - Math.max(...us)), 9);
    }
  });

  it('is finite, not negative, and rises with each surprise', () => {
    const surprise = fc.double({ min: 0, max: 1e9, noNaN: true });
    fc.assert(
      fc.property(fc.array(surprise, { minLength: 1, maxLength: 6 }), surprise, (us, more) => {
        const fused = fuse(us);
        expect(Number.isFinite(fused)).toBe(true);
        expect(fused).toBeGreaterThanOrEqual(0);
        expect(fuse([us[0]! + more, ...us.slice(1)])).toBeGreaterThanOrEqual(fused - 1e-9 * (1 + fused));
      }),
    );
  });

  it.each([0, 0.5, 0.8])('keeps its level for three normals with correlation %f', (rho) => {
    const random = new Random('cauchy', rho);
    const table = Float64Array.from({ length: 1201 }, (_, i) => -Math.log(upperTail(-6 + i / 100)));
    const surpriseOf = (z: number) => table[Math.min(1200, Math.max(0, Math.round((z + 6) * 100)))]!;
    const n = 400_000;
    const us = new Float64Array(3);
    let hundredth = 0;
    let thousandth = 0;
    for (let i = 0; i < n; i++) {
      const common = random.normal() * Math.sqrt(rho);
      for (let d = 0; d < 3; d++) us[d] = surpriseOf(common + Math.sqrt(1 - rho) * random.normal());
      const u = fuse(us);
      if (u > -Math.log(1e-2)) hundredth++;
      if (u > -Math.log(1e-3)) thousandth++;
    }
    expect(hundredth / n / 1e-2).toBeGreaterThan(0.9);
    expect(hundredth / n / 1e-2).toBeLessThan(1.2);
    expect(thousandth / n / 1e-3).toBeGreaterThan(0.85);
    expect(thousandth / n / 1e-3).toBeLessThan(1.2);
  });
});
