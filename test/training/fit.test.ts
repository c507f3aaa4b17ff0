import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadBundle } from '../../model/bundle.js';
import { ManualClock } from '../../model/clock.js';
import { modes } from '../../model/frames.js';
import { Random } from '../../model/random.js';
import { BundleRuntime } from '../../model/runtime.js';
import { parseYamlConfig } from '../../model/yaml.js';
import { trainConfigSchema } from '../../training/config.js';
import { type FitResult, fit } from '../../training/fit.js';
import { silent } from '../../training/progress.js';
import { summarise } from '../../training/summary.js';
import { loadTensorFlow } from '../../training/tensorflow/load.js';

const folder = mkdtempSync(join(tmpdir(), 'fit-'));
afterAll(() => rmSync(folder, { recursive: true }));

const period = 40;
const startMs = Date.UTC(2024, 0, 1);

/** A machine whose load swings; temperature follows it, current is proportional to it. */
function frameAt(i: number, random: Random): number[] {
  const load = Math.sin((2 * Math.PI * i) / period);
  const temperature = 60 + 5 * Math.sin((2 * Math.PI * (i - 8)) / period);
  return [
    temperature + random.normal(0, 0.2),
    10 + 4 * load + random.normal(0, 0.2),
    3 + load + random.normal(0, 0.05),
  ];
}

/** Rows of a CSV, one a second. */
function record(asset: string, rows: number): string {
  const random = new Random(asset);
  return Array.from({ length: rows }, (_, i) =>
    [startMs + i * 1000, asset, ...frameAt(i, random).map((value) => value.toFixed(3))].join(','),
  ).join('\n');
}

const yaml = `
name: press
version: 2
seed: 7
data: {files: press.csv}
signals: [{name: temperature, unit: degC}, {name: current, unit: A}, flow]
detectors:
  - {recipe: lstm, hidden: 12, window: 16, stride: 4, epochs: 40, batch: 32, learningRate: 0.01}
  - {recipe: dense-ae, hidden: [24], window: 6, epochs: 30, batch: 64, learningRate: 0.01}
`;

/** The CPU backend: the same on every machine. */
async function train(output: string, text = yaml): Promise<FitResult> {
  return fit({
    config: parseYamlConfig(text, 'train.yaml', trainConfigSchema),
    directory: folder,
    output: join(folder, output),
    tensorFlow: () => loadTensorFlow({ choice: 'wasm' }),
    progress: silent,
    clock: new ManualClock(Date.UTC(2024, 5, 1)),
  });
}

describe('fit', () => {
  let result: FitResult;
  beforeAll(async () => {
    writeFileSync(
      join(folder, 'press.csv'),
      `time,asset,temperature,current,flow\n${record('a', 800)}\n${record('b', 800)}\n`,
    );
    result = await train('bundle');
  });

  it('writes a bundle that tells where it comes from', async () => {
    const { manifest, golden } = await loadBundle(join(folder, 'bundle'));
    expect(readdirSync(join(folder, 'bundle')).sort()).toEqual([
      'dense-ae.onnx',
      'golden.json',
      'lstm.onnx',
      'manifest.json',
      'training.json',
    ]);
    expect(manifest).toMatchObject({ name: 'press', version: '2', periodMs: 1000, holdMs: 3000 });
    expect(manifest.channels.map(({ name, unit }) => [name, unit])).toEqual([
      ['temperature', 'degC'],
      ['current', 'A'],
      ['flow', ''],
    ]);
    expect(manifest.detectors.map(({ name, kind, task, window }) => [name, kind, task, window])).toEqual([
      ['lstm', 'recurrent', 'forecaster', 1],
      ['dense-ae', 'window', 'reconstructor', 6],
    ]);
    expect(manifest.training).toMatchObject({
      seed: 7,
      assets: ['a', 'b'],
      from: '2024-01-01T00:00:00.000Z',
      to: '2024-01-01T00:13:19.000Z',
      sources: [{ file: 'press.csv', frames: 1600 }],
    });
    expect(golden.map(({ detector, shape }) => [detector, shape])).toEqual([
      ['lstm', [2, 8, 3]],
      ['dense-ae', [2, 6, 3]],
    ]);
    expect(golden.every(({ x }) => x.includes(null) && x.some((value) => value !== null))).toBe(true);
  });

  it('learns: losses far below that of expecting what is normal, graphs equal to their networks', () => {
    for (const { losses, parity } of result.detectors) {
      expect(losses.validate).toBeLessThan(0.15);
      expect(parity).toBeLessThan(1e-4);
    }
  });

  it('warns that so little data supports no such budget', () => {
    expect(result.manifest.training?.warnings.join('\n')).toMatch(/Only 1600 frames/);
    expect(result.manifest.training?.warnings.join('\n')).toMatch(
      /data cannot support a budget of 1 false alarm\(s\) per machine and week: that is one in 7\.0 machine-days, and only 0\.1 machine-hours/,
    );
  });

  it('gives the same bytes for the same seed, and others for another', async () => {
    const short = yaml.replaceAll(/epochs: \d+/g, 'epochs: 2');
    const bytes = (dir: string) =>
      readdirSync(join(folder, dir)).map((file) => [file, readFileSync(join(folder, dir, file)).toString('base64')]);
    for (const [output, text] of [
      ['once', short],
      ['again', short],
      ['other', short.replace('seed: 7', 'seed: 8')],
    ] as const)
      await train(output, text);
    expect(bytes('again')).toEqual(bytes('once'));
    expect(bytes('other')).not.toEqual(bytes('once'));
  });

  it('makes a bundle that stays calm on normal operation and finds a fault, even with a signal missing', async () => {
    const runtime = await BundleRuntime.open(await loadBundle(join(folder, 'bundle')));
    const random = new Random('unseen');
    const faultAt = 300;
    const severities: number[] = [];
    const blamed: number[] = [];
    for (let i = 0; i < 400; i++) {
      const values = frameAt(i, random);
      // The current no longer follows the load; the flow sensor is dead all the time.
      if (i >= faultAt) values[1] = 10;
      values[2] = Number.NaN;
      const { severity, mode, contribution } = await runtime.score({
        n: 1,
        slot: Int32Array.of(0),
        timeMs: Float64Array.of(startMs + i * 1000),
        reset: Uint8Array.of(i === 0 ? 1 : 0),
        values: Float32Array.from(values),
      });
      severities.push(modes[mode[0]!] === 'steady' ? severity[0]! : 0);
      blamed.push(contribution.indexOf(Math.max(...contribution)));
    }
    await runtime.close();
    expect(severities.slice(20, faultAt).filter((severity) => severity >= 1)).toEqual([]);
    const found = severities.findIndex((severity, i) => i >= faultAt && severity >= 1);
    expect(found).toBeGreaterThanOrEqual(faultAt);
    expect(found).toBeLessThan(faultAt + period / 2);
    expect(blamed[found]).toBe(1);
  });

  it('tells at the end what it made', () => {
    const text = summarise(result, 'bundle');
    expect(text).toMatch(/^detector +recipe +parameters/);
    expect(text).toMatch(/^lstm +lstm +\d+ /m);
    expect(text).toMatch(/Alarm level: -ln p = \d+\.\d+ for a budget of 1 false alarm\(s\) per machine and week/);
    expect(text).toContain('Warning: Only 1600 frames');
  });

  it('refuses a folder that is no bundle, before it trains', async () => {
    writeFileSync(join(folder, 'notes.txt'), '');
    await expect(train('.')).rejects.toThrow('The folder holds something else than a bundle.');
  });
});
