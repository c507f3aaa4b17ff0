import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Bundle, loadBundle, writeBundle } from '../../model/bundle.js';
import { type DetectorOutputs, DetectorSession } from '../../model/detector.js';
import { Random } from '../../model/random.js';
import { channelNames, makeBundle } from '../fixtures/bundle.js';

const C = channelNames.length;
let dir: string;
let bundle: Bundle;

beforeAll(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'detector-'));
  const { manifest, files } = makeBundle();
  await writeBundle(path.join(dir, 'b'), manifest, files);
  bundle = await loadBundle(path.join(dir, 'b'));
});
afterAll(() => rm(dir, { recursive: true }));

const fields = ['score', 'contribution', 'expected', 'residual', 'ready'] as const;

describe.each(['mean', 'average'])('DetectorSession "%s"', (name) => {
  const open = () => DetectorSession.open(bundle, bundle.manifest.detectors.find((d) => d.name === name)!);

  it('gives the same step by step, in company, and in one sequence', async () => {
    const T = 2100;
    const random = new Random('sequence', name);
    const frames = Float32Array.from({ length: T * C }, () => (random.chance(0.1) ? Number.NaN : random.normal(10, 3)));
    const session = await open();
    const whole = await session.sequence(frames, T);
    session.ensure(9);
    const slot = Int32Array.of(8, 3, 5);
    const joined: Record<string, number[]> = Object.fromEntries(fields.map((f) => [f, []]));
    for (let t = 0; t < T; t++) {
      const frame = frames.subarray(t * C, (t + 1) * C);
      const values = Float32Array.from([
        ...Array.from({ length: C }, () => random.normal()),
        ...frame,
        ...frame.map((v) => -v),
      ]);
      const outputs: DetectorOutputs = await session.step(3, slot, values);
      // Slots that come later leave the others as they are.
      if (t === 100) session.ensure(1000);
      for (const field of fields) {
        const width = outputs[field].length / 3;
        joined[field]!.push(...outputs[field].subarray(width, 2 * width));
      }
    }
    for (const field of fields) {
      expect(whole[field]).toHaveLength(joined[field]!.length);
      const worst = joined[field]!.reduce(
        (most, v, i) => Math.max(most, Math.abs(v - whole[field][i]!) / Math.max(1, Math.abs(v))),
        0,
      );
      expect(worst).toBeLessThanOrEqual(1e-5);
    }
    await session.close();
  });

  it('gives the same in rounds, of which later ones have fewer assets', async () => {
    const [together, alone] = await Promise.all([open(), open()]);
    for (const session of [together, alone]) session.ensure(10);
    const random = new Random('rounds', name);
    const order = [7, 2, 9, 4];
    for (const rounds of [[4, 4, 2, 2, 2, 1], [1], [3, 3, 3], [4, 1], [2, 2]]) {
      const slot = Int32Array.from(rounds.flatMap((rows) => order.slice(0, rows)));
      const n = slot.length;
      const values = Float32Array.from({ length: n * C }, () =>
        random.chance(0.1) ? Number.NaN : random.normal(10, 3),
      );
      const all = await together.step(n, slot, values, rounds);
      for (let i = 0; i < n; i++) {
        const one = await alone.step(1, slot.subarray(i, i + 1), values.subarray(i * C, (i + 1) * C));
        for (const field of fields) {
          const width = one[field].length;
          for (let k = 0; k < width; k++) {
            const wanted = one[field][k] as number;
            expect(Math.abs((all[field][i * width + k] as number) - wanted)).toBeLessThanOrEqual(
              1e-5 * Math.max(1, Math.abs(wanted)),
            );
          }
        }
      }
    }
    await Promise.all([together.close(), alone.close()]);
  });

  it('says when warm-up is over, and warms up anew after a reset', async () => {
    const session = await open();
    session.ensure(1);
    const run = async (n: number) => {
      const ready: number[] = [];
      const scores: number[] = [];
      for (let i = 0; i < n; i++) {
        const outputs = await session.step(1, Int32Array.of(0), Float32Array.of(i, 1, 2));
        ready.push(outputs.ready[0]!);
        scores.push(outputs.score[0]!);
      }
      return { ready, scores };
    };
    const first = await run(6);
    expect(first.ready).toEqual(name === 'mean' ? [0, 0, 0, 1, 1, 1] : [0, 0, 1, 1, 1, 1]);
    session.reset(0);
    expect(await run(6)).toEqual(first);
    await session.close();
  });

  it('bears missing values: no NaN in what is scored', async () => {
    const session = await open();
    const outputs = await session.sequence(new Float32Array(20 * C).fill(Number.NaN), 20);
    for (const field of ['score', 'contribution', 'residual'] as const)
      expect([...outputs[field]]).toEqual(new Array(outputs[field].length).fill(0));
    await session.close();
  });

  it('passes its golden vectors, and tells a wrong, a short and an unknown output', async () => {
    const session = await open();
    await expect(session.selfTest(bundle.golden)).resolves.toBeUndefined();
    const golden = bundle.golden.find((g) => g.detector === name)!;
    for (const outputs of [{ score: [golden.outputs.score![0]! + 2e-3] }, { expected: [0] }, { nothing: [1] }]) {
      await expect(session.selfTest([{ ...golden, outputs }])).rejects.toThrow(/does not give its golden output/);
    }
    await session.close();
  });
});

describe('DetectorSession.open', () => {
  it('refuses a file that is no graph', async () => {
    const file = path.join(dir, 'b', 'noise.onnx');
    await writeFile(file, 'noise');
    await expect(
      DetectorSession.open(bundle, { ...bundle.manifest.detectors[0]!, file: 'noise.onnx' }),
    ).rejects.toThrow(/noise\.onnx: The graph does not load/);
  });

  it('refuses a graph that lacks what its kind needs', async () => {
    await expect(DetectorSession.open(bundle, { ...bundle.manifest.detectors[0]!, kind: 'recurrent' })).rejects.toThrow(
      /The graph has no state, state_out/,
    );
  });
});
