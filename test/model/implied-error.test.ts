import { describe, expect, it } from 'vitest';
import { ImpliedError } from '../../model/implied-error.js';
import { Random } from '../../model/random.js';

function unevennessOf(frames: number, error: (t: number) => number): number {
  const implied = new ImpliedError();
  for (let t = 0; t < frames; t++) implied.push(error(t), t % 3);
  return implied.unevenness();
}

describe('ImpliedError', () => {
  it('finds offset, ramp and parabola perfectly even, however long they last', () => {
    for (const frames of [8, 60, 128, 1000, 10_000])
      for (const error of [() => 3, (t: number) => 1 + 0.01 * t, (t: number) => -(1 + (t / frames) ** 2)])
        expect(unevennessOf(frames, error), `${frames}`).toBeLessThan(1e-6);
  });

  it('finds what comes and goes with the load uneven, by as much as it comes and goes', () => {
    const square = (t: number) => 4 * (1 + 0.3 * (Math.floor(t / 60) % 2 === 0 ? 1 : -1));
    expect(unevennessOf(600, square)).toBeGreaterThan(0.25);
    expect(unevennessOf(600, square)).toBeLessThan(0.35);
    // In parts of itself: the size does not matter.
    expect(unevennessOf(600, (t) => 100 * square(t))).toBeCloseTo(unevennessOf(600, square), 8);
  });

  it('is about the noise over the level, less as points stand for more frames', () => {
    const random = new Random('noise');
    const noisy = () => 5 + random.normal(0, 0.5);
    const short = unevennessOf(120, noisy);
    expect(short).toBeGreaterThan(0.07);
    expect(short).toBeLessThan(0.13);
    expect(unevennessOf(4000, noisy)).toBeLessThan(0.5 * short);
  });

  it('says nothing of a few frames, and forgets', () => {
    expect(unevennessOf(7, () => 1)).toBeNaN();
    const implied = new ImpliedError();
    for (let t = 0; t < 500; t++) implied.push(t % 7, 1);
    implied.clear();
    expect([implied.frames, implied.travel(), implied.level()]).toEqual([0, 0, 0]);
    for (let t = 0; t < 20; t++) implied.push(2, 1);
    expect(implied.unevenness()).toBeLessThan(1e-9);
  });

  it('knows its size and how far the machine was moved meanwhile', () => {
    const implied = new ImpliedError();
    for (let t = 0; t < 1000; t++) implied.push(t % 2 === 0 ? 4 : -2, t % 2 === 0 ? 11 : 7);
    expect(implied.travel()).toBeCloseTo(2);
    expect(implied.level()).toBeLessThan(3.5);
    expect(implied.level()).toBeGreaterThan(0.9);
  });
});
