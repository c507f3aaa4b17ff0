import { describe, expect, it } from 'vitest';
import { learnAllowance } from '../../model/allowance.js';
import { studentDeviate } from '../../model/normal.js';
import { Random } from '../../model/random.js';

const framesPerWeek = 604_800;
/** A segment of blocks of 240 frames, a frame a second, that have these means. */
const segment = (means: readonly number[]) =>
  Float32Array.from({ length: 240 * means.length }, (_, i) => means[Math.floor(i / 240)]!);

describe('what normal operation may deviate by for long', () => {
  it('is the predictive bound of a one-way analysis of variance', () => {
    // Means 2, 3, 7 and 4 of four machines: mean squares 28/3 between and 2 within, so variances 14/3 and 1 of the two.
    const machines = [segment([1, 3]), segment([2, 4]), segment([6, 8]), segment([3, 5])];
    const { allowance, priorScale } = learnAllowance(machines, framesPerWeek, 4);
    const freedom = (17 / 3) ** 2 / ((14 / 3) ** 2 / 3 + 1 / 4);
    const margin = studentDeviate(4, freedom) * Math.sqrt(17 / 3 + 14 / 3 / 4);
    expect(allowance).toBeCloseTo(4 + margin, 4);
    expect(priorScale).toBeCloseTo(((17 / 3) * 240) / (2 * margin), 2);
  });

  it('takes the hours of one machine for what machines are: further apart than the minutes of one', () => {
    const hour = (mean: number) => [...Array(8).fill(mean - 0.1), ...Array(7).fill(mean + 0.1)];
    const oneLong = learnAllowance([segment([0, 1, 0.5, 2].flatMap(hour))], framesPerWeek, 1);
    const four = learnAllowance(
      [0, 1, 0.5, 2].map((mean) => segment(hour(mean))),
      framesPerWeek,
      4,
    );
    expect(oneLong.allowance).toBeCloseTo(four.allowance, 6);
  });

  it('is unknown from fewer than four machines, or machine-hours, in however many pieces', () => {
    const pieces = Array.from({ length: 12 }, (_, k) => segment([k % 3]));
    expect(learnAllowance(pieces, framesPerWeek, 3).allowance).toBe(Number.POSITIVE_INFINITY);
    expect(learnAllowance(pieces, framesPerWeek, 4).allowance).toBeLessThan(100);
  });

  it('is at least half a deviate, also where nothing ever strays', () => {
    expect(learnAllowance(Array(4).fill(segment([0, 0])), framesPerWeek, 4).allowance).toBe(0.5);
  });

  it('covers the machine-hours that come, without being much more than they need', () => {
    const random = new Random(7);
    const [between, within] = [0.3, 0.5];
    const allowances = Array.from({ length: 300 }, () => {
      const machine = () => {
        const own = between * random.normal();
        return segment(Array.from({ length: 7 }, () => own + within * random.normal()));
      };
      return learnAllowance(Array.from({ length: 8 }, machine), framesPerWeek, 8).allowance;
    });
    const sigma = Math.hypot(between, within);
    const over = allowances.map((allowance) => 0.5 * (1 - erf(allowance / sigma / Math.SQRT2)));
    // Four deviates: one in 31,574.
    expect(over.reduce((sum, p) => sum + p, 0) / over.length).toBeLessThan(2 / 31_574);
    expect(allowances.sort((a, b) => a - b)[270]).toBeLessThan(6 * sigma);
  });
});

/** To 1.5e-7 (Abramowitz & Stegun 1964, 7.1.26). */
function erf(x: number): number {
  const t = 1 / (1 + 0.3275911 * x);
  const poly = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))));
  return 1 - poly * Math.exp(-x * x);
}
