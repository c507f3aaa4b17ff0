import { describe, expect, it } from 'vitest';
import { Absence, hideSignal, settleFramesOf } from '../../model/absence.js';
import type { DetectorOutputs } from '../../model/detector.js';
import { Scorer } from '../../model/scoring.js';
import type { Verdicts } from '../../model/verdicts.js';
import { batchOf } from '../fixtures/stage.js';

const C = 2;
const nan = Number.NaN;

function outputs(residuals: readonly (readonly number[])[]): DetectorOutputs {
  const residual = Float32Array.from(residuals.flat());
  return {
    n: residuals.length,
    score: Float32Array.from(residuals, (r) => r.reduce((sum, v) => sum + v * v, 0)),
    contribution: residual.map((v) => v * v),
    residual,
    expected: new Float32Array(residual.length),
    ready: new Uint8Array(residuals.length).fill(1),
  };
}

describe('Absence', () => {
  it('counts a signal as out while it is missing and until it has settled', () => {
    const absence = new Absence(C, 2);
    absence.ensure(2);
    const seen = [1, nan, nan, 1, 1, 1].map((value) => {
      absence.update(1, Float32Array.of(5, value), 0);
      return [...absence.out];
    });
    expect(seen.map(([first]) => first)).toEqual([0, 0, 0, 0, 0, 0]);
    expect(seen.map(([, second]) => second)).toEqual([0, 1, 1, 1, 1, 0]);
    absence.update(1, Float32Array.of(5, nan), 0);
    absence.reset(1);
    absence.update(1, Float32Array.of(5, 1), 0);
    expect(absence.count[0]).toBe(0);
  });

  it('multiplies the factors of what is out, and leaves its share out of the score', () => {
    const absence = new Absence(C, 0);
    absence.ensure(1);
    absence.update(0, Float32Array.of(nan, 1), 0);
    expect(absence.growth([3, 5])).toBe(3);
    expect(absence.growth(undefined)).toBe(1);
    expect(absence.scoreWithout(outputs([[4, 2]]), 0)).toBe(4);
    absence.update(0, Float32Array.of(nan, nan), 0);
    expect(absence.growth([3, 5])).toBe(15);
  });
});

describe('hideSignal', () => {
  it('hides a signal for long stretches and brings it back', () => {
    const hidden = hideSignal(new Float32Array(400 * C).fill(1), C, 1, 10);
    const gone = Array.from({ length: 400 }, (_, t) => Number.isNaN(hidden[t * C + 1] as number));
    expect(hidden.filter((_, i) => i % C === 0).every((v) => v === 1)).toBe(true);
    expect(gone.filter(Boolean).length).toBeGreaterThan(200);
    expect(gone.filter((on, t) => !on && gone[t - 1]).length).toBeGreaterThan(2);
    expect(settleFramesOf({ window: 8, warmupFrames: 7 })).toBe(7);
  });
});

describe('Scorer with a signal out', () => {
  const table = { n: 1000, body: [0, 1], threshold: 1, rate: 0.1, shape: 0, scale: 1 };
  const severities = (absent: boolean, rows: readonly (readonly number[])[], values: readonly number[]) => {
    const growth = { settleFrames: 1, score: [1, 4] };
    const scorer = new Scorer({
      channels: C,
      detectors: [{ score: table, ...(absent ? { absent: growth } : {}) }],
      persistence: { of: 1, need: 1 },
      alarmLevel: 1,
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
    const out = outputs(rows);
    scorer.step(batchOf([out], into, { values: Float32Array.from(values) }), 0, n);
    return into;
  };

  it('expects more of the others by the learned factor', () => {
    const values = [1, nan, 1, 1, 1, 1];
    const rows = [
      [4, 0],
      [4, 9],
      [4, 0],
    ];
    const { severity, contribution } = severities(true, rows, values);
    // 16 / 4 while it is missing, and in the frame of its return, in which its own 9^2 does not count; 16 after that.
    expect(severity[0]).toBeCloseTo(3 + Math.log(10), 5);
    expect(severity[1]).toBeCloseTo(3 + Math.log(10), 5);
    expect(severity[2]).toBeCloseTo(15 + Math.log(10), 5);
    expect([...contribution.subarray(2, 4)]).toEqual([1, 0]);
    expect(severities(false, rows, values).severity[0]).toBeCloseTo(15 + Math.log(10), 5);
  });
});
