/** Detector graphs without a network: the newest frame is expected to be a linear map of its window. */
import { GraphBuilder, type GraphOptions } from '../onnx/graph.js';
import { type DetectorGraph, describe, newest } from './detector.js';
import { clip, farLimit, type Scaling, scaleFrames } from './frames.js';
import type { ReferenceOutputs } from './reference.js';
import { noWhitening, scoreOutputs, type Whitening } from './scores.js';

export interface LinearOptions extends Scaling, GraphOptions {
  /** [T*C][C]: what is expected of the newest frame, from the scaled frames of the window, oldest first; all zeros: the centers. */
  readonly projection: readonly (readonly number[])[];
  /** Scaled values beyond it count as it, in the residual too. */
  readonly limit?: number;
  readonly whitening?: Whitening;
}

/** Window form: x [N, T, C] -> score [N, 1] and the others of the newest frame. A forecast has zeros in the rows of the newest frame. */
export function linearGraph(options: LinearOptions): DetectorGraph {
  const { center, projection, limit = farLimit } = options;
  const C = center.length;
  const T = projection.length / C;
  const graph = new GraphBuilder(options);
  const { scaled: free, known } = scaleFrames(graph, graph.input('x', ['N', T, C]), options);
  const scaled = limit < farLimit ? clip(graph, free, limit) : free;
  const rows = graph.node('Reshape', [scaled, graph.integers([-1, 1, T * C])]);
  const expected = graph.node('MatMul', [rows, graph.constant(projection.flat(), [T * C, C], 'projection')]);
  const judged = { scaled: newest(graph, scaled), known: newest(graph, known), expected };
  scoreOutputs(graph, judged, options, options.whitening);
  return describe(graph, 'window', T, 0);
}

/** The same in plain loops, rounded as the graph rounds: a whitening of signals that move alike magnifies it. @param x [n, T, C], NaN = missing */
export function linearReference(options: LinearOptions, x: Float32Array, n: number): ReferenceOutputs {
  const { center, scale, projection, limit = farLimit, whitening = noWhitening(center.length) } = options;
  const C = center.length;
  const width = projection.length;
  const round = Math.fround;
  const outputs = {
    score: new Float32Array(n),
    contribution: new Float32Array(n * C),
    expected: new Float32Array(n * C),
    residual: new Float32Array(n * C),
  };
  const product = (vector: readonly number[], matrix: readonly (readonly number[])[], c: number) =>
    round(vector.reduce((sum, value, k) => sum + value * round(matrix[k]?.[c] ?? 0), 0));
  for (let row = 0; row < n; row++) {
    const window = Array.from(x.subarray(row * width, (row + 1) * width));
    const scaled = window.map((value, i) => {
      const z = round(round(value - round(center[i % C] ?? 0)) / round(scale[i % C] ?? 1));
      return Number.isFinite(value) ? Math.max(-limit, Math.min(limit, z)) : 0;
    });
    const frame = scaled.slice(-C);
    const known = window.slice(-C).map((value) => (Number.isFinite(value) ? 1 : 0));
    const expected = frame.map((_, c) => product(scaled, projection, c));
    const residual = frame.map((z, c) => (known[c] ?? 0) * round(z - (expected[c] ?? 0)));
    const centered = residual.map((r, c) => (known[c] ?? 0) * round(r - round(whitening.mu[c] ?? 0)));
    const share = centered.map((_, c) => (known[c] ?? 0) * product(centered, whitening.matrix, c) ** 2);
    outputs.score[row] = share.reduce((sum, value) => sum + value, 0);
    outputs.contribution.set(share, row * C);
    outputs.residual.set(residual, row * C);
    outputs.expected.set(
      expected.map((z, c) => z * (scale[c] ?? 1) + (center[c] ?? 0)),
      row * C,
    );
  }
  return outputs;
}
