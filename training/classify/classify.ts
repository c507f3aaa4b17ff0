/** `classify`: a bundle and labelled recordings of faults -> the same bundle with a graph that names the kind of fault. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { type Bundle, checkBundleFolder, loadBundle, sha256, writeBundle } from '../../model/bundle.js';
import { classifierName } from '../../model/classifier.js';
import { UserError } from '../../model/errors.js';
import type { Manifest } from '../../model/manifest.js';
import { Random } from '../../model/random.js';
import { goldenVectors } from '../golden.js';
import { checkParity } from '../parity.js';
import { median } from '../scaler.js';
import type { LoadedTensorFlow } from '../tensorflow/load.js';
import { balanced, type Example } from './analogy.js';
import { type Burst, partsOf, readBursts } from './bursts.js';
import { burstLimit, classifierGraph, type Head, type Parts } from './graph.js';
import { probabilities, trainHead } from './head.js';
import { readLabels } from './labels.js';
import { type LeftOut, leaveMachinesOut } from './left-out.js';
import { featuresOf } from './reference.js';

export interface ClassifyOptions {
  readonly bundle: string;
  /** Recordings with faults, and what they are. */
  readonly recordings: readonly string[];
  readonly labels: string;
  readonly output: string;
  readonly certainFrom: number;
  readonly seed: number;
  readonly tensorFlow: () => Promise<LoadedTensorFlow>;
}

export interface Classified {
  readonly manifest: Manifest;
  readonly learned: NonNullable<Manifest['classifier']>['learned'];
  /** On machines left out; undefined where a class was seen on one machine only. */
  readonly leftOut: { readonly recorded: LeftOut; readonly withSynthetic: LeftOut } | undefined;
  /** Largest difference between graph and plain loops. */
  readonly parity: number;
}

/** Fewer bursts of a class say nothing. */
const leastBursts = 3;
/** The graph against plain loops. */
const parityLimit = 1e-5;

/** @throws UserError for labels or recordings that can't be learned from */
export async function classify(options: ClassifyOptions): Promise<Classified> {
  await checkBundleFolder(path.resolve(options.output));
  const bundle = await loadBundle(options.bundle);
  if (bundle.manifest.detectors.some(({ name }) => name === classifierName))
    throw new UserError(
      `it has a detector called ${classifierName}.`,
      { file: options.bundle },
      'Train it under another name.',
    );
  const labels = await readLabels(options.labels);
  const parts = await partsOf(bundle);
  const bursts = await readBursts(bundle, parts, options.recordings, labels);
  const classes = [...new Set(labels.map(({ fault }) => fault))].sort();
  check(bursts, classes, options);

  const { tf } = await options.tensorFlow();
  const { center, scale, of } = standardise(bursts, classes);
  const faults = bursts.filter(({ fault }) => fault !== undefined);
  const examples = of(faults);
  const assets = faults.map(({ asset }) => asset);
  const { seed } = options;
  const train = async (some: readonly Example[], isSynthetic: boolean) => {
    const made = isSynthetic ? balanced(some, classes.length, new Random(seed, 'analogy')) : [];
    return { made, weights: await trainHead(tf, [...some, ...made], classes.length, seed, classifierName) };
  };
  const measure = (isSynthetic: boolean) =>
    leaveMachinesOut(examples, assets, classes.length, async (some) => (await train(some, isSynthetic)).weights);
  const [recorded, withSynthetic] = [await measure(false), await measure(true)];
  const isSynthetic = recorded === undefined || withSynthetic === undefined || withSynthetic.mean >= recorded.mean;
  const { made, weights } = await train(examples, isSynthetic);

  const head = { center, scale, weights };
  const onnx = classifierGraph(parts, head);
  const parity = await proved(onnx, parts, head, bundle);
  const count = (list: readonly Example[], k: number) => list.filter(({ label }) => label === k).length;
  const learned = classes.map((name, k) => ({ class: name, bursts: count(examples, k), synthetic: count(made, k) }));
  const manifest: Manifest = {
    ...bundle.manifest,
    classifier: {
      file: `${classifierName}.onnx`,
      sha256: sha256(onnx),
      window: parts.window,
      classes,
      certainFrom: options.certainFrom,
      learned,
      accuracy: (isSynthetic ? withSynthetic : recorded)?.accuracy ?? null,
    },
  };
  await write(options.output, bundle, manifest, onnx);
  const leftOut = recorded && withSynthetic && { recorded, withSynthetic };
  return { manifest, learned, leftOut, parity };
}

function check(bursts: readonly Burst[], classes: readonly string[], { labels, bundle }: ClassifyOptions): void {
  if (classes.length < 2)
    throw new UserError(
      'there is one kind of fault only.',
      { file: labels },
      'A classifier needs two or more to tell apart.',
    );
  const few = classes.filter((name) => bursts.filter(({ fault }) => fault === name).length < leastBursts);
  if (few.length > 0)
    throw new UserError(
      `too little of ${few.join(', ')}: fewer than ${leastBursts} bursts in which ${bundle} alarms.`,
      { file: labels },
      'Do asset names and times fit the recordings? Give recordings of larger faults, or leave the class out.',
    );
  if (!bursts.some(({ fault }) => fault === undefined))
    throw new UserError(
      'no stretch before the first fault of any machine.',
      { file: labels },
      'Give recordings that begin while all is well.',
    );
}

/** Features in spreads of normal bursts, never finer than the least that matters. */
export function standardise(bursts: readonly Burst[], classes: readonly string[]) {
  const normal = bursts.filter(({ fault }) => fault === undefined);
  const F = normal[0]?.features.length ?? 0;
  const column = (f: number) => Float64Array.from(normal, ({ features }) => features[f] ?? 0);
  const center = Array.from({ length: F }, (_, f) => Math.fround(median(column(f))));
  const scale = center.map((middle, f) =>
    Math.fround(0.05 + Math.sqrt(column(f).reduce((sum, value) => sum + (value - middle) ** 2, 0) / normal.length)),
  );
  /** Bursts of faults as examples; others are left out. */
  const of = (some: readonly Burst[]): Example[] =>
    some.flatMap(({ fault, features }) =>
      fault === undefined
        ? []
        : [{ label: classes.indexOf(fault), features: standardised({ center, scale }, features) }],
    );
  return { center, scale, of };
}

function standardised({ center, scale }: Pick<Head, 'center' | 'scale'>, features: readonly number[]): number[] {
  return features.map((value, f) =>
    Math.max(-burstLimit, Math.min(burstLimit, (value - (center[f] ?? 0)) / (scale[f] ?? 1))),
  );
}

/** @throws UserError where the graph does not compute what was trained */
async function proved(onnx: Uint8Array, parts: Parts, head: Head, bundle: Bundle): Promise<number> {
  const random = new Random('classifier parity');
  const { channels, window: W } = parts;
  const n = 16;
  const data = Float32Array.from({ length: n * W * channels.length }, (_, i) => {
    const channel = channels[i % channels.length];
    return random.chance(0.05) ? Number.NaN : random.normal(channel?.center, channel?.scale);
  });
  const x = { data, dims: [n, W, channels.length] };
  const forward = async () => {
    const features = await featuresOf(bundle, parts, x);
    return {
      class: Float32Array.from(features.flatMap((row) => probabilities(head.weights, standardised(head, row)))),
    };
  };
  return (await checkParity(forward, onnx, [{ x }], parityLimit)).maxDifference;
}

async function write(output: string, bundle: Bundle, manifest: Manifest, onnx: Uint8Array): Promise<void> {
  const { dir, golden } = bundle;
  const about = {
    name: classifierName,
    kind: 'window',
    window: manifest.classifier?.window ?? 0,
    stateSize: 0,
  } as const;
  const C = manifest.channels.length;
  const normal = Float32Array.from({ length: about.window * C }, (_, i) => manifest.channels[i % C]?.center ?? 0);
  const timesMs = Float64Array.from({ length: about.window }, (_, i) => i * manifest.periodMs);
  const vectors = await goldenVectors(about, onnx, [{ timesMs, values: normal }], C);
  const kept = golden.filter(({ detector }) => detector !== classifierName);
  const files = new Map<string, Uint8Array | string>();
  for (const { file } of manifest.detectors) files.set(file, await readFile(path.join(dir, file)));
  const log = await readFile(path.join(dir, 'training.json')).catch(() => undefined);
  if (log !== undefined) files.set('training.json', log);
  files.set(`${classifierName}.onnx`, onnx).set('golden.json', `${JSON.stringify([...kept, vectors])}\n`);
  await writeBundle(output, manifest, files);
}
