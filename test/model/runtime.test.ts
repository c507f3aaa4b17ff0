import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Bundle, loadBundle, writeBundle } from '../../model/bundle.js';
import { type FrameBatch, healthStates, modes, type ResultBatch } from '../../model/frames.js';
import { alarmLevel } from '../../model/peaks.js';
import { Random } from '../../model/random.js';
import { BundleRuntime } from '../../model/runtime.js';
import { makeBundle } from '../fixtures/bundle.js';

let dir: string;
let bundle: Bundle;

beforeAll(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'runtime-'));
  const { manifest, files } = makeBundle();
  await writeBundle(path.join(dir, 'b'), manifest, files);
  bundle = await loadBundle(path.join(dir, 'b'));
});
afterAll(() => rm(dir, { recursive: true }));

function batch(rows: readonly { slot: number; values: readonly number[]; reset?: boolean }[], timeMs = 0): FrameBatch {
  return {
    n: rows.length,
    slot: Int32Array.from(rows, ({ slot }) => slot),
    timeMs: new Float64Array(rows.length).fill(timeMs),
    reset: Uint8Array.from(rows, ({ reset }) => (reset ? 1 : 0)),
    values: Float32Array.from(rows.flatMap(({ values }) => values)),
  };
}

const modeOf = (result: ResultBatch, row = 0) => modes[result.mode[row]!];
/** Largest difference, relative where values are above 1; NaN equals NaN alone. */
const worstOf = (a: ArrayLike<number>, b: ArrayLike<number>) =>
  Math.max(
    ...Array.from(a, (v, i) =>
      Number.isNaN(v) && Number.isNaN(b[i]!) ? 0 : Math.abs(v - b[i]!) / Math.max(1, Math.abs(v)),
    ),
  );
const share = (result: ResultBatch, row = 0) => [...result.contribution.subarray(row * 3, row * 3 + 3)];

describe('BundleRuntime', () => {
  it('tells its channels, detectors and the level of the budget', async () => {
    const runtime = await BundleRuntime.open(bundle);
    expect(runtime.channels).toEqual(['temperature', 'pressure', 'flow']);
    expect(runtime.detectors).toEqual(['mean', 'average']);
    expect(runtime.alarmLevel).toBeCloseTo(
      alarmLevel(bundle.manifest.alarm, bundle.manifest.falseAlarmsPerAssetWeek),
      10,
    );
    const loose = await BundleRuntime.open(bundle, { falseAlarmsPerAssetWeek: 6048 });
    expect(loose.alarmLevel).toBeCloseTo(4, 10);
    await Promise.all([runtime.close(), loose.close()]);
  });

  it('warms up, is calm, and names the signal that breaks', async () => {
    const runtime = await BundleRuntime.open(bundle);
    const calm = [0.1, -0.1, 0];
    const seen: (string | undefined)[] = [];
    for (let i = 0; i < 20; i++) seen.push(modeOf(await runtime.score(batch([{ slot: 3, values: calm }], i * 1000))));
    expect(seen.slice(0, 3)).toEqual(['warm-up', 'warm-up', 'steady']);
    const first = await runtime.score(batch([{ slot: 3, values: [0.1, -0.1, 30] }]));
    expect(first.instant[0]).toBeGreaterThan(1);
    // One frame is not enough for 2 of 3.
    expect(first.severity[0]).toBeLessThan(1);
    const second = await runtime.score(batch([{ slot: 3, values: [0.1, -0.1, 30] }]));
    expect(second.severity[0]).toBeGreaterThan(1);
    expect(share(second)[2]).toBeGreaterThan(0.9);
    expect(share(second).reduce((a, b) => a + b)).toBeCloseTo(1, 5);
    expect(second.expected[2]).toBeLessThan(30);
    expect([...second.actual]).toEqual([...Float32Array.of(0.1, -0.1, 30)]);
    await runtime.close();
  });

  it('scores a missing channel on the others', async () => {
    const runtime = await BundleRuntime.open(bundle);
    for (let i = 0; i < 20; i++) await runtime.score(batch([{ slot: 0, values: [0, 0, Number.NaN] }]));
    await runtime.score(batch([{ slot: 0, values: [40, 0, Number.NaN] }]));
    const result = await runtime.score(batch([{ slot: 0, values: [40, 0, Number.NaN] }]));
    expect(result.severity[0]).toBeGreaterThan(1);
    expect(share(result)[2]).toBe(0);
    expect(healthStates[result.health[2]!]).toBe('missing');
    expect(modeOf(result)).toBe('steady');
    await runtime.close();
  });

  it('gives severity 0 and mode no-data when all is missing, and goes on afterwards', async () => {
    const runtime = await BundleRuntime.open(bundle);
    for (let i = 0; i < 10; i++) await runtime.score(batch([{ slot: 0, values: [0, 0, 0] }]));
    const nothing = await runtime.score(batch([{ slot: 0, values: [Number.NaN, 5000, Number.NaN] }]));
    expect(modeOf(nothing)).toBe('no-data');
    expect(nothing.severity[0]).toBe(0);
    expect(nothing.instant[0]).toBe(0);
    expect(share(nothing)).toEqual([0, 0, 0]);
    expect(healthStates[nothing.health[1]!]).toBe('out-of-range');
    for (const value of nothing.detector) expect(Number.isFinite(value)).toBe(true);
    const after = await runtime.score(batch([{ slot: 0, values: [0, 0, 0] }]));
    expect(modeOf(after)).toBe('steady');
    expect(after.severity[0]).toBeLessThan(1);
    await runtime.close();
  });

  it('scores an asset alike alone and in company, whatever the slots', async () => {
    const [alone, together] = await Promise.all([BundleRuntime.open(bundle), BundleRuntime.open(bundle)]);
    for (let i = 0; i < 40; i++) {
      const values = [Math.sin(i), i === 30 ? 20 : Math.cos(i), 0.1 * i];
      const noise = [i, -i, 3];
      const rows = [
        { slot: 0, values: noise },
        { slot: 40, values },
        { slot: 7, values: noise },
      ];
      const a = await alone.score(batch([{ slot: 2, values }]));
      const b = await together.score(batch(i % 2 ? rows : rows.toReversed()));
      for (const field of ['severity', 'instant'] as const) expect(b[field][1]).toBeCloseTo(a[field][0]!, 5);
      expect(share(b, 1)[1]).toBeCloseTo(share(a)[1]!, 5);
      expect([...b.detector.subarray(2, 4)]).toEqual([...a.detector].map((v) => expect.closeTo(v, 5)));
    }
    await Promise.all([alone.close(), together.close()]);
  });

  it('forgets on reset and on forget', async () => {
    const runtime = await BundleRuntime.open(bundle);
    const score = async (reset = false) => modeOf(await runtime.score(batch([{ slot: 0, values: [1, 1, 1], reset }])));
    for (let i = 0; i < 10; i++) await score();
    expect(await score()).toBe('steady');
    expect(await score(true)).toBe('warm-up');
    for (let i = 0; i < 10; i++) await score();
    runtime.forget(0);
    runtime.forget(99);
    expect(await score()).toBe('warm-up');
    await runtime.close();
  });

  it('takes an empty batch', async () => {
    const runtime = await BundleRuntime.open(bundle);
    expect((await runtime.score(batch([]))).severity).toHaveLength(0);
    await runtime.close();
  });

  it('refuses a bundle whose golden outputs do not hold', async () => {
    const golden = bundle.golden.map((g) => ({ ...g, outputs: { ...g.outputs, score: [5.01] } }));
    await expect(BundleRuntime.open({ ...bundle, golden })).rejects.toThrow(
      /mean\.onnx: Detector "mean" does not give its golden output "score"/,
    );
  });

  it('gives the same for frames that come one by one and for rounds of several, a deviation among them', async () => {
    const pump = await loadBundle(path.resolve(import.meta.dirname, '../../deploy/bundles/pump'));
    const ones = pump.manifest.channels.map(() => 1);
    // With what diagnosis needs to know.
    const absent = { settleFrames: 8, score: ones, smoothed: ones };
    for (const { calibration } of pump.manifest.detectors) Object.assign(calibration, { absent });
    const [together, alone] = await Promise.all([BundleRuntime.open(pump), BundleRuntime.open(pump)]);
    const names = together.channels;
    const C = names.length;
    const usual = pump.manifest.channels.map(({ center }) => center);
    const spread = pump.manifest.channels.map(({ scale }) => scale);
    const random = new Random('rounds');
    const fields = [
      'severity',
      'instant',
      'detector',
      'contribution',
      'expected',
      'mode',
      'health',
      'verdict',
      'explains',
    ] as const;
    let deviated = 0;
    let diagnosed = 0;
    for (let at = 0; at < 400; ) {
      const rounds = random.chance(0.5) ? [3, 3, 3, 1] : [2, 1, 1, 1, 1, 1, 1, 1];
      const slot = rounds.flatMap((rows) => [6, 1, 3].slice(0, rows));
      const values = slot.flatMap((s) =>
        usual.map(
          (center, c) =>
            center + (spread[c] as number) * ((s === 6 && c === 0 && at > 150 ? 6 : 0) + 0.2 * random.normal()),
        ),
      );
      const whole = batch(
        slot.map((s, i) => ({ slot: s, values: values.slice(i * C, (i + 1) * C) })),
        at * 1000,
      );
      const result = await together.score({ ...whole, rounds });
      for (let i = 0; i < slot.length; i++) {
        const one = await alone.score(batch([{ slot: slot[i]!, values: values.slice(i * C, (i + 1) * C) }], at * 1000));
        for (const field of fields) {
          const width = one[field].length;
          expect(worstOf(result[field].subarray(i * width, (i + 1) * width), one[field])).toBeLessThan(1e-3);
        }
        if (one.severity[0]! >= 1) deviated++;
        if (one.verdict[0]! > 0) diagnosed++;
      }
      at += rounds.length;
    }
    expect(deviated).toBeGreaterThan(20);
    expect(diagnosed).toBeGreaterThan(20);
    await Promise.all([together.close(), alone.close()]);
  });
});
