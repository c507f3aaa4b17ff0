import { describe, expect, it } from 'vitest';
import { calibrateEnergy } from '../../model/calibrate-energy.js';
import type { DetectorOutputs } from '../../model/detector.js';
import { Energy } from '../../model/energy.js';
import { EnergyScorer } from '../../model/energy-scoring.js';
import { solveSymmetric } from '../../model/linalg.js';
import { Persistence } from '../../model/persistence.js';
import { Random } from '../../model/random.js';
import type { Verdicts } from '../../model/verdicts.js';
import { batchOf } from '../fixtures/stage.js';

const C = 3;

function outputs(n: number, seed: number, burst?: { from: number; to: number; channel: number }): DetectorOutputs {
  const random = new Random('energy', seed);
  const residual = Float32Array.from({ length: n * C }, (_, i) => {
    const row = Math.floor(i / C);
    const on = burst !== undefined && row >= burst.from && row < burst.to && i % C === burst.channel;
    return random.normal(0, on ? 6 : 1);
  });
  return {
    n,
    residual,
    score: residual.filter((_, i) => i % C === 0).map(Math.abs),
    contribution: residual.map((v) => v * v),
    expected: new Float32Array(n * C),
    ready: new Uint8Array(n).fill(1),
  };
}

describe('Energy', () => {
  it('averages squares of residuals and of what is left beside their level, cut off at ten spreads', () => {
    const energy = new Energy(1);
    energy.ensure(2);
    const pair = new Float64Array(2);
    energy.step(1, Float32Array.of(20), 0, pair);
    expect([...pair]).toEqual([10, 10]);
    energy.step(1, Float32Array.of(0), 0, pair);
    expect(pair[0]).toBeCloseTo(9, 10);
    // The level is a hundredth of 10 by now.
    expect(pair[1]).toBeCloseTo(9 + 0.1 * 0.1 ** 2, 10);
    expect(energy.share(1, 0)).toBeCloseTo(pair[0]! + pair[1]!, 10);
    energy.reset(1);
    expect(energy.share(1, 0)).toBe(0);
  });
});

describe('energy scoring', () => {
  const options = { channels: C, periodMs: 60_000, persistence: { of: 1, need: 1 } };
  const calibration = calibrateEnergy([[outputs(8000, 1), outputs(8000, 2)]], options);

  it('is calm in normal operation and finds a burst that both detectors see, with its signal', () => {
    const n = 1000;
    const scorer = new EnergyScorer({ ...options, energy: calibration.energy!, alarmLevel: 12 });
    scorer.ensure(1);
    const into: Verdicts = {
      severity: new Float32Array(n),
      instant: new Float32Array(n),
      detector: new Float32Array(2 * n),
      contribution: new Float32Array(n * C),
      expected: new Float32Array(n * C),
      mode: new Uint8Array(n),
    };
    const burst = { from: 600, to: 700, channel: 2 };
    const both = [outputs(n, 3, burst), outputs(n, 4, burst)];
    scorer.step(batchOf(both, into), 0, n);
    expect(into.severity.subarray(0, 600).every((value) => value < 1)).toBe(true);
    expect(into.severity.subarray(620, 700).every((value) => value > 1)).toBe(true);
    expect(into.contribution[650 * C + 2]).toBeGreaterThan(0.7);
    const sum = into.contribution.subarray(650 * C, 651 * C).reduce((a, b) => a + b, 0);
    expect(sum).toBeCloseTo(1, 5);
  });

  it('needs a hundred frames for its energies to fill, and fifty to judge by', () => {
    expect(() => calibrateEnergy([[outputs(140, 1)]], options)).toThrow(/calibration needs 50/);
  });
});

describe('Persistence', () => {
  it('is the need-th largest of the last of, by slot', () => {
    const persistence = new Persistence({ of: 3, need: 2 });
    persistence.ensure(2);
    expect([5, 1, 4, 0, 0].map((value) => persistence.push(1, value))).toEqual([0, 1, 4, 1, 0]);
    expect(persistence.push(0, 9)).toBe(0);
  });
});

describe('solveSymmetric', () => {
  it('solves, and refuses what is not positive definite', () => {
    const a = [
      [4, 2],
      [2, 3],
    ];
    const x = solveSymmetric(a, [[8], [7]]);
    expect(x.flat()).toEqual([expect.closeTo(1.25, 12), expect.closeTo(1.5, 12)]);
    expect(() => solveSymmetric([[0]], [[1]])).toThrow(RangeError);
  });
});
