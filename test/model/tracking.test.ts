import { describe, expect, it } from 'vitest';
import { calibrateTracking, episodeRules } from '../../model/calibrate-tracking.js';
import type { DetectorOutputs } from '../../model/detector.js';
import { Random } from '../../model/random.js';
import { widening } from '../../model/track-learning.js';
import { Tracker } from '../../model/tracking.js';
import { TrackingScorer } from '../../model/tracking-scoring.js';
import type { Verdicts } from '../../model/verdicts.js';
import { batchOf } from '../fixtures/stage.js';

const C = 2;
const table = { n: 100, body: [0, 4], threshold: 4, rate: 0.2, shape: 0, scale: 2 };
const tracking = {
  lambda: 0.5,
  level: [1, 0],
  spread: [2, 1],
  gain: [0.1, 0],
  leak: [0.05, 0],
  norm: [1, 1],
  whitening: [
    [1, 0],
    [0, 1],
  ],
  table,
};

function outputs(residuals: readonly (readonly number[])[]): DetectorOutputs {
  const residual = Float32Array.from(residuals.flat());
  const n = residuals.length;
  return {
    n,
    residual,
    score: new Float32Array(n).fill(1),
    contribution: residual.map((v) => v * v),
    expected: new Float32Array(n * C).fill(10),
    ready: new Uint8Array(n).fill(1),
  };
}

describe('Tracker', () => {
  const frame = (values: number[], out: number[] = [0, 0]) => ({
    residual: Float32Array.from(values),
    out: Uint8Array.from(out),
    at: 0,
  });

  it('averages what is left beside the baseline, in spreads', () => {
    const tracker = new Tracker(tracking, 0.5, 3);
    tracker.ensure(1);
    expect(tracker.observe(0, frame([5, 1]))).toBeCloseTo(1 + 0.25, 10);
    tracker.follow(0, 'slow');
    // x = 2: the baseline went a tenth of the way.
    expect(tracker.offset(0, 0)).toBeCloseTo(1 + 2 * 0.2, 10);
    expect(tracker.offset(0, 1)).toBe(0);
    tracker.observe(0, frame([5, 1]));
    expect([...tracker.deviation]).toEqual([expect.closeTo(0.5 + 0.5 * 1.8, 10), 0.75]);
  });

  it('leaks in an alarm, and takes up the present on a return', () => {
    const tracker = new Tracker(tracking, 0.5, 3);
    tracker.ensure(2);
    for (let i = 0; i < 3; i++) tracker.observe(1, frame([41, 0]));
    tracker.follow(1, 'alarm');
    expect(tracker.offset(1, 0)).toBeCloseTo(1 + 2 * 0.05 * 20, 10);
    tracker.rebase(1);
    expect(tracker.offset(1, 0)).toBeCloseTo(41, 10);
    expect(tracker.offset(0, 0)).toBe(1);
    tracker.reset(1);
    expect(tracker.offset(1, 0)).toBe(1);
  });

  it('lets the average of a missing signal fade and its baseline stand', () => {
    const tracker = new Tracker(tracking, 0.5, 3);
    tracker.ensure(1);
    tracker.observe(0, frame([5, 0]));
    tracker.observe(0, frame([0, 0], [1, 0]));
    tracker.follow(0, 'slow');
    expect(tracker.deviation[0]).toBeCloseTo(0.5, 10);
    expect(tracker.offset(0, 0)).toBe(1);
  });
});

/** Two noisy signals, the second of which wanders. */
function machine(seed: number, n: number, fault?: { from: number; to: number; size: number }): number[][] {
  const random = new Random('tracking', seed);
  let slow = 0;
  return Array.from({ length: n }, (_, i) => {
    slow += random.normal(0, 0.05);
    const extra = fault !== undefined && i >= fault.from && i < fault.to ? fault.size : 0;
    return [random.normal() + extra, slow + random.normal(0, 0.3)];
  });
}

function learnFrom(rows: number[][]) {
  const part = (from: number, to: number) => {
    const output = outputs(rows.slice(from, to));
    return [{ output, values: output.residual }];
  };
  return calibrateTracking([[{ learn: part(0, 280), calibrate: part(280, 400) }]], {
    channels: C,
    periodMs: 1000,
    shrink: 0.2,
    persistence: { of: 3, need: 2 },
  });
}

function severityOf(rows: number[][], alarmLevel = Math.log(604_800)): { severity: Float32Array; share: number[] } {
  const { detectors, persistence } = learnFrom(rows);
  const scorer = new TrackingScorer({
    scale: [1, 1],
    detectors: detectors.map((one) => one.tracking!),
    persistence,
    episodes: episodeRules,
    alarmLevel,
  });
  scorer.ensure(1);
  const n = rows.length;
  const into: Verdicts = {
    severity: new Float32Array(n),
    instant: new Float32Array(n),
    detector: new Float32Array(n),
    contribution: new Float32Array(n * C),
    expected: new Float32Array(n * C),
    mode: new Uint8Array(n),
  };
  const all = outputs(rows);
  scorer.step(batchOf([all], into), 0, n);
  return { severity: into.severity, share: Array.from({ length: n }, (_, i) => into.contribution[i * C]!) };
}

describe('tracking scoring', () => {
  it('learns which signal wanders', () => {
    const { gain, leak } = learnFrom(machine(1, 400)).detectors[0]!.tracking!;
    expect(leak).toEqual([0, 1 / 1000]);
    expect(gain[1]).toBeGreaterThan(gain[0]!);
  });

  it('widens a spread that few independent frames tell of, as Student has it', () => {
    // Quantiles of t at 0.99865 over 3, from a table.
    expect(widening(5)).toBeCloseTo(5.507 / 3, 1);
    expect(widening(30)).toBeCloseTo(3.27 / 3, 2);
    expect(widening(1e6)).toBeCloseTo(1, 5);
    expect(widening(0.5)).toBe(widening(3));
  });

  it('raises a lasting fault, holds it, names its signal, and lets it go when it has gone', () => {
    for (const seed of [1, 2, 3]) {
      const { severity, share } = severityOf(machine(seed, 1200, { from: 600, to: 900, size: 8 }));
      expect(severity.subarray(400, 600).every((value) => value < 1)).toBe(true);
      expect(severity.subarray(610, 900).every((value) => value >= 1)).toBe(true);
      expect(severity.subarray(925).every((value) => value < 1)).toBe(true);
      expect(share[620]).toBeGreaterThan(0.8);
    }
  });

  it('follows drift that is as fast as it was in normal data', () => {
    const alarmed = [4, 5, 6, 7, 8].map(
      (seed) => severityOf(machine(seed, 3000)).severity.filter((v) => v >= 1).length,
    );
    // An alarm that drift raises does not stay for ever.
    expect(alarmed.reduce((a, b) => a + b, 0) / (5 * 2600)).toBeLessThan(0.1);
  });

  it('says nothing while data are missing', () => {
    const { detectors, persistence } = learnFrom(machine(1, 400));
    const scorer = new TrackingScorer({
      scale: [1, 1],
      detectors: detectors.map((one) => one.tracking!),
      persistence,
      episodes: episodeRules,
      alarmLevel: 5,
    });
    scorer.ensure(1);
    const into: Verdicts = {
      severity: Float32Array.of(9),
      instant: Float32Array.of(9),
      detector: Float32Array.of(9),
      contribution: new Float32Array(C),
      expected: new Float32Array(C),
      mode: new Uint8Array(1),
    };
    scorer.step(batchOf([outputs([[50, 50]])], into, { known: 0 }), 0, 1);
    expect([into.severity[0], into.instant[0], into.detector[0]]).toEqual([0, 0, 0]);
  });

  it('refuses data too short to calibrate on', () => {
    const output = outputs(machine(1, 100));
    const runs = [[{ learn: [{ output, values: output.residual }], calibrate: [] }]];
    const options = { channels: C, periodMs: 1000, shrink: 0.2, persistence: { of: 3, need: 2 } };
    expect(() => calibrateTracking(runs, options)).toThrow(RangeError);
  });
});
