import { describe, expect, it } from 'vitest';
import type { DetectorOutputs, DetectorSession } from '../../model/detector.js';
import { Diagnosis, soleShare } from '../../model/diagnosis.js';
import type { Manifest } from '../../model/manifest.js';

const C = 3;
const table = { n: 1000, body: [0, 1], threshold: 1, rate: 0.1, shape: 0, scale: 1 };
const manifest = (absent: boolean) =>
  ({
    channels: Array.from({ length: C }, (_, c) => ({ name: `s${c}` })),
    persistence: { of: 1, need: 1 },
    detectors: [
      {
        window: 1,
        warmupFrames: 0,
        calibration: { score: table, ...(absent && { absent: { settleFrames: 0, score: [1, 1, 1] } }) },
      },
    ],
  }) as unknown as Manifest;

/** A detector that expects every signal to be the mean of those that are known: one that is wrong smears over all. */
const smearing = {
  sequence: async (frames: Float32Array, n: number): Promise<DetectorOutputs> => {
    const residual = frames.map((value, i) => {
      const row = frames.subarray(i - (i % C), i - (i % C) + C).filter((v) => !Number.isNaN(v));
      return Number.isNaN(value) ? 0 : value - row.reduce((sum, v) => sum + v, 0) / row.length;
    });
    const contribution = residual.map((r) => r * r);
    const score = Float32Array.from({ length: n }, (_, t) =>
      contribution.subarray(t * C, (t + 1) * C).reduce((sum, v) => sum + v, 0),
    );
    return { n, score, contribution, residual, expected: new Float32Array(n * C), ready: new Uint8Array(n).fill(1) };
  },
} as unknown as DetectorSession;

async function sharesOf(frames: readonly (readonly number[])[], shares = [0.4, 0.3, 0.3]) {
  const diagnosis = Diagnosis.of(manifest(true), [smearing], 5);
  diagnosis!.ensure(1);
  let last: number[] = [];
  for (const frame of frames) {
    const isStrange = Math.max(...frame) - Math.min(...frame) > 2;
    const into = {
      instant: Float32Array.of(isStrange ? 2 : 0),
      contribution: Float32Array.from(shares),
      mode: new Uint8Array(1),
    };
    await diagnosis!.step(0, 0, Float32Array.from(frame), into);
    last = [...into.contribution];
  }
  return last.map((share) => Number(share.toFixed(3)));
}

describe('Diagnosis', () => {
  const normal = Array.from({ length: 40 }, () => [5, 5, 5]);

  it('finds the one signal that explains a deviation, though it smears over others', async () => {
    expect(await sharesOf([...normal, [5, 5, 15]])).toEqual([0.086, 0.064, soleShare]);
    expect(await sharesOf([...normal, ...Array.from({ length: 50 }, () => [15, 5, 5])])).toEqual([
      soleShare,
      0.075,
      0.075,
    ]);
  });

  it('blames none where more than one signal is strange without any other', async () => {
    expect(await sharesOf([...normal, [5, 15, 30]])).toEqual([0.4, 0.3, 0.3]);
  });

  it('says nothing of frames that are not strange, and judges the next deviation anew', async () => {
    expect(await sharesOf([...normal, [5, 5, 15], [5, 5, 5]])).toEqual([0.4, 0.3, 0.3]);
    expect(await sharesOf([...normal, [5, 5, 15], ...normal, [5, 15, 30]])).toEqual([0.4, 0.3, 0.3]);
  });

  it('needs detectors that have learned to do without a signal', () => {
    expect(Diagnosis.of(manifest(false), [smearing], 5)).toBeUndefined();
  });
});
