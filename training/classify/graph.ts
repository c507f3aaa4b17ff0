/**
 * One graph from a burst of raw frames to fault-class probabilities: the bundle's own detectors are inside, and what they leave unexplained is what is classified.
 * x [N, W, C] in engineering units, NaN = missing -> class [N, K].
 */
import type { Matrix } from '../../model/linalg.js';
import type { Channel, DetectorManifest } from '../../model/manifest.js';
import { clip, scaleFrames } from '../graph/frames.js';
import { GraphBuilder, type Value } from '../onnx/graph.js';
import { inlineGraph } from '../onnx/inline.js';
import type { Generator } from './generator.js';
import { emitPerceptron, type Weights } from './perceptron.js';

/** What a graph of features is made of. */
export interface Parts {
  readonly channels: readonly Channel[];
  /** Those without residuals tell nothing. */
  readonly detectors: readonly {
    readonly manifest: Pick<DetectorManifest, 'name' | 'kind' | 'window' | 'stateSize' | 'warmupFrames'>;
    readonly onnx: Uint8Array;
  }[];
  /** W: frames of a burst; longer than any detector's window and warm-up. */
  readonly window: number;
}

/** Softmax on one hidden layer of standardised features. */
export interface Head {
  /** [F] of normal bursts. */
  readonly center: readonly number[];
  readonly scale: readonly number[];
  /** [F] -> [K] */
  readonly weights: Weights;
}

/** Names of the features, in order. */
export function featureNames({ channels, detectors }: Parts): string[] {
  const each = (what: string) => channels.map(({ name }) => `${name} ${what}`);
  return [
    ...each('mean'),
    ...detectors.flatMap(({ manifest: { name } }) => [...each(`${name} residual`), ...each(`${name} log energy`)]),
  ];
}

/** Residuals and standardised features beyond it say no more; a network that never saw them must not go by their size alone. */
export const burstLimit = 20;
/** Added to mean squares before the logarithm. */
export const leastEnergy = 0.01;

/**
 * Without a head the output is `features` [N, F], what the head is trained on: for each channel its mean scaled value, then for each detector the mean of each channel's
 * residual and the logarithm of its mean square, over the frames past warm-up.
 */
export function classifierGraph({ channels, detectors, window: W }: Parts, head?: Head): Uint8Array {
  const C = channels.length;
  const graph = new GraphBuilder({ name: 'classifier' });
  const x = graph.input('x', ['N', W, C]);
  const scaling = { center: channels.map(({ center }) => center), scale: channels.map(({ scale }) => scale) };
  /** [N, frames, C] -> [N, 1, C]; a product, as sums come in an order that may depend on the batch. */
  const mean = (value: Value, frames: number) =>
    graph.node('MatMul', [graph.constant(new Float32Array(frames).fill(1 / frames), [1, frames]), value]);
  const features = [mean(clip(graph, scaleFrames(graph, x, scaling).scaled, burstLimit), W)];
  for (const { manifest, onnx } of detectors) {
    const { value, frames } = residuals(graph, x, manifest, onnx, W, C);
    const bounded = clip(graph, value, burstLimit);
    const square = mean(graph.node('Mul', [bounded, bounded]), frames);
    features.push(mean(bounded, frames), graph.node('Log', [graph.node('Add', [square, graph.constant(leastEnergy)])]));
  }
  const F = features.length * C;
  const joined = graph.node('Reshape', [graph.node('Concat', features, { axis: -1 }), graph.integers([-1, F])]);
  if (head === undefined) graph.output('features', joined, ['N', F]);
  else graph.output('class', classified(graph, joined, head), ['N', head.weights[3].length]);
  return graph.encode();
}

/** [N, frames, C] residuals of the frames past warm-up. */
function residuals(
  graph: GraphBuilder,
  x: Value,
  { name, kind, window: T, stateSize, warmupFrames }: Parts['detectors'][number]['manifest'],
  onnx: Uint8Array,
  W: number,
  C: number,
): { readonly value: Value; readonly frames: number } {
  if (kind === 'window') {
    const frames = W - T + 1;
    const indices = Array.from({ length: frames * T }, (_, i) => Math.floor(i / T) + (i % T));
    const windows = graph.node('Gather', [x, graph.integers(indices, [frames, T])], { axis: 1 });
    const rows = graph.node('Reshape', [windows, graph.integers([-1, T, C])]);
    const { residual } = inlineGraph(graph, onnx, name, { x: rows });
    return { value: graph.node('Reshape', [residual, graph.integers([-1, frames, C])]), frames };
  }
  const size = graph.node('Slice', [graph.node('Shape', [x]), graph.integers([0]), graph.integers([1])]);
  const shape = graph.node('Concat', [size, graph.integers([stateSize])], { axis: 0 });
  const { residual } = inlineGraph(graph, onnx, name, { x, state: graph.node('ConstantOfShape', [shape]) });
  const from = [residual, graph.integers([warmupFrames]), graph.integers([W]), graph.integers([1])];
  return { value: graph.node('Slice', from), frames: W - warmupFrames };
}

function classified(graph: GraphBuilder, features: Value, { center, scale, weights }: Head): Value {
  const F = center.length;
  const centered = graph.node('Sub', [features, graph.constant(center, [F], 'center')]);
  const standard = clip(graph, graph.node('Div', [centered, graph.constant(scale, [F], 'scale')]), burstLimit);
  return graph.node('Softmax', [emitPerceptron(graph, standard, weights)], { axis: -1 });
}

/** Generated bursts as features: class [N, K] one-hot, draws [N, Z + F] standard normal -> features [N, F], as `classifierGraph` gives them without a head. */
export function generatorGraph({ center, scale }: Pick<Head, 'center' | 'scale'>, generator: Generator): Uint8Array {
  const { decoder, means, spread, noise } = generator;
  const [K, Z, F] = [means.length, spread.length, noise.length];
  const graph = new GraphBuilder({ name: 'faults' });
  const op = (name: string, ...inputs: Parameters<GraphBuilder['node']>[1]) => graph.node(name, inputs);
  const matrix = (rows: Matrix, width: number) => graph.constant(rows.flat(), [rows.length, width]);
  const fault = graph.input('class', ['N', K]);
  const draws = graph.input('draws', ['N', Z + F]);
  const columns = (from: number, to: number) =>
    op('Slice', draws, graph.integers([from]), graph.integers([to]), graph.integers([1]));
  const code = op('Add', op('MatMul', fault, matrix(means, Z)), op('MatMul', columns(0, Z), matrix(spread, Z)));
  const left = op('MatMul', columns(Z, Z + F), matrix(noise, F));
  const standard = op('Add', emitPerceptron(graph, code, decoder), left);
  const features = op('Add', op('Mul', standard, graph.constant(scale, [F])), graph.constant(center, [F]));
  graph.output('features', features, ['N', F]);
  return graph.encode();
}
