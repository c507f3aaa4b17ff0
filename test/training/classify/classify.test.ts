/** Five machine faults of the simulator, told apart on machines that the classifier has not seen. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadBundle } from '../../../model/bundle.js';
import { causeOf } from '../../../model/classifier.js';
import { Random } from '../../../model/random.js';
import { BundleRuntime } from '../../../model/runtime.js';
import { type Burst, partsOf, readBursts } from '../../../training/classify/bursts.js';
import { type Classified, classify, tellApart } from '../../../training/classify/classify.js';
import type { Example } from '../../../training/classify/example.js';
import { generate, trainGenerator } from '../../../training/classify/generator.js';
import { probabilities, trainHead } from '../../../training/classify/head.js';
import { readLabels } from '../../../training/classify/labels.js';
import { standardise } from '../../../training/classify/standardise.js';
import { synthesise } from '../../../training/classify/synthesise.js';
import { synthCommand } from '../../../training/commands/synth.js';
import { silent } from '../../../training/progress.js';
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
    progress: silent,
  });
  const bundle = await loadBundle(pump);
  const parts = await partsOf(bundle);
  const bursts = async (name: string) =>
    readBursts(bundle, parts, [at(`${name}.ndjson`)], await readLabels(at(`${name}.json`)));
  learned = await bursts('learned');
  unseen = await bursts('unseen');
}, 300_000);

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
    // Three of the five, for time.
    for (const rare of [0, 2, 3]) {
      const few = all.filter(({ label }) => label === rare).slice(0, 4);
      const known = [...all.filter(({ label }) => label !== rare), ...few];
      without.push((await recalls(known, scaled))[rare]!);
      const again = Array.from({ length: 60 }, (_, i) => few[i % few.length]!);
      repeated.push((await recalls([...known, ...again], scaled))[rare]!);
      const generator = await trainGenerator(loaded.tf, known, scaled.normal, classes.length, 1, silent);
      const made = generate(generator, rare, 60, new Random('test'));
      within.push((await recalls([...known, ...made], scaled))[rare]!);
    }
    process.stdout.write(
      `rare: recorded alone ${told(without)}, repeated ${told(repeated)}, with synthetic ${told(within)}\n`,
    );
    expect(mean(within)).toBeGreaterThan(mean(without) + 0.1);
    expect(mean(within)).toBeGreaterThan(mean(repeated));
  }, 300_000);

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

  it('synthetic bursts look like recorded ones, and have the features of their class', async () => {
    process.stdout.write(`synthetic bursts are told from recorded ones with an AUROC of ${told([result.toldApart])}\n`);
    expect(result.toldApart).toBeLessThan(0.98);
    const { names, rows } = await synthesise({ bundle: at('bundle'), classes: ['leak'], count: 200, seed: 3 });
    expect(rows.map((row) => row.class)).toEqual(new Array(200).fill('leak'));
    const leaks = learned.filter(({ fault }) => fault === 'leak');
    const scaled = standardise(learned, classes);
    expect(names).toHaveLength(scaled.center.length);
    for (const f of names.keys()) {
      const recorded = mean(leaks.map(({ features }) => features[f]!));
      const made = mean(rows.map(({ features }) => features[f]!));
      expect(Math.abs(made - recorded) / scaled.scale[f]!, names[f]).toBeLessThan(2);
    }
    const again = await synthesise({ bundle: at('bundle'), classes: ['leak'], count: 200, seed: 3 });
    expect(again.rows).toEqual(rows);
  });

  it('synth writes a table, and says where it cannot', async () => {
    const printed: string[] = [];
    const synth = (...flags: string[]) =>
      synthCommand((text) => printed.push(text)).parseAsync(['--bundle', at('bundle'), ...flags], { from: 'user' });
    await synth('--class', 'leak', '--count', '3', '--output', at('leaks.csv'));
    const rows = readFileSync(at('leaks.csv'), 'utf8').trimEnd().split('\n');
    expect(rows[0]).toMatch(/^class,temperature mean,.*,vibration dense-ae log energy$/);
    const { names } = await synthesise({ bundle: at('bundle'), count: 1, seed: 1 });
    expect(rows.slice(1)).toHaveLength(3);
    for (const row of rows.slice(1))
      expect(row.split(',').slice(1).map(Number).filter(Number.isFinite)).toHaveLength(names.length);
    expect(printed).toEqual([`3 bursts: ${at('leaks.csv')}`]);
    await expect(synth('--output', at('no/such/folder.csv'))).rejects.toThrow(/can't be written.*Name another file/s);
  });

  it('synth names a class that is not there, and a bundle that was not taught', async () => {
    const ask = (bundle: string, wanted: string) => synthesise({ bundle, classes: [wanted], count: 1, seed: 1 });
    await expect(ask(at('bundle'), 'leek')).rejects.toThrow(/no fault "leek".*leak/s);
    await expect(ask(pump, 'leak')).rejects.toThrow(/anomalyd-train classify/);
  });
});

describe('trainGenerator', () => {
  it('makes what has the mean and the covariance of a class in few numbers', async () => {
    const random = new Random('generator');
    const cloud = (middle: readonly number[], n: number) =>
      Array.from({ length: n }, () => {
        const along = random.normal();
        return middle.map((value, f) => value + (f === 0 ? 2 : 1) * along + random.normal(0, 0.5));
      });
    const faults = [
      ...cloud([10, 0, 0], 80).map((features) => ({ features, label: 0 })),
      ...cloud([0, 10, 0], 80).map((features) => ({ features, label: 1 })),
    ];
    const generator = await trainGenerator(loaded.tf, faults, cloud([0, 0, 0], 80), 2, 1, silent);
    const made = generate(generator, 1, 2000, new Random('drawn')).map(({ features }) => features);
    const middle = [0, 1, 2].map((f) => mean(made.map((row) => row[f]!)));
    for (const [f, value] of [0, 10, 0].entries()) expect(Math.abs(middle[f]! - value)).toBeLessThan(0.8);
    const covariance = mean(made.map((row) => (row[0]! - middle[0]!) * (row[1]! - middle[1]!)));
    expect(covariance).toBeGreaterThan(1);
    expect(covariance).toBeLessThan(3.5);
    const apart = await tellApart(loaded.tf, faults, generator, 1);
    expect(apart).toBeGreaterThan(0.3);
    expect(apart).toBeLessThan(0.7);
  });
});
