/** Five machine faults of the simulator, told apart on machines that the classifier has not seen. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadBundle } from '../../../model/bundle.js';
import { causeOf } from '../../../model/classifier.js';
import { Random } from '../../../model/random.js';
import { BundleRuntime } from '../../../model/runtime.js';
import { balanced, byAnalogy, type Example } from '../../../training/classify/analogy.js';
import { type Burst, partsOf, readBursts } from '../../../training/classify/bursts.js';
import { type Classified, classify, standardise } from '../../../training/classify/classify.js';
import { probabilities, trainHead } from '../../../training/classify/head.js';
import { readLabels } from '../../../training/classify/labels.js';
import { readStretches } from '../../../training/report/frames.js';
import { type LoadedTensorFlow, loadTensorFlow } from '../../../training/tensorflow/load.js';
import { dist } from '../../fixtures/program.js';

const folder = mkdtempSync(path.join(tmpdir(), 'classify-'));
afterAll(() => rmSync(folder, { recursive: true }));
const at = (name: string) => path.join(folder, name);
const pump = path.join(import.meta.dirname, '../../../deploy/bundles/pump');
const classes = ['bearing-wear', 'blocked-filter', 'cavitation', 'imbalance', 'leak'];

/** `each` machines a fault, of different severity. */
function record(name: string, seed: number, each: number): void {
  const faults = classes.flatMap((fault, k) =>
    Array.from({ length: each }, (_, i) => `pump-${each * k + i + 1}:${fault}@90s+1m-7m*${1 - (0.4 * i) / each}`),
  );
  const run = ['--assets', String(5 * each), '--duration', '7m', '--seed', String(seed), '--faults', faults.join(',')];
  const files = ['--output', at(`${name}.ndjson`), '--truth', at(`${name}.json`)];
  execFileSync(process.execPath, [path.join(dist, 'simulator/cli.js'), 'record', ...run, ...files], {
    stdio: 'ignore',
  });
}

let loaded: LoadedTensorFlow;
let result: Classified;
let learned: Burst[];
let unseen: Burst[];
beforeAll(async () => {
  loaded = await loadTensorFlow();
  record('learned', 11, 4);
  record('unseen', 77, 2);
  result = await classify({
    bundle: pump,
    recordings: [at('learned.ndjson')],
    labels: at('learned.json'),
    output: at('bundle'),
    certainFrom: 0.5,
    seed: 1,
    tensorFlow: async () => loaded,
  });
  const bundle = await loadBundle(pump);
  const parts = await partsOf(bundle);
  const bursts = async (name: string) =>
    readBursts(bundle, parts, [at(`${name}.ndjson`)], await readLabels(at(`${name}.json`)));
  learned = await bursts('learned');
  unseen = await bursts('unseen');
}, 120_000);

/** Of the unseen bursts of each class, the share that gets its class. */
async function recalls(examples: readonly Example[], scaled: ReturnType<typeof standardise>): Promise<number[]> {
  const weights = await trainHead(loaded.tf, examples, classes.length, 1, 'test');
  const told = scaled.of(unseen.filter(({ fault }) => fault !== undefined)).map(({ features, label }) => {
    const p = probabilities(weights, features);
    return { label, isRight: p.indexOf(Math.max(...p)) === label };
  });
  return classes.map((_, k) => {
    const own = told.filter(({ label }) => label === k);
    return own.filter(({ isRight }) => isRight).length / own.length;
  });
}

const told = (values: readonly number[]) => values.map((value) => value.toFixed(2)).join(' ');
const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;

describe('classify', () => {
  it('writes a bundle whose graph computes what was trained', () => {
    expect(result.parity).toBeLessThan(1e-5);
    expect(result.manifest.classifier).toMatchObject({ classes, certainFrom: 0.5 });
    expect(result.leftOut?.recorded.accuracy).toBeGreaterThan(0.35);
  });

  it('tells the five faults apart on machines that it has not seen', async () => {
    const scaled = standardise(learned, classes);
    const recall = await recalls(scaled.of(learned), scaled);
    process.stdout.write(`recall of ${classes.join(', ')}: ${recall.map((r) => r.toFixed(2)).join(' ')}\n`);
    expect(mean(recall)).toBeGreaterThan(0.5);
  });

  it('synthetic bursts help a fault of which little is known', async () => {
    const scaled = standardise(learned, classes);
    const all = scaled.of(learned);
    const without: number[] = [];
    const repeated: number[] = [];
    const within: number[] = [];
    // Two of the five, for time.
    for (const rare of [0, 3]) {
      const few = all.filter(({ label }) => label === rare).slice(0, 4);
      const known = [...all.filter(({ label }) => label !== rare), ...few];
      without.push((await recalls(known, scaled))[rare]!);
      const again = Array.from({ length: 60 }, (_, i) => few[i % few.length]!);
      repeated.push((await recalls([...known, ...again], scaled))[rare]!);
      const made = balanced(known, classes.length, new Random('test'));
      within.push((await recalls([...known, ...made], scaled))[rare]!);
    }
    process.stdout.write(
      `rare: recorded alone ${told(without)}, repeated ${told(repeated)}, with synthetic ${told(within)}\n`,
    );
    expect(mean(within)).toBeGreaterThan(mean(without) + 0.1);
    expect(mean(within)).toBeGreaterThan(mean(repeated));
  });

  it('the bundle names the fault of an asset in alarm, as the daemon runs it', async () => {
    const bundle = await loadBundle(at('bundle'));
    const [leak] = (await readStretches([at('unseen.ndjson')], bundle.manifest, undefined)).filter(
      ({ asset }) => asset === 'pump-9',
    );
    const runtime = await BundleRuntime.open(bundle);
    const named: (string | undefined)[] = [];
    const C = bundle.manifest.channels.length;
    for (const [i, timeMs] of leak!.timesMs.entries()) {
      const { severity, cause, certainty } = await runtime.score({
        n: 1,
        slot: Int32Array.of(0),
        timeMs: Float64Array.of(timeMs),
        reset: Uint8Array.of(i === 0 ? 1 : 0),
        values: leak!.values.slice(i * C, (i + 1) * C),
      });
      if (cause[0] !== 0) expect(certainty[0]).toBeGreaterThan(0.2);
      // Before the fault nobody asks.
      if (i < 80 && severity[0]! < 1) expect(cause[0]).toBe(0);
      if (i >= 80) named.push(causeOf(classes, cause[0]));
    }
    await runtime.close();
    const told = named.filter((name) => name !== undefined);
    expect(told.length).toBeGreaterThan(60);
    expect(told.filter((name) => name === 'leak').length / told.length).toBeGreaterThan(0.6);
  });
});

describe('byAnalogy', () => {
  it('adds what leads from one example of a class to another; makes nothing of nothing', () => {
    const examples = [
      { features: [10, 0], label: 0 },
      { features: [0, 1], label: 1 },
      { features: [0, 3], label: 1 },
    ];
    const made = byAnalogy(examples, 0, 200, new Random('analogy'));
    expect([...new Set(made.map(({ features }) => features.join()))].sort()).toEqual(['10,-2', '10,0', '10,2']);
    expect(made.every(({ label }) => label === 0)).toBe(true);
    expect(byAnalogy(examples.slice(0, 2), 0, 5, new Random('analogy'))).toEqual([]);
    expect(balanced(examples, 2, new Random('analogy'))).toHaveLength(1);
  });
});
