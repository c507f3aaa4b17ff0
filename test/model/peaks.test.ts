import { describe, expect, it } from 'vitest';
import { alarmLevel, assetHours, expectedBounds, expectedPerWeek, fitPeaks } from '../../model/peaks.js';
import { Random } from '../../model/random.js';

const weekFrames = 10_080;

describe('fitPeaks', () => {
  it('counts runs of frames above the threshold as one peak, and takes its maximum', () => {
    const series = new Float32Array(100);
    series.set([3, 5, 0, 4], 10); // one peak: one frame between is no end
    series.set([7], 40);
    series.set([6], 99);
    const table = fitPeaks([series, Float32Array.of(9, 0, 0, 0)], 1040, { rate: 6 / 104, runFrames: 3 });
    expect(table).toMatchObject({ frames: 104, peaks: 4, threshold: 0, peaksPerWeek: 40, shape: 0 });
    // Mean excess 5, 7, 6, 9, drawn towards 1 by four peaks' worth.
    expect(table.scale).toBeCloseTo((27 + 4) / 8, 10);
  });

  it('finds rate and scale of independent exponential peaks', () => {
    const random = new Random(4);
    const scale = 0.7;
    const series = Float32Array.from({ length: 200_000 }, () => -scale * Math.log(1 - random.uniform()));
    const table = fitPeaks([series], weekFrames, { runFrames: 1 });
    expect(table.scale / scale).toBeGreaterThan(0.93);
    expect(table.scale / scale).toBeLessThan(1.07);
    // Each frame is a peak of its own, so P(frame > level) * frames a week is what is expected.
    for (const perWeek of [1, 5, 20]) {
      const level = alarmLevel(table, perWeek);
      const truth = weekFrames * Math.exp(-level / scale);
      expect(truth / perWeek).toBeGreaterThan(0.7);
      expect(truth / perWeek).toBeLessThan(1.4);
    }
  });

  it('keeps the budget on weeks that it has not seen, for correlated statistics', () => {
    const walk = (seed: number, frames: number) => {
      const random = new Random(seed);
      let z = 0;
      return Float32Array.from({ length: frames }, () => {
        z = 0.9 * z + Math.sqrt(1 - 0.81) * random.normal();
        return (z * z) / 2;
      });
    };
    const table = fitPeaks([walk(1, 40 * weekFrames)], weekFrames);
    const unseen = walk(2, 100 * weekFrames);
    for (const perWeek of [1, 5, 20]) {
      const level = alarmLevel(table, perWeek);
      const { peaks } = fitPeaks([unseen.map((v) => Math.max(0, v - level))], weekFrames, {
        rate: unseen.filter((v) => v > level).length / unseen.length,
      });
      const ratio = peaks / 100 / perWeek;
      expect(ratio).toBeGreaterThan(0.5);
      expect(ratio).toBeLessThan(2);
    }
  });

  it('level and rate are inverse to each other, and the level rises as the budget falls', () => {
    for (const shape of [0, 0.2]) {
      const table = { frames: 1e5, peaks: 200, threshold: 4, peaksPerWeek: 300, shape, scale: 0.8 };
      let before = 0;
      for (const perWeek of [1000, 300, 20, 1, 0.01]) {
        const level = alarmLevel(table, perWeek);
        expect(expectedPerWeek(table, level)).toBeCloseTo(perWeek, 8);
        const [low, high] = expectedBounds(table, level);
        expect(low).toBeLessThanOrEqual(perWeek * (1 + 1e-9));
        if (perWeek < 20) expect(high).toBeGreaterThan(perWeek);
        expect(level).toBeGreaterThan(before);
        before = level;
      }
      expect(alarmLevel(table, 300)).toBeCloseTo(4, 10);
    }
  });

  it('extrapolates with more care the fewer peaks it has seen', () => {
    const table = { frames: 1e5, threshold: 4, peaksPerWeek: 300, shape: 0, scale: 0.8 };
    expect(alarmLevel({ ...table, peaks: 10 }, 1)).toBeGreaterThan(alarmLevel({ ...table, peaks: 100 }, 1) + 0.5);
    expect(alarmLevel({ ...table, peaks: 1e6 }, 1)).toBeCloseTo(4 + 0.8 * Math.log(300), 1);
    const [low, high] = expectedBounds({ ...table, peaks: 1e6 }, 6);
    expect(high / low).toBeLessThan(1.2);
  });

  it('peaks of one hour are one witness', () => {
    const table = { frames: 3600, threshold: 4, shape: 0, scale: 0.8 };
    const oneHour = { ...table, peaks: 50, peaksPerWeek: 50 * 168 };
    expect(assetHours(oneHour)).toBeCloseTo(1, 10);
    // As many peaks in fifty hours: the same scale is known from fifty witnesses.
    const fifty = { ...table, peaks: 50, peaksPerWeek: 168 };
    const excess = (one: typeof oneHour, perWeek: number) => alarmLevel(one, perWeek) - 4;
    expect(excess(oneHour, 50)).toBeCloseTo(0.8 * 5 * (168 ** 0.2 - 1), 8);
    expect(excess(fifty, 1)).toBeCloseTo(0.8 * 54 * (168 ** (1 / 54) - 1), 8);
  });

  it('what is expected is right on average: levels from short records, judged by the truth', () => {
    const random = new Random(11);
    const perWeek = 2;
    let total = 0;
    const runs = 400;
    for (let run = 0; run < runs; run++) {
      // Three hundred hours, thirty peaks, of a scale that nobody is told.
      const scale = Math.exp(random.uniform(-0.3, 0.3));
      const series = Float32Array.from({ length: 300 }, () => 1 - scale * Math.log(1 - random.uniform()));
      const level = alarmLevel(fitPeaks([series], 168, { runFrames: 1, rate: 0.1 }), perWeek);
      total += (168 * Math.exp(-(level - 1) / scale)) / perWeek;
    }
    expect(total / runs).toBeGreaterThan(0.7);
    expect(total / runs).toBeLessThan(1.4);
  });

  it('never sets the level below 1, and survives a statistic that never moves', () => {
    expect(alarmLevel({ frames: 1, peaks: 1, threshold: 2, peaksPerWeek: 10, shape: 0, scale: 1 }, 1e9)).toBe(1);
    const table = fitPeaks([new Float32Array(100)], weekFrames);
    expect(table).toMatchObject({ peaks: 0, threshold: 0, scale: 1 });
    // A hundred minutes in which nothing happened: the prior is all there is.
    expect(alarmLevel(table, 1)).toBeCloseTo(4 * (((0.5 * weekFrames) / 100) ** (1 / 4) - 1), 8);
    expect(() => fitPeaks([], weekFrames)).toThrow(RangeError);
  });
});
