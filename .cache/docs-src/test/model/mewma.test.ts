import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { eigenSymmetric } from '../../model/linalg.js';
import { learnWhitening, Mewma } from '../../model/mewma.js';
import { Random } from '../../model/random.js';

const multiply = (a: readonly (readonly number[])[], b: readonly (readonly number[])[]) =>
  a.map((row) => b[0]!.map((_, j) => row.reduce((sum, v, k) => sum + v * b[k]![j]!, 0)));

describe('eigenSymmetric', () => {
  it('knows the textbook case', () => {
    const { values, vectors } = eigenSymmetric([
      [2, 1],
      [1, 2],
    ]);
    expect(values).toEqual([expect.closeTo(1, 12), expect.closeTo(3, 12)]);
    expect(Math.abs(vectors[0]![1]!)).toBeCloseTo(Math.SQRT1_2, 12);
    expect(vectors[0]![1]).toBeCloseTo(vectors[1]![1]!, 12);
    expect(
      eigenSymmetric([
        [3, 0],
        [0, -1],
      ]).values,
    ).toEqual([-1, 3]);
  });

  it('rebuilds any symmetric matrix from orthonormal vectors', () => {
    const matrix = fc.integer({ min: 1, max: 8 }).chain((n) =>
      fc.array(fc.array(fc.double({ min: -1e3, max: 1e3, noNaN: true }), { minLength: n, maxLength: n }), {
        minLength: n,
        maxLength: n,
      }),
    );
    fc.assert(
      fc.property(matrix, (m) => {
        const symmetric = m.map((row, i) => row.map((v, j) => v + m[j]![i]!));
        const { values, vectors } = eigenSymmetric(symmetric);
        const transposed = vectors.map((_, i) => vectors.map((row) => row[i]!));
        const rebuilt = multiply(
          vectors.map((row) => row.map((v, k) => v * values[k]!)),
          transposed,
        );
        const unit = multiply(vectors, transposed);
        for (let i = 0; i < m.length; i++) {
          for (let j = 0; j < m.length; j++) {
            expect(Math.abs(rebuilt[i]![j]! - symmetric[i]![j]!)).toBeLessThan(1e-8);
            expect(Math.abs(unit[i]![j]! - (i === j ? 1 : 0))).toBeLessThan(1e-10);
          }
        }
      }),
    );
  });

  it('refuses what is no finite square', () => {
    expect(() => eigenSymmetric([[1, 2]])).toThrow(RangeError);
    expect(() => eigenSymmetric([[Number.NaN]])).toThrow(RangeError);
  });
});

describe('learnWhitening', () => {
  it('is the symmetric inverse square root', () => {
    const covariance = [
      [4, 1, 0.5],
      [1, 3, -1],
      [0.5, -1, 2],
    ];
    const w = learnWhitening(covariance, 0);
    const whitened = multiply(multiply(w, covariance), w);
    for (let i = 0; i < 3; i++)
      for (let j = 0; j < 3; j++) {
        expect(w[i]![j]).toBeCloseTo(w[j]![i]!, 12);
        expect(whitened[i]![j]).toBeCloseTo(i === j ? 1 : 0, 10);
      }
  });

  it('shrinks towards the diagonal, and bears a signal that never moves', () => {
    expect(
      learnWhitening(
        [
          [4, 1],
          [1, 9],
        ],
        1,
      ),
    ).toEqual([
      [expect.closeTo(0.5, 12), 0],
      [0, expect.closeTo(1 / 3, 12)],
    ]);
    const half = learnWhitening(
      [
        [4, 2],
        [2, 4],
      ],
      0.5,
    );
    expect(
      multiply(
        multiply(half, [
          [4, 1],
          [1, 4],
        ]),
        half,
      )[0],
    ).toEqual([expect.closeTo(1, 10), expect.closeTo(0, 10)]);
    for (const row of learnWhitening(
      [
        [0, 0],
        [0, 1],
      ],
      0.2,
    ))
      for (const v of row) expect(Math.abs(v)).toBeLessThanOrEqual(1000.001);
  });
});

describe('Mewma', () => {
  const identity = [
    [1, 0],
    [0, 1],
  ];

  it('follows the recursion of Lowry et al., a slot at a time', () => {
    const mewma = new Mewma({
      lambda: 0.25,
      whitening: [
        [2, 0],
        [0, 1],
      ],
    });
    mewma.ensure(2);
    const into = new Float32Array(4);
    expect(mewma.step(0, Float32Array.of(0, 0, 4, -8), 2, into, 2)).toBeCloseTo(2 ** 2 + 2 ** 2, 6);
    expect([...into]).toEqual([0, 0, 4, 4]);
    expect(mewma.step(1, Float32Array.of(0, 0), 0, into, 0)).toBe(0);
    // S = 0.75 (1, -2) + 0.25 (0, 0)
    expect(mewma.step(0, Float32Array.of(0, 0), 0, into, 0)).toBeCloseTo((2 * 0.75) ** 2 + 1.5 ** 2, 6);
    mewma.reset(0);
    expect(mewma.step(0, Float32Array.of(0, 0), 0, into, 0)).toBe(0);
  });

  it('settles at the variance lambda / (2 - lambda) of white noise', () => {
    const random = new Random(9);
    const mewma = new Mewma({ lambda: 0.2, whitening: identity });
    mewma.ensure(1);
    const into = new Float32Array(2);
    let sum = 0;
    for (let i = 0; i < 50_000; i++)
      sum += mewma.step(0, Float32Array.of(random.normal(), random.normal()), 0, into, 0);
    expect(sum / 50_000 / 2).toBeCloseTo(0.2 / 1.8, 2);
  });

  it('sees a small lasting shift that single frames hide', () => {
    const random = new Random(10);
    const lambda = 0.1;
    const spread = Math.sqrt(lambda / (2 - lambda));
    const mewma = new Mewma({
      lambda,
      whitening: [
        [1 / spread, 0],
        [0, 1 / spread],
      ],
    });
    mewma.ensure(1);
    const into = new Float32Array(2);
    let last = 0;
    for (let i = 0; i < 100; i++)
      last = mewma.step(0, Float32Array.of(1.5 + random.normal(), random.normal()), 0, into, 0);
    expect(last).toBeGreaterThan(13.8); // chi-squared, 2 degrees, 1e-3
    expect(into[0]).toBeGreaterThan(into[1]!);
  });
});
