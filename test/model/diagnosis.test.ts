import { describe, expect, it } from 'vitest';
import type { DetectorOutputs, DetectorSession } from '../../model/detector.js';
import { Diagnosis } from '../../model/diagnosis.js';
import { healthStates, type ResultBatch } from '../../model/frames.js';
import type { Manifest } from '../../model/manifest.js';
import { undiagnosed, verdicts } from '../../model/suspicion.js';
import { emptyVerdicts } from '../../model/verdicts.js';

const C = 3;
const table = { n: 1000, body: [0, 1], threshold: 1, rate: 0.1, shape: 0, scale: 1 };
const manifest = (absent: boolean) =>
  ({
    channels: Array.from({ length: C }, (_, c) => ({ name: `s${c}`, scale: 1, center: 5 })),
    persistence: { of: 1, need: 1 },
    detectors: [
      {
        window: 1,
        warmupFrames: 0,
        calibration: { score: table, ...(absent && { absent: { settleFrames: 0, score: [1, 1, 1] } }) },
      },
    ],
  }) as unknown as Manifest;

/** Expects every signal to be the mean of those that are known: one that is wrong smears over all. */
function smear(frames: Float32Array, n: number): DetectorOutputs {
  const expected = new Float32Array(n * C);
  const residual = frames.map((value, i) => {
    const row = frames.subarray(i - (i % C), i - (i % C) + C).filter((v) => !Number.isNaN(v));
    expected[i] = row.reduce((sum, v) => sum + v, 0) / row.length;
    return Number.isNaN(value) ? 0 : value - (expected[i] as number);
  });
  const contribution = residual.map((r) => r * r);
  const score = Float32Array.from({ length: n }, (_, t) =>
    contribution.subarray(t * C, (t + 1) * C).reduce((sum, v) => sum + v, 0),
  );
  return { n, score, contribution, residual, expected, ready: new Uint8Array(n).fill(1) };
}

const looks = { count: 0 };
const smearing = {
  sequences: async (frames: Float32Array, count: number, T: number) => {
    looks.count++;
    return smear(frames.subarray(0, count * T * C), count * T);
  },
  step: async (n: number, _slot: Int32Array, values: Float32Array) => smear(values.subarray(0, n * C), n),
  fork: () => smearing,
  ensure: () => {},
  reset: () => {},
} as unknown as DetectorSession;

function diagnosisOf(): Diagnosis {
  const diagnosis = Diagnosis.of(manifest(true), [smearing], 5) as Diagnosis;
  diagnosis.ensure(4);
  return diagnosis;
}

function resultOf(frames: readonly (readonly number[])[], slots: readonly number[], spikeAt = -1): ResultBatch {
  const n = frames.length;
  const severity = Float32Array.from(frames, (frame) => (Math.max(...frame) - Math.min(...frame) > 2 ? 2 : 0));
  const health = new Uint8Array(n * C);
  if (spikeAt >= 0) health[spikeAt] = healthStates.indexOf('spike');
  return {
    n,
    slot: Int32Array.from(slots),
    timeMs: new Float64Array(n),
    ...emptyVerdicts(n, C, 1),
    severity,
    instant: severity,
    contribution: new Float32Array(n * C).fill(1 / C),
    actual: Float32Array.from(frames.flat()),
    health,
    ...undiagnosed(n, C),
  };
}

interface Told {
  readonly verdict: string | undefined;
  readonly suspects: readonly number[];
  readonly explains: readonly number[];
}

/** What is told of the last of `frames`, all of one slot. */
async function tell(
  diagnosis: Diagnosis,
  frames: readonly (readonly number[])[],
  spikes: readonly number[] = [],
): Promise<Told> {
  let told: Told = { verdict: undefined, suspects: [], explains: [] };
  for (const [k, frame] of frames.entries()) {
    const result = resultOf([frame], [0], spikes[k]);
    await diagnosis.step(result, result.actual);
    told = {
      verdict: verdicts[result.verdict[0] as number],
      suspects: [...result.suspect].flatMap((is, c) => (is === 1 ? [c] : [])),
      explains: [...result.explains].map((share) => Number(share.toFixed(2))),
    };
  }
  return told;
}

const repeat = (count: number, frame: readonly number[]) => Array.from({ length: count }, () => frame);
const normal = repeat(40, [5, 5, 5]);

describe('Diagnosis', () => {
  it('finds the one signal that explains a deviation, though it smears over others, and leaves the evidence alone', async () => {
    const told = await tell(diagnosisOf(), [...normal, ...repeat(3, [5, 5, 15])]);
    expect(told).toMatchObject({ verdict: 'undecided', suspects: [2] });
    expect(told.explains[2]).toBeGreaterThan(0.95);
    expect(Math.max(told.explains[0] as number, told.explains[1] as number)).toBeLessThan(0.5);
  });

  it('calls it the machine where more than one signal is strange without any other', async () => {
    const told = await tell(diagnosisOf(), [...normal, ...repeat(3, [5, 15, 30])]);
    expect(told).toMatchObject({ verdict: 'machine', suspects: [] });
  });

  it('says nothing of what does not deviate, and judges the next deviation anew', async () => {
    const diagnosis = diagnosisOf();
    expect(await tell(diagnosis, normal)).toEqual({
      verdict: 'none',
      suspects: [],
      explains: [Number.NaN, Number.NaN, Number.NaN],
    });
    expect((await tell(diagnosis, repeat(3, [5, 5, 15]))).suspects).toEqual([2]);
    expect((await tell(diagnosis, normal)).verdict).toBe('none');
    expect((await tell(diagnosis, repeat(3, [15, 5, 5]))).suspects).toEqual([0]);
  });

  it('suspects the signal that jumped alone and stayed, but leaves it to the evidence whether it is its sensor', async () => {
    // A spike is masked, so that nothing is strange before the new level passes.
    const jump = [...normal, ...repeat(3, [5, 5, 5]), [5, 15, 5]];
    const spikes = [...normal.map(() => -1), 1, 1, 1, -1];
    expect(await tell(diagnosisOf(), jump, spikes)).toMatchObject({ verdict: 'undecided', suspects: [1] });
  });

  it('confirms a sensor whose error is steady, and withdraws the suspicion where it goes with the load', async () => {
    const load = (t: number) => 5 + 2 * Math.sin(t / 9);
    const steady = Array.from({ length: 200 }, (_, t) => [load(t), load(t), load(t) + 6]);
    expect(await tell(diagnosisOf(), [...normal, ...steady])).toMatchObject({ verdict: 'sensor', suspects: [2] });
    const sick = Array.from({ length: 400 }, (_, t) => [load(t), load(t), 2.2 * load(t)]);
    expect(await tell(diagnosisOf(), [...normal, ...sick])).toMatchObject({ verdict: 'machine' });
  });

  it('tells of a slot by its own frames, whoever shares its batches', async () => {
    const strange = repeat(12, [5, 5, 15]);
    const alone = await tell(diagnosisOf(), [...normal, ...strange]);
    const diagnosis = diagnosisOf();
    let shared: number[] = [];
    for (const [k, frame] of [...normal, ...strange].entries()) {
      const others = [k % 5 === 0 ? [9, 5, 5] : [5, 5, 5], k > 30 ? [5, 20, 40] : [5, 5, 5]];
      const result = resultOf([others[0] as number[], frame, others[1] as number[]], [1, 0, 2]);
      await diagnosis.step(result, result.actual);
      shared = [...result.explains.subarray(C, 2 * C)].map((share) => Number(share.toFixed(2)));
    }
    expect(shared).toEqual(alone.explains);
  });

  it('looks ever more seldom while a deviation lasts', async () => {
    const diagnosis = diagnosisOf();
    await tell(diagnosis, normal);
    looks.count = 0;
    await tell(diagnosis, repeat(2000, [5, 5, 15]));
    expect(looks.count).toBeGreaterThan(8);
    expect(looks.count).toBeLessThan(20);
  });

  it('needs detectors that have learned to do without a signal', () => {
    expect(Diagnosis.of(manifest(false), [smearing], 5)).toBeUndefined();
  });
});
