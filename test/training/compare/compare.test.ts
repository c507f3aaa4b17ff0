import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadBundle } from '../../../model/bundle.js';
import { systemClock } from '../../../model/clock.js';
import { Random } from '../../../model/random.js';
import { type Comparison, compare } from '../../../training/compare/compare.js';
import { holdOut } from '../../../training/compare/hold-out.js';
import { comparisonTable } from '../../../training/compare/report.js';
import { configOf } from '../../../training/config-file.js';
import { loadFrames } from '../../../training/data.js';
import { usualFaults } from '../../../training/injection/faults.js';
import { silent } from '../../../training/progress.js';
import { countFrames } from '../../../training/split.js';

const folder = mkdtempSync(join(tmpdir(), 'compare-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Two signals that follow one load, on two machines. */
const random = new Random('compare');
const rows = ['a', 'b'].flatMap((asset) =>
  Array.from({ length: 1600 }, (_, i) => {
    const load = Math.sin(i / 9);
    const values = [10 + load, 50 + 5 * load].map((value, c) => (value + random.normal(0, 0.02 + 0.08 * c)).toFixed(3));
    return [Date.UTC(2024, 0, 1) + 1000 * i, asset, ...values].join(',');
  }),
);
const recording = join(folder, 'normal.csv');
writeFileSync(recording, `time,asset,flow,power\n${rows.join('\n')}\n`);

const noTensorFlow = () => Promise.reject(new Error('closed form needs none'));
const run = (recipes: readonly string[], output: string) => {
  const { config, directory } = configOf([recording]);
  return compare({
    config,
    directory,
    output,
    recipes,
    places: 2,
    tensorFlow: noTensorFlow,
    progress: silent,
    clock: systemClock,
  });
};

describe('compare', () => {
  let comparison: Comparison;
  beforeAll(async () => {
    comparison = await run(['level', 'pca', 'var', 'kalman'], join(folder, 'compared'));
  });

  it('tells what each is worth', () => {
    const of = (name: string) => comparison.recipes.find((one) => one.name === name)!;
    expect(comparison.failed).toEqual([]);
    for (const name of ['level', 'pca', 'var', 'kalman']) {
      const { injections, severity, msPerFrame, batchedMsPerFrame, bytes } = of(name);
      expect(injections.byKind.step).toBeGreaterThan(0.6);
      expect(injections.tried).toBe(usualFaults.length * 2 * 2);
      expect(severity.median).toBeGreaterThan(0);
      expect(severity.most).toBeGreaterThanOrEqual(severity.p99);
      expect(msPerFrame).toBeGreaterThan(batchedMsPerFrame);
      expect(bytes).toBeGreaterThan(1000);
    }
    expect(of('pca').injections.byKind.detached).toBeGreaterThan(0.7);
    // The swing is nothing to a level; to components it is what explains.
    expect(of('level').error).toBeGreaterThan(3 * of('pca').error);
    const caught = comparison.recipes.map(({ injections }) => injections.caught);
    expect(caught).toEqual(caught.toSorted((a, b) => b - a));
  });

  it('leaves a whole bundle of each, and prints all in one table', async () => {
    for (const { name } of comparison.recipes)
      expect((await loadBundle(join(folder, 'compared', name))).manifest.detectors).toHaveLength(1);
    const lines = comparisonTable(comparison).split('\n');
    expect(lines[0]).toMatch(/^detector +parameters +held out +error/);
    expect(lines.slice(1, 5).map((line) => line.split(' ')[0])).toEqual(comparison.recipes.map(({ name }) => name));
  });

  it('refuses a folder that holds something else, before it learns anything', async () => {
    const other = join(folder, 'other');
    mkdirSync(other);
    writeFileSync(join(other, 'letter.txt'), '');
    await expect(run(['level'], other)).rejects.toThrow(/something else than a comparison/);
    expect(existsSync(join(other, 'level'))).toBe(false);
  });
});

describe('holdOut', () => {
  it('keeps the end of every machine from training, with a gap', async () => {
    const { config, directory } = configOf([recording]);
    const frames = await loadFrames(config, directory, undefined, 10);
    const { learn, trial } = holdOut(frames, 10, 1);
    expect(trial).toHaveLength(2);
    for (const [i, { fit, validate, calibrate }] of learn.byAsset.entries()) {
      const last = Math.max(...[...fit, ...validate, ...calibrate].map(({ timesMs }) => timesMs.at(-1)!));
      expect(trial[i]!.timesMs[0]! - last).toBe(11_000);
      expect(trial[i]!.timesMs.at(-1)).toBe(frames.byAsset[i]!.calibrate.at(-1)!.timesMs.at(-1));
    }
    expect(learn.calibrate).toEqual(learn.byAsset.flatMap(({ calibrate }) => calibrate));
  });

  it('makes room for a fault in short recordings, up to three fifths', async () => {
    const { config, directory } = configOf([recording]);
    const frames = await loadFrames(config, directory, undefined, 10);
    const n = countFrames(frames.byAsset[0]!.calibrate);
    const kept = (span: number, needed: number) => countFrames(holdOut(frames, span, needed).trial.slice(0, 1)) / n;
    expect(kept(1, 0)).toBeCloseTo(0.4, 1);
    expect(kept(n, n / 2)).toBeCloseTo(0.5, 2);
    expect(kept(n, n)).toBeCloseTo(0.5, 2);
  });
});
