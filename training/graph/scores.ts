/** The shared end of every residual detector graph: residual -> whitening -> score, contribution, expected. */
import type { Dim, GraphBuilder, Value } from '../onnx/graph.js';
import { clip, type Frames, farLimit, type Scaling, spread } from './frames.js';

/** `w = (r - mu) matrix`: normal residuals r become uncorrelated with unit variance. */
export interface Whitening {
  /** [C] */
  readonly mu: readonly number[];
  /** [C][C], symmetric (ZCA: Kessy, Lewin & Strimmer 2018), so that element c of w is about channel c. */
  readonly matrix: readonly (readonly number[])[];
}

/** Residuals as they are: what a detector gives before its whitening is known. */
export function noWhitening(channels: number): Whitening {
  const row = (c: number) => Array.from({ length: channels }, (_, k) => (k === c ? 1 : 0));
  return { mu: new Array<number>(channels).fill(0), matrix: Array.from({ length: channels }, (_, c) => row(c)) };
}

export interface Judged extends Frames {
  /** [N, K, C] scaled, as `scaled` */
  readonly expected: Value;
  /** [N, K, C] normal spread of what is expected, scaled, above 0; 1 where not given */
  readonly deviation?: Value;
}

/**
 * Adds the outputs `score` [N, K], `contribution`, `expected` and `residual` [N, K, C] of the detector contract.
 *
 * residual r = (z - expected) / spread * known; e = (r - mu) known; w = e W; contribution = w^2 known; score = its sum.
 * Finite for any input: `scaled` is bounded, and so is `expected` here.
 */
export function scoreOutputs(
  graph: GraphBuilder,
  { scaled, known, expected, deviation }: Judged,
  { center, scale }: Scaling,
  whitening: Whitening = noWhitening(center.length),
  frames: Dim = 1,
): void {
  const C = center.length;
  const all = (values: readonly number[], hint: string) => spread(graph, values, scaled, hint);
  const bounded = clip(graph, expected, farLimit);
  const difference = graph.node('Sub', [scaled, bounded]);
  const relative = deviation === undefined ? difference : graph.node('Div', [difference, deviation]);
  const residual = graph.node('Mul', [relative, known]);
  const centered = graph.node('Mul', [graph.node('Sub', [residual, all(whitening.mu, 'mu')]), known]);
  const white = graph.node('MatMul', [centered, graph.constant(whitening.matrix.flat(), [C, C], 'whitening')]);
  // A missing signal has no share, but W hands it one of its neighbours' residuals: nobody could act on the blame of a signal that is not there.
  const contribution = graph.node('Mul', [graph.node('Mul', [white, white]), known]);
  // Not ReduceSum: onnxruntime adds in an order that depends on where a row lies in memory, and the last bit would depend on the batch.
  const sum = graph.node('MatMul', [contribution, graph.constant(new Float32Array(C).fill(1), [C, 1])]);
  const score = graph.node('Squeeze', [sum, graph.integers([-1])]);
  const unscaled = graph.node('Mul', [bounded, all(scale, 'scale')]);
  graph.output('score', score, ['N', frames]);
  graph.output('contribution', contribution, ['N', frames, C]);
  graph.output('expected', graph.node('Add', [unscaled, all(center, 'center')]), ['N', frames, C]);
  graph.output('residual', residual, ['N', frames, C]);
}
