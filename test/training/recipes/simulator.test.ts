/** What the scores of reconstructors and forecasters are worth on the simulator: frames of faulty machines against those of healthy ones, none of which was learned. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { loadBundle } from '../../../model/bundle.js';
import { ManualClock } from '../../../model/clock.js';
import { runDetectors } from '../../../training/bundle-run.js';
import { readLabels } from '../../../training/classify/labels.js';
import { trainConfigSchema } from '../../../training/config.js';
import { fit } from '../../../training/fit.js';
import { auroc } from '../../../training/measures/auroc.js';
import { silent } from '../../../training/progress.js';
import { readStretches } from '../../../training/report/frames.js';
import { table } from '../../../training/summary.js';
import { loadTensorFlow } from '../../../training/tensorflow/load.js';
import { dist } from '../../fixtures/program.js';

const folder = mkdtempSync(path.join(tmpdir(), 'auroc-'));
afterAll(() => rmSync(folder, { recursive: true }));
const at = (name: string) => path.join(folder, name);
const record = (...args: string[]) =>
  execFileSync(process.execPath, [path.join(dist, 'simulator/cli.js'), 'record', ...args], { stdio: 'ignore' });

const kinds = ['bearing-wear', 'blocked-filter', 'cavitation', 'imbalance', 'leak'];
const recipes = ['lstm', 'dense-ae', 'conv-ae', 'lstm-ae', 'vae', 'pca'];

/** By recipe, by kind of fault; `all`: of all kinds. */
const figures = new Map<string, Map<string, number>>();
beforeAll(async () => {
  record('--assets', '8', '--duration', '15m', '--seed', '1', '--output', at('normal.csv'));
  const faults = kinds.map((kind, k) => `pump-${k + 1}:${kind}@5m+1m-10m`).join(',');
  const unseen = ['--assets', String(kinds.length), '--duration', '10m', '--seed', '2'];
  record(...unseen, '--faults', faults, '--output', at('unseen.csv'), '--truth', at('truth.json'));
  const output = at('bundle');
  await fit({
    config: trainConfigSchema.parse({ data: { files: 'normal.csv' }, detectors: recipes }),
    directory: folder,
    output,
    tensorFlow: () => loadTensorFlow(),
    progress: silent,
    clock: new ManualClock(0),
  });
  const bundle = await loadBundle(output);
  const labels = await readLabels(at('truth.json'));
  const stretches = await readStretches([at('unseen.csv')], bundle.manifest, undefined);
  const outputs = await runDetectors(
    bundle,
    stretches.map(({ values }) => values),
  );
  for (const [d, { name, warmupFrames }] of bundle.manifest.detectors.entries()) {
    const normal: number[] = [];
    const faulty = new Map<string, number[]>();
    for (const [i, { asset, timesMs }] of stretches.entries()) {
      const { fault, startMs, onsetMs } = labels.find((label) => label.asset === asset)!;
      const scores = [...outputs[d]![i]!.score!];
      normal.push(...scores.filter((_, row) => row >= warmupFrames && timesMs[row]! < startMs));
      faulty.set(
        fault,
        scores.filter((_, row) => timesMs[row]! >= onsetMs),
      );
    }
    const own = new Map([...faulty].map(([kind, scores]) => [kind, auroc(normal, scores)]));
    figures.set(name, own.set('all', auroc(normal, [...faulty.values()].flat())));
  }
}, 300_000);

afterAll(() => {
  const columns = ['all', ...kinds];
  const rows = [...figures].map(([name, own]) => [name, ...columns.map((kind) => own.get(kind)!.toFixed(3))]);
  process.stdout.write(`${table([['AUROC', ...columns], ...rows])}\n`);
});

test.each(recipes)(
  '%s: faults of machines it has not seen, from when they can be seen, have AUROC of at least .95',
  (recipe) => {
    const own = figures.get(recipe)!;
    expect([...own.keys()].sort()).toEqual([...kinds, 'all'].sort());
    expect(own.get('all')).toBeGreaterThanOrEqual(0.95);
  },
);
