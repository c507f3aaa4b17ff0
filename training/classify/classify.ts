/** `classify`: a bundle and labelled recordings of faults -> the same bundle with a graph that names the kind of fault. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { type Bundle, checkBundleFolder, loadBundle, sha256, writeBundle } from '../../model/bundle.js';
import { classifierName } from '../../model/classifier.js';
import { UserError } from '../../model/errors.js';
import type { Manifest } from '../../model/manifest.js';
import { Random } from '../../model/random.js';
import { goldenVectors } from '../golden.js';
import { auroc } from '../measures/auroc.js';
import type { Progress } from '../progress.js';
import type { LoadedTensorFlow, TensorFlow } from '../tensorflow/load.js';
import { movedLog, readTrainingLog, trainingLogFile } from '../training-log.js';
import { type Burst, partsOf, readBursts } from './bursts.js';
import type { Example } from './example.js';
import { fillUp, type Generator, generate, trainGenerator } from './generator.js';
import { classifierGraph, generatorGraph } from './graph.js';
import { probabilities, trainHead } from './head.js';
import { readLabels } from './labels.js';
import { type LeftOut, leaveMachinesOut } from './left-out.js';
import { classifierDifference, generatorDifference } from './proof.js';
import { standardise } from './standardise.js';

export interface ClassifyOptions {
  readonly bundle: string;
  /** Recordings with faults, and what they are. */
  readonly recordings: readonly string[];
  readonly labels: string;
  readonly output: string;
  readonly certainFrom: number;
  readonly seed: number;
  readonly tensorFlow: () => Promise<LoadedTensorFlow>;
  readonly progress: Progress;
}

export interface Classified {
  readonly manifest: Manifest;
  readonly learned: NonNullable<Manifest['classifier']>['learned'];
  /** On machines left out; undefined where a class was seen on one machine only. */
  readonly leftOut: { readonly recorded: LeftOut; readonly withSynthetic: LeftOut } | undefined;
  /** How well a network tells synthetic bursts from recorded ones, AUROC; .5 = not at all. */
  readonly toldApart: number;
  /** Largest difference between graphs and plain loops. */
  readonly parity: number;
}

/** Fewer bursts of a class say nothing. */
const leastBursts = 3;
/** Beside the manifest. */
const generatorFile = 'faults.onnx';

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
  const { center, scale, of, normal } = standardise(bursts, classes);
  const faults = bursts.filter(({ fault }) => fault !== undefined);
  const examples = of(faults);
  const { seed, progress } = options;
  const K = classes.length;
  const learnGenerator = (some: readonly Example[]) => trainGenerator(tf, some, normal, K, seed, progress);
  const fill = (some: readonly Example[], generator: Generator) =>
    fillUp(generator, some, new Random(seed, 'synthetic'));
  const train = (some: readonly Example[]) => trainHead(tf, some, K, seed, classifierName);
  const assets = faults.map(({ asset }) => asset);
  const recorded = await leaveMachinesOut(examples, assets, K, train);
  const withSynthetic = await leaveMachinesOut(examples, assets, K, async (some) =>
    train([...some, ...fill(some, await learnGenerator(some))]),
  );
  const isSynthetic = recorded === undefined || withSynthetic === undefined || withSynthetic.mean >= recorded.mean;
  const generator = await learnGenerator(examples);
  const made = isSynthetic ? fill(examples, generator) : [];

  const head = { center, scale, weights: await train([...examples, ...made]) };
  const graphs = { classifier: classifierGraph(parts, head), generator: generatorGraph(head, generator) };
  const parity = Math.max(
    await classifierDifference(graphs.classifier, parts, head, bundle),
    await generatorDifference(graphs.generator, head, generator),
  );
  const count = (list: readonly Example[], k: number) => list.filter(({ label }) => label === k).length;
  const learned = classes.map((name, k) => ({ class: name, bursts: count(examples, k), synthetic: count(made, k) }));
  const manifest: Manifest = {
    ...bundle.manifest,
    classifier: {
      file: `${classifierName}.onnx`,
      sha256: sha256(graphs.classifier),
      window: parts.window,
      classes,
      certainFrom: options.certainFrom,
      learned,
      accuracy: (isSynthetic ? withSynthetic : recorded)?.accuracy ?? null,
      generator: {
        file: generatorFile,
        sha256: sha256(graphs.generator),
        draws: generator.spread.length + generator.noise.length,
      },
    },
  };
  await write(options.output, bundle, manifest, graphs);
  const leftOut = recorded && withSynthetic && { recorded, withSynthetic };
  const toldApart = await tellApart(tf, examples, generator, seed);
  return { manifest, learned, leftOut, toldApart, parity };
}

/** Learns from every other burst which are recorded and which synthetic, and judges the rest: a two-sample test by a classifier (Lopez-Paz & Oquab 2017); AUROC. */
export async function tellApart(
  tf: TensorFlow,
  examples: readonly Example[],
  generator: Generator,
  seed: number,
): Promise<number> {
  const random = new Random(seed, 'told apart');
  const both = generator.means.flatMap((_, k) => {
    const recorded = examples.filter(({ label }) => label === k);
    const made = generate(generator, k, recorded.length, random);
    return [recorded, made].flatMap((some, label) => some.map(({ features }) => ({ features, label })));
  });
  const isOdd = (_: Example, i: number) => i % 2 === 1;
  const judged = both.filter(isOdd);
  const rest = both.filter((one, i) => !isOdd(one, i));
  const weights = await trainHead(tf, rest, 2, seed, 'told apart');
  const told = (label: number) =>
    judged.filter((one) => one.label === label).map(({ features }) => probabilities(weights, features)[1] ?? 0);
  return auroc(told(0), told(1));
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

async function write(
  output: string,
  bundle: Bundle,
  manifest: Manifest,
  graphs: { readonly classifier: Uint8Array; readonly generator: Uint8Array },
): Promise<void> {
  const onnx = graphs.classifier;
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
  const log = await readTrainingLog(dir);
  if (log !== undefined) files.set(trainingLogFile, movedLog(log, dir, output));
  files
    .set(`${classifierName}.onnx`, onnx)
    .set(generatorFile, graphs.generator)
    .set('golden.json', `${JSON.stringify([...kept, vectors])}\n`);
  await writeBundle(output, manifest, files);
}
