/** Networks of one hidden layer, y = tanh(x A + a) B + b: as a graph, and in plain loops. */
import type { GraphBuilder, Value } from '../onnx/graph.js';

/** [I*H], [H], [H*O], [O] */
export type Weights = readonly [Float32Array, Float32Array, Float32Array, Float32Array];

/** @param x [N, I]; @returns [N, O] */
export function emitPerceptron(graph: GraphBuilder, x: Value, [A, a, B, b]: Weights): Value {
  const [I, H, O] = [A.length / a.length, a.length, b.length];
  const hidden = graph.node('Tanh', [graph.node('Gemm', [x, graph.constant(A, [I, H]), graph.constant(a, [H])])]);
  return graph.node('Gemm', [hidden, graph.constant(B, [H, O]), graph.constant(b, [O])]);
}

/** @param x [I]; @returns [O] */
export function perceptron([A, a, B, b]: Weights, x: readonly number[]): number[] {
  const [H, O] = [a.length, b.length];
  const units = Array.from(a, (bias, h) =>
    Math.tanh(x.reduce((sum, value, i) => sum + value * (A[i * H + h] ?? 0), bias)),
  );
  return Array.from(b, (bias, o) => units.reduce((sum, value, h) => sum + value * (B[h * O + o] ?? 0), bias));
}
