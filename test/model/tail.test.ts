import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Random } from '../../model/random.js';
import { bodyP, fitGpd, fitTail, surprise, Tail } from '../../model/tail.js';

const sample = (n: number, draw: () => number) => Float64Array.from({ length: n }, draw);
const seeded = (seed: number) => {
  const random = new Random(seed);
  return () => 1 - random.uniform();
};
const median = (values: number[]) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;

describe('fitGpd', () => {
  it.each([
    [0.1, 2],
    [0.25, 1],
    [0.4, 5],
  ])('finds shape %f and scale %f of a GPD', (shape, scale) => {
    const random = seeded(7);
    const y = sample(50_000, () => (scale / shape) * (random() ** -shape - 1));
    const fit = fitGpd(y);
    expect(fit.shape).toBeCloseTo(shape, 1);
    expect(Math.abs(fit.shape - shape)).toBeLessThan(0.02);
    expect(fit.scale / scale).toBeGreaterThan(0.97);
    expect(fit.scale / scale).toBeLessThan(1.03);
  });

  it('is at a maximum of the likelihood, as a search over a grid sees it', () => {
    const random = seeded(3);
    const y = sample(500, () => (1 / 0.3) * (random() ** -0.3 - 1));
    const likelihood = (shape: number, scale: number) =>
      y.reduce(
        (sum, v) =>
          sum - Math.log(scale) - (shape === 0 ? v / scale : (1 + 1 / shape) * Math.log1p((shape * v) / scale)),
        0,
      );
    const { shape, scale } = fitGpd(y);
    const best = likelihood(shape, scale);
    for (let g = 0; g <= 0.5; g += 0.02)
      for (let s = 0.5; s < 2; s += 0.02) expect(likelihood(g, s)).toBeLessThanOrEqual(best + 1e-6);
  });

  it('takes the exponential for light tails and few excesses, and stops at shape 1/2 for heavy ones', () => {
    const random = seeded(5);
    const uniform = sample(1000, random);
    expect(fitGpd(uniform)).toEqual({ shape: 0, scale: uniform.reduce((a, b) => a + b) / 1000 });
    const pareto = () => random() ** -1 - 1;
    expect(fitGpd(sample(50, pareto)).shape).toBe(0);
    const heavy = fitGpd(sample(2000, pareto));
    expect(heavy.shape).toBe(0.5);
    expect(heavy.scale).toBeGreaterThan(0.5);
  });
});

describe('fitTail and surprise', () => {
  it('gives -ln p of the exponential, in the body and far beyond the data', () => {
    const random = seeded(11);
    const table = fitTail(sample(100_000, () => -3 * Math.log(random())));
    for (const u of [0.1, 0.7, 2, 3.9, 6, 9]) expect(surprise(table, 3 * u) / u).toBeCloseTo(1, 1);
    expect(table.shape).toBeLessThan(0.05);
    expect(table.body).toHaveLength(200);
    expect(table.body.at(-1)).toBe(table.threshold);
  });

  it('keeps the tail rate of Student t4 within the published spread (true rate / nominal at 1e-4, median of 40)', () => {
    // P(|T| > x) of t4 in closed form.
    const survival = (x: number) => {
      const s = x / Math.sqrt(x * x + 4);
      return 1 - (s + (s * (1 - s * s)) / 2);
    };
    const ratios = Array.from({ length: 40 }, (_, seed) => {
      const random = new Random(seed);
      const normal = () => random.normal();
      const t4 = () =>
        Math.abs(normal()) / Math.sqrt((normal() ** 2 + normal() ** 2 + normal() ** 2 + normal() ** 2) / 4);
      const table = fitTail(sample(10_000, t4));
      let low = 0;
      let high = 1000;
      while (high - low > 1e-6) {
        const x = (low + high) / 2;
        if (surprise(table, x) < -Math.log(1e-4)) low = x;
        else high = x;
      }
      return survival(low) / 1e-4;
    });
    expect(survival(2.776)).toBeCloseTo(0.05, 4);
    expect(median(ratios)).toBeGreaterThan(0.6);
    expect(median(ratios)).toBeLessThan(1.7);
  });

  it('gives half the uniform a surprise of ln 2, and the end of it a finite one', () => {
    const table = fitTail(sample(50_000, seeded(2)));
    expect(surprise(table, 0.5)).toBeCloseTo(Math.LN2, 1);
    expect(surprise(table, 1)).toBeGreaterThan(4);
    expect(surprise(table, 2)).toBeGreaterThan(50);
    expect(Number.isFinite(surprise(table, 1e300))).toBe(true);
  });

  it('counts equal scores as "this or more"', () => {
    const table = fitTail([...new Array(50).fill(1), ...new Array(50).fill(2)], { rate: 0.1 });
    expect(surprise(table, 0.5)).toBe(0);
    expect(surprise(table, 1)).toBe(0);
    expect(surprise(table, 2)).toBeCloseTo(Math.LN2, 1);
    expect(surprise(table, 3)).toBeGreaterThan(surprise(table, 2));
  });

  it('survives scores that never differ', () => {
    for (const value of [0, 5, -1]) {
      const table = fitTail(new Array(20).fill(value));
      expect(surprise(table, value)).toBe(0);
      expect(surprise(table, value + 1)).toBeGreaterThan(1);
      expect(Number.isFinite(surprise(table, value + 1e12))).toBe(true);
    }
  });

  it('refuses too few scores and scores that are no numbers', () => {
    expect(() => fitTail([1, 2, 3])).toThrow(RangeError);
    expect(() => fitTail([...new Array(20).fill(1), Number.NaN])).toThrow(RangeError);
  });

  it('prepared, tells the same of every score, however unevenly the sample lies', () => {
    const few = fc.constantFrom(0, 1, 1 + 2 ** -40, 2, 1e-9, 1e9);
    const any = fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e12, max: 1e12 });
    const sample = fc.array(fc.oneof(few, any, fc.double({ noNaN: true, min: 0, max: 1 })), {
      minLength: 10,
      maxLength: 400,
    });
    fc.assert(
      fc.property(sample, fc.array(fc.oneof(few, any)), (calibration, asked) => {
        const table = fitTail(calibration);
        const tail = new Tail(table);
        const between = table.body.slice(1).map((point, i) => (point + (table.body[i] as number)) / 2);
        for (const score of [...asked, ...calibration, ...table.body, ...between, Number.NaN])
          if (score > table.threshold) expect(tail.surprise(score)).toBe(surprise(table, score));
          else expect(tail.p(score)).toBe(bodyP(table, score));
      }),
    );
  });

  it('is finite, not negative and never falls, for any sample and any scores', () => {
    const scores = fc.array(fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e12, max: 1e12 }), {
      minLength: 10,
      maxLength: 300,
    });
    fc.assert(
      fc.property(scores, fc.array(fc.double(), { maxLength: 20 }), (calibration, asked) => {
        const table = fitTail(calibration);
        let before = 0;
        for (const score of [...asked, ...calibration.slice(0, 20), Infinity, -Infinity]
          .filter((s) => !Number.isNaN(s))
          .sort((a, b) => a - b)) {
          const u = surprise(table, score);
          expect(Number.isFinite(u)).toBe(true);
          expect(u).toBeGreaterThanOrEqual(before);
          before = u;
        }
        expect(surprise(table, Number.NaN)).toBe(0);
      }),
    );
  });
});
