import { describe, expect, it } from 'vitest';
import { calibrate } from '../../model/calibrate.js';
import type { DetectorOutputs } from '../../model/detector.js';
import { weekMs } from '../../model/duration.js';
import { firstRegime, modes } from '../../model/frames.js';
import { Fusion } from '../../model/fusion.js';
import { alarmLevel } from '../../model/peaks.js';
import { Random } from '../../model/random.js';
import { Scorer } from '../../model/scoring.js';
import { surprise } from '../../model/tail.js';
import { correlationTime, thin } from '../../model/thinning.js';
import type { Verdicts } from '../../model/verdicts.js';
import { batchOf } from '../fixtures/stage.js';

function fuse(surprises: readonly number[]): number {
  const fusion = new Fusion(surprises.length);
  for (const u of surprises) fusion.addSurprise(u);
  return fusion.fused();
}

const C = 2;
const table = { n: 1000, body: [0, 1], threshold: 1, rate: 0.1, shape: 0, scale: 1 };
const smoothed = {
  lambda: 1,
  whitening: [
    [1, 0],
    [0, 1],
  ],
  table,
};

/** One detector's outputs; residual^2 is the contribution, and its sum the score. */
function outputs(residuals: readonly (readonly number[])[], ready = true, expected = 0): DetectorOutputs {
  const residual = Float32Array.from(residuals.flat());
  return {
    n: residuals.length,
    score: Float32Array.from(residuals, (r) => r.reduce((sum, v) => sum + v * v, 0)),
    contribution: residual.map((v) => v * v),
    residual,
    expected: new Float32Array(residual.length).fill(expected),
    ready: new Uint8Array(residuals.length).fill(ready ? 1 : 0),
  };
}
const verdicts = (n: number, D: number): Verdicts => ({
  severity: new Float32Array(n),
  instant: new Float32Array(n),
  detector: new Float32Array(n * D),
  contribution: new Float32Array(n * C),
  expected: new Float32Array(n * C),
  mode: new Uint8Array(n),
});

describe('Scorer', () => {
  it('fuses the statistics of all detectors, over the alarm level', () => {
    const scorer = new Scorer({
      channels: C,
      detectors: [{ score: table, smoothed }, { score: table }],
      persistence: { of: 1, need: 1 },
      alarmLevel: 5,
    });
    scorer.ensure(1);
    const into = verdicts(1, 2);
    scorer.step(batchOf([outputs([[3, 1]], true, 7), outputs([[0, 2]], true, 8)], into), 0, 1);
    const u = (score: number) => score - 1 + Math.log(10);
    expect(surprise(table, 10)).toBeCloseTo(u(10), 10);
    expect(into.severity[0]).toBeCloseTo(fuse([u(10), u(10), u(4)]) / 5, 5);
    expect(into.instant[0]).toBe(into.severity[0]);
    expect(into.detector[0]).toBeCloseTo(fuse([u(10), u(10)]) / 5, 5);
    expect(into.detector[1]).toBeCloseTo(u(4) / 5, 5);
    expect([...into.expected]).toEqual([7, 7]);
    const w = Math.exp(-6);
    expect(into.contribution[0]).toBeCloseTo((2 * 0.9) / (2 + w), 6);
    expect(into.contribution[1]).toBeCloseTo((2 * 0.1 + w) / (2 + w), 6);
  });

  it('scores rows of several assets in one call as one by one, with signals out and detectors that warm up', () => {
    const random = new Random(5);
    const n = 1000;
    const noise = () => Array.from({ length: n }, () => [random.normal(), 3 * random.normal()]);
    const both = [noise(), noise()].map((rows, d) => {
      const one = outputs(rows);
      for (let i = 0; i < n; i++) one.ready[i] = i % (11 + d) === 0 ? 0 : 1;
      return one;
    });
    const values = Float32Array.from({ length: n * C }, () => (random.uniform() < 0.05 ? Number.NaN : 1));
    const slot = Int32Array.from({ length: n }, () => Math.floor(5 * random.uniform()));
    const known = Int32Array.from({ length: n }, (_, i) =>
      values.subarray(i * C, (i + 1) * C).reduce((sum, value) => sum + (Number.isNaN(value) ? 0 : 1), 0),
    );
    const run = (rowsACall: number) => {
      const absent = { settleFrames: 2, score: [1, 2], smoothed: [2, 1] };
      const scorer = new Scorer({
        channels: C,
        detectors: [
          {
            score: table,
            smoothed: { ...smoothed, lambda: 0.2 },
            absent,
            regimes: [null, { score: { ...table, rate: 0.2 } }],
          },
          { score: table, absent },
        ],
        persistence: { of: 4, need: 3 },
        cusum: { allowance: 0.5, threshold: 1, offset: 0.1, slope: 1 },
        alarmLevel: 5,
      });
      scorer.ensure(5);
      const into = verdicts(n, 2);
      for (let i = 0; i < n; i++) into.mode[i] = i % 3 === 0 ? firstRegime + (i % 2) : 0;
      for (let from = 0; from < n; from += rowsACall)
        scorer.step({ outputs: both, into, slot, known, values }, from, Math.min(n, from + rowsACall));
      return into;
    };
    const alone = run(1);
    expect(alone.severity.filter((value) => value > 1).length).toBeGreaterThan(5);
    for (const rowsACall of [7, 256, n]) expect(run(rowsACall)).toEqual(alone);
  });

  it('waits for need of the last frames', () => {
    const scorer = new Scorer({
      channels: C,
      detectors: [{ score: table }],
      persistence: { of: 4, need: 3 },
      alarmLevel: 10,
    });
    scorer.ensure(1);
    const strange = [1, 0, 1, 0, 1, 1, 0, 0, 0].map((on) => [on * 6, 0]);
    const into = verdicts(strange.length, 1);
    scorer.step(batchOf([outputs(strange)], into), 0, strange.length);
    expect([...into.instant].map((v) => v > 1)).toEqual(strange.map(([r]) => r! > 0));
    expect([...into.severity].map((v) => v > 1)).toEqual([
      false,
      false,
      false,
      false,
      false,
      true,
      false,
      false,
      false,
    ]);
  });

  it('leaves out detectors that warm up, and is warming up while all do', () => {
    const scorer = new Scorer({
      channels: C,
      detectors: [{ score: table }, { score: table }],
      persistence: { of: 1, need: 1 },
      alarmLevel: 1,
    });
    scorer.ensure(1);
    const into = verdicts(1, 2);
    scorer.step(batchOf([outputs([[9, 9]], false), outputs([[9, 9]], false)], into), 0, 1);
    expect([into.severity[0], into.instant[0], modes[into.mode[0]!]]).toEqual([0, 0, 'warm-up']);
    scorer.step(batchOf([outputs([[9, 9]], false), outputs([[2, 0]], true)], into), 0, 1);
    expect(into.severity[0]).toBeCloseTo(surprise(table, 4), 5);
    expect([into.detector[0], modes[into.mode[0]!]]).toEqual([0, 'steady']);
    expect([...into.contribution]).toEqual([1, 0]);
  });

  it('calls nothing strange without data', () => {
    const scorer = new Scorer({
      channels: C,
      detectors: [{ score: table, smoothed }],
      persistence: { of: 2, need: 1 },
      alarmLevel: 1,
    });
    scorer.ensure(1);
    const into = verdicts(1, 1);
    scorer.step(batchOf([outputs([[5, 5]])], into), 0, 1);
    expect(into.severity[0]).toBeGreaterThan(1);
    scorer.step(batchOf([outputs([[0, 0]])], into, { known: 0 }), 0, 1);
    expect([into.severity[0], into.instant[0], into.detector[0], modes[into.mode[0]!]]).toEqual([0, 0, 0, 'no-data']);
    expect([...into.contribution]).toEqual([0, 0]);
  });

  it('shares evenly what persists when nothing is left to blame', () => {
    const scorer = new Scorer({
      channels: C,
      detectors: [{ score: table }],
      persistence: { of: 2, need: 1 },
      alarmLevel: 1,
    });
    scorer.ensure(1);
    const into = verdicts(1, 1);
    scorer.step(batchOf([outputs([[5, 0]])], into), 0, 1);
    scorer.step(batchOf([outputs([[0, 0]])], into), 0, 1);
    expect(into.severity[0]).toBeGreaterThan(1);
    expect([...into.contribution]).toEqual([0.5, 0.5]);
  });
});

/** Two correlated detectors over autocorrelated residuals of two correlated signals. */
function normalSegment(seed: number, n: number, shift = 0): DetectorOutputs[] {
  const random = new Random('segment', seed);
  let a = 0;
  let b = 0;
  const residuals = Array.from({ length: n }, () => {
    const common = random.normal();
    a = 0.7 * a + common + random.normal(0, 0.5);
    b = 0.7 * b + common + random.normal(0, 0.5);
    return [a + shift, b];
  });
  return [outputs(residuals), outputs(residuals.map((r) => r.map((v) => v + random.normal())))];
}

describe('calibrate', () => {
  const options = { channels: C, periodMs: 60_000 };
  const weekFrames = weekMs / options.periodMs;
  const calibration = calibrate(
    Array.from({ length: 4 }, (_, i) => normalSegment(i, 2 * weekFrames)),
    options,
  );

  it('keeps the alarm budget on weeks that it has not seen', () => {
    const weeks = 60;
    for (const perWeek of [1, 5, 20]) {
      const scorer = new Scorer({
        channels: C,
        detectors: calibration.detectors,
        persistence: calibration.persistence,
        alarmLevel: alarmLevel(calibration.alarm, perWeek),
      });
      scorer.ensure(1);
      const unseen = normalSegment(99, weeks * weekFrames);
      const into = verdicts(weeks * weekFrames, 2);
      scorer.step(batchOf(unseen, into), 0, weeks * weekFrames);
      let alarms = 0;
      let quiet = 10;
      for (let row = 0; row < weeks * weekFrames; row++) {
        if (into.severity[row]! > 1) {
          if (quiet >= 10) alarms++;
          quiet = 0;
        } else quiet++;
      }
      expect(alarms / weeks / perWeek).toBeGreaterThan(0.5);
      expect(alarms / weeks / perWeek).toBeLessThan(2);
    }
  });

  it('finds a lasting shift and names its signal', () => {
    const scorer = new Scorer({
      channels: C,
      detectors: calibration.detectors,
      persistence: calibration.persistence,
      alarmLevel: alarmLevel(calibration.alarm, 1),
    });
    scorer.ensure(1);
    const into = verdicts(60, 2);
    const sick = normalSegment(5, 60, 6);
    scorer.step(batchOf(sick, into), 0, 60);
    expect(into.severity[59]).toBeGreaterThan(1);
    expect(into.contribution[59 * C]).toBeGreaterThan(0.6);
  });

  it('refuses data too short for tables', () => {
    expect(calibration.warnings).toEqual([]);
    expect(() => calibrate([normalSegment(1, 20)], options)).toThrow(
      /20 held-out frames past warm-up; calibration needs 50/,
    );
  });

  it('leaves the slow path out, and says so, where a single block of one machine is held out', () => {
    const { cusum, warnings } = calibrate([normalSegment(1, 400)], { ...options, periodMs: 1000 });
    expect(cusum).toBeUndefined();
    expect(warnings.join()).toMatch(/^Slow wear is not added up over time/);
  });

  it('reaches twice the alarm level by the slow path, not more', () => {
    const slowest = { allowance: 1, threshold: 0, offset: 0, slope: 1 };
    const { detectors, persistence } = calibration;
    const scorer = new Scorer({ channels: C, detectors, persistence, cusum: slowest, alarmLevel: 1000 });
    scorer.ensure(1);
    const into = verdicts(2000, 2);
    const sick = normalSegment(5, 2000, 6);
    scorer.step(batchOf(sick, into), 0, 2000);
    expect(into.severity[1999]).toBeGreaterThan(1.99);
    expect(Math.max(...into.severity)).toBeLessThan(2.01);
  });

  it('calibrates the score alone with lambda 1, and counts only frames past warm-up', () => {
    const [first, second] = normalSegment(1, 500) as [DetectorOutputs, DetectorOutputs];
    const late = { ...first, ready: first.ready.map((_, i) => (i < 100 ? 0 : 1)) };
    const { detectors, alarm } = calibrate([[late, { ...second, ready: late.ready }]], {
      ...options,
      lambda: 1,
      persistence: { of: 1, need: 1 },
    });
    expect(detectors[0]!.smoothed).toBeUndefined();
    expect(detectors[0]!.score.n).toBe(400);
    expect(alarm.frames).toBe(400);
  });

  it('thins by the autocorrelation time, and not where few would be left', () => {
    const random = new Random('ar');
    const walk = (phi: number, n: number) => {
      let z = 0;
      return Float32Array.from({ length: n }, () => {
        z = phi * z + Math.sqrt(1 - phi * phi) * random.normal();
        return Math.exp(z);
      });
    };
    // 1 + 2 sum 0.9^k = 19, cut where the correlation falls below 0.05.
    expect(correlationTime([walk(0.9, 100_000)])).toBeGreaterThan(16);
    expect(correlationTime([walk(0.9, 100_000)])).toBeLessThan(20);
    expect(correlationTime([walk(0, 10_000)])).toBeLessThan(1.2);
    expect(thin([walk(0.9, 60_000)]).length).toBeLessThan(4000);
    expect(thin([walk(0.9, 1000)])).toHaveLength(1000);
  });
});
