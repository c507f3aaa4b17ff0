/** Detector graphs without a network: a frame is expected to be a linear map of itself. */
import { GraphBuilder, type GraphOptions } from '../onnx/graph.js';
import { type DetectorGraph, describe } from './detector.js';
import { farLimit, type Scaling, scaleFrames } from './frames.js';
import type { ReferenceOutputs } from './reference.js';
import { noWhitening, scoreOutputs, type Whitening } from './scores.js';

export interface LinearOptions extends Scaling, GraphOptions {
  /** [C][C]: expected = scaled projection; all zeros: the centers are expected. */
  readonly projection: readonly (readonly number[])[];
  readonly whitening?: Whitening;
}

/** Window form of one frame: x [N, 1, C] -> score [N, 1] and the others. Nothing is clipped but what no float could hold. */
export function linearGraph(options: LinearOptions): DetectorGraph {
  const C = options.center.length;
  const graph = new GraphBuilder(options);
  const frames = scaleFrames(graph, graph.input('x', ['N', 1, C]), options);
  const projection = graph.constant(options.projection.flat(), [C, C], 'projection');
  const expected = graph.node('MatMul', [frames.scaled, projection]);
  scoreOutputs(graph, { ...frames, expected }, options, options.whitening);
  return describe(graph, 'window', 1, 0);
}

/** The same in plain loops. @param x [n, 1, C], NaN = missing */
export function linearReference(options: LinearOptions, x: Float32Array, n: number): ReferenceOutputs {
  const { center, scale, projection, whitening = noWhitening(center.length) } = options;
  const C = center.length;
  const outputs = {
    score: new Float32Array(n),
    contribution: new Float32Array(n * C),
    expected: new Float32Array(n * C),
    residual: new Float32Array(n * C),
  };
  for (let row = 0; row < n; row++) {
    const frame = x.subarray(row * C, (row + 1) * C);
    const scaled = center.map((middle, c) => {
      // In single precision, as in the graph: a whitening of signals that move alike magnifies the rounding.
      const z = Math.fround(Math.fround((frame[c] ?? Number.NaN) - Math.fround(middle)) / Math.fround(scale[c] ?? 1));
      return Number.isNaN(z) ? 0 : Math.max(-farLimit, Math.min(farLimit, z));
    });
    const product = (vector: readonly number[], matrix: readonly (readonly number[])[], c: number) =>
      Math.fround(vector.reduce((sum, value, k) => sum + value * Math.fround(matrix[k]?.[c] ?? 0), 0));
    const expected = scaled.map((_, c) => product(scaled, projection, c));
    const known = scaled.map((_, c) => (Number.isFinite(frame[c]) ? 1 : 0));
    const residual = scaled.map((z, c) => (known[c] ?? 0) * Math.fround(z - (expected[c] ?? 0)));
    const centered = residual.map((r, c) => (known[c] ?? 0) * Math.fround(r - Math.fround(whitening.mu[c] ?? 0)));
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
