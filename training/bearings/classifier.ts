/** A network that names the state of a bearing, trained, exported with its front end inside, and held against what was trained. */
import type { LayersModel, Tensor } from '@tensorflow/tfjs';
import { openSession } from '../../model/session.js';
import { GraphBuilder, type Value } from '../onnx/graph.js';
import { emitModel } from '../onnx/model.js';
import { optimise } from '../optimise.js';
import { checkParity } from '../parity.js';
import type { Progress } from '../progress.js';
import { predict } from '../recipes/predict.js';
import { trainingContext } from '../recipes/recipe.js';
import type { TensorFlow } from '../tensorflow/load.js';
import { valuesOf } from '../tensorflow/values.js';
import type { LabelledBurst } from './bursts.js';
import type { Approach } from './networks.js';

export interface BearingClassifier {
  /** x [N, ...inputShape] -> class [N, K] */
  readonly onnx: Uint8Array;
  /** Largest difference between graph and network. */
  readonly parity: number;
  readonly parameters: number;
  /** [width, filters] kernels of a first layer that sees samples. */
  readonly filters: readonly (readonly number[])[];
}

/** Names are never quite certain (Szegedy et al. 2016). */
const smoothing = 0.1;
const parityRows = 64;
const batch = 64;

/** Values of a column, in units of its spread. */
interface Columns {
  readonly mean: readonly number[];
  readonly spread: readonly number[];
}

export async function trainBearings(
  tf: TensorFlow,
  approach: Approach,
  bursts: readonly LabelledBurst[],
  classes: number,
  seed: number,
  progress: Progress,
): Promise<BearingClassifier> {
  const context = trainingContext(tf, seed, approach.title, progress);
  const rows = await frontEndOf(approach, bursts);
  const columns = measureColumns(rows, approach.shape.at(-1) as number);
  const scaled = rows.map((value, i) => standardise(value, i % columns.mean.length, columns));
  const size = rows.length / bursts.length;
  const count = (label: number) => bursts.filter((one) => one.label === label).length;
  // Each class weighs the same, however often it was recorded.
  const weights = Array.from({ length: classes }, (_, label) => bursts.length / classes / Math.max(1, count(label)));
  const model = approach.build(classes, context);
  const tensor = (chosen: readonly number[]): Tensor => {
    const values = new Float32Array(chosen.length * size);
    chosen.forEach((row, i) => void values.set(scaled.subarray(row * size, (row + 1) * size), i * size));
    return tf.tensor(values, [chosen.length, ...approach.shape]);
  };
  const loss = (chosen: readonly number[]) => {
    const labels = chosen.map((row) => (bursts[row] as LabelledBurst).label);
    const wanted = tf.oneHot(tf.tensor1d(labels, 'int32'), classes);
    const weight = tf.tensor1d(labels.map((label) => weights[label] as number));
    return tf.losses.softmaxCrossEntropy(wanted, predict(model, tensor(chosen)), weight, smoothing).asScalar();
  };
  const { steps, ...descent } = approach.settings;
  const epochs = Math.ceil((steps * descent.batch) / bursts.length);
  const settings = { ...descent, epochs, patience: epochs, optimiser: 'adam', clipNorm: 1 } as const;
  try {
    // Nothing is spared to stop by: bursts of one recording are too much alike to judge each other.
    await optimise(model, { count: bursts.length, loss }, { count: 0, loss }, settings, context);
    const onnx = graphOf(approach, columns, model);
    const tried = bursts.filter((_, i) => i % Math.ceil(bursts.length / parityRows) === 0);
    const chosen = tried.map((one) => bursts.indexOf(one));
    const [expected = new Float32Array()] = valuesOf(tf, () => [tf.softmax(model.predict(tensor(chosen)) as Tensor)]);
    const { maxDifference } = await checkParity(() => ({ class: expected }), onnx, [inputOf(approach, tried)]);
    return { onnx, parity: maxDifference, parameters: model.countParams(), filters: firstFilters(model) };
  } finally {
    model.dispose();
  }
}

/** [bursts] the likeliest class of each, by the graph alone. */
export async function classesOf(
  onnx: Uint8Array,
  approach: Approach,
  bursts: readonly LabelledBurst[],
): Promise<number[]> {
  const probabilities = await run(onnx, approach, bursts, 'class');
  const K = probabilities.length / bursts.length;
  return bursts.map((_, i) => {
    const own = [...probabilities.subarray(i * K, (i + 1) * K)];
    return own.indexOf(Math.max(...own));
  });
}

function inputOf({ inputShape, inputOf }: Approach, bursts: readonly LabelledBurst[]) {
  const size = inputShape.reduce((product, one) => product * one, 1);
  const data = new Float32Array(bursts.length * size);
  bursts.forEach((burst, i) => void data.set(Float32Array.from(inputOf(burst)), i * size));
  return { x: { data, dims: [bursts.length, ...inputShape] } };
}

async function run(onnx: Uint8Array, approach: Approach, bursts: readonly LabelledBurst[], output: string) {
  const session = await openSession(onnx);
  const parts: Float32Array[] = [];
  try {
    for (let from = 0; from < bursts.length; from += batch) {
      const outputs = await session.run(inputOf(approach, bursts.slice(from, from + batch)));
      parts.push(outputs[output] ?? new Float32Array(0));
    }
  } finally {
    await session.close();
  }
  const all = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/** What training learns from comes out of the graph's own front end. */
function frontEndOf(approach: Approach, bursts: readonly LabelledBurst[]): Promise<Float32Array> {
  const graph = new GraphBuilder({ name: 'front' });
  const rows = approach.frontEnd(graph, graph.input('x', ['N', ...approach.inputShape]));
  graph.output('rows', rows, ['N', ...approach.shape]);
  return run(graph.encode(), approach, bursts, 'rows');
}

function graphOf(approach: Approach, { mean, spread }: Columns, model: LayersModel): Uint8Array {
  const graph = new GraphBuilder({ name: 'bearing' });
  const rows = approach.frontEnd(graph, graph.input('x', ['N', ...approach.inputShape]));
  const centred = graph.node('Sub', [rows, graph.constant(mean, [mean.length], 'mean')]);
  const scaled = graph.node('Div', [centred, graph.constant(spread, [spread.length], 'spread')]);
  const [logits] = emitModel(graph, model, [scaled]) as [Value];
  graph.output('class', graph.node('Softmax', [logits], { axis: -1 }), ['N', model.outputs[0]?.shape.at(-1) ?? 'K']);
  return graph.encode();
}

function measureColumns(rows: Float32Array, width: number): Columns {
  const [sum, squares, n] = [new Float64Array(width), new Float64Array(width), rows.length / width];
  rows.forEach((value, i) => {
    sum[i % width] = (sum[i % width] as number) + value;
    squares[i % width] = (squares[i % width] as number) + value * value;
  });
  const mean = Array.from(sum, (total) => Math.fround(total / n));
  const variance = (c: number) => (squares[c] as number) / n - (mean[c] as number) ** 2;
  return { mean, spread: mean.map((_, c) => Math.fround(Math.sqrt(Math.max(1e-6, variance(c))))) };
}

const standardise = (value: number, c: number, { mean, spread }: Columns): number =>
  Math.fround(Math.fround(value - (mean[c] as number)) / (spread[c] as number));

function firstFilters(model: LayersModel): number[][] {
  const kernel = model.layers[0]?.getWeights()[0];
  if (kernel?.rank !== 3) return [];
  const [width = 0, , filters = 0] = kernel.shape;
  const values = kernel.dataSync();
  return Array.from({ length: filters }, (_, f) =>
    Array.from({ length: width }, (__, t) => values[t * filters + f] ?? 0),
  );
}
