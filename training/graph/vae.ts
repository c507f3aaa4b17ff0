/** Detector graph of a variational autoencoder: reconstruction probability and divergence at the mean of the code; and the same in plain loops. */
import type { LayersModel } from '@tensorflow/tfjs';
import { GraphBuilder, type GraphOptions, type Value } from '../onnx/graph.js';
import { emitModel } from '../onnx/model.js';
import type { TensorFlow } from '../tensorflow/load.js';
import { valuesOf } from '../tensorflow/values.js';
import { type DetectorGraph, describe, newest } from './detector.js';
import { clip, farLimit, inputLimit, networkInput, type Scaling, scaleFrames } from './frames.js';

export interface VaeOptions extends Scaling, GraphOptions {
  /** [N, T, 2C] scaled values and known flags -> mean and log variance of the window [N, T, C], mean and log variance of the code [N, Z]. */
  readonly model: LayersModel;
}

/** Bounds of the log variance of a reading about its reconstruction, in scaled units. */
export const logVarianceBounds = [-7, 3] as const;
/** Bounds of the code's: beyond it exp is of no use. */
export const codeBounds = [-10, 10] as const;

/**
 * x [N, T, C] -> the outputs of the contract about the newest frame. z is the mean of the code, so the same input gives the same output.
 *
 * Each known signal's share is its negative log density (An & Cho 2015) above the least that is possible, and an equal part of KL(q(z|x) || N(0, 1)).
 */
export function vaeGraph({ model, center, scale, ...about }: VaeOptions): DetectorGraph {
  const C = center.length;
  const T = model.inputs[0]?.shape[1] ?? 1;
  const graph = new GraphBuilder(about);
  const op = (name: string, ...inputs: Parameters<GraphBuilder['node']>[1]) => graph.node(name, inputs);
  const number = (value: number) => graph.constant(value);
  const frames = scaleFrames(graph, graph.input('x', ['N', T, C]), { center, scale });
  const made = emitModel(graph, model, [networkInput(graph, frames, inputLimit)]);
  const [means, logs, codes, codeLogs] = made as [Value, Value, Value, Value];
  const bound = (value: Value, [low, high]: readonly [number, number]) => op('Clip', value, number(low), number(high));
  const expected = clip(graph, newest(graph, means), farLimit);
  const log = bound(newest(graph, logs), logVarianceBounds);
  const known = newest(graph, frames.known);
  const difference = op('Sub', newest(graph, frames.scaled), expected);
  const residual = op('Mul', op('Mul', difference, op('Exp', op('Mul', log, number(-0.5)))), known);
  const density = op('Add', op('Mul', residual, residual), op('Sub', log, number(logVarianceBounds[0])));

  const Z = model.outputs[2]?.shape[1] ?? 1;
  const codeLog = bound(codeLogs, codeBounds);
  const terms = op('Sub', op('Sub', op('Add', op('Exp', codeLog), op('Mul', codes, codes)), codeLog), number(1));
  const ones = (n: number) => graph.constant(new Float32Array(n).fill(1), [n, 1], 'ones');
  const divergence = op('Unsqueeze', op('MatMul', terms, ones(Z)), graph.integers([1]));
  const count = op('Max', op('MatMul', known, ones(C)), number(1));
  // Rounding may take a divergence of 0 below it.
  const each = op('Max', op('Div', divergence, count), number(0));
  const contribution = op('Mul', op('Mul', op('Add', density, each), number(0.5)), known);
  graph.output('score', op('Squeeze', op('MatMul', contribution, ones(C)), graph.integers([-1])), ['N', 1]);
  graph.output('contribution', contribution, ['N', 1, C]);
  const unscaled = op('Mul', expected, graph.constant(scale, [C], 'scale'));
  graph.output('expected', op('Add', unscaled, graph.constant(center, [C], 'center')), ['N', 1, C]);
  graph.output('residual', residual, ['N', 1, C]);
  return describe(graph, 'window', T, 0);
}

/** The graph's outputs, in plain loops around the network in tfjs. @param x [n, T, C], NaN = missing */
export function vaeReference(tf: TensorFlow, { model, center, scale }: VaeOptions, x: Float32Array, n: number) {
  const C = center.length;
  const T = x.length / (n * C);
  const input = new Float32Array(2 * x.length);
  const scaled = x.map((value, i) => {
    const z = Math.fround(value - Math.fround(center[i % C] ?? 0)) / Math.fround(scale[i % C] ?? 1);
    const bounded = Number.isFinite(value) ? Math.max(-farLimit, Math.min(farLimit, z)) : 0;
    const at = Math.floor(i / C) * 2 * C + (i % C);
    input[at] = Math.max(-inputLimit, Math.min(inputLimit, bounded));
    input[at + C] = Number.isFinite(value) ? 1 : 0;
    return bounded;
  });
  const [means, logs, codes, codeLogs] = valuesOf(tf, () => {
    const outputs = model.predict(tf.tensor3d(input, [n, T, 2 * C]), { batchSize: n });
    return [outputs].flat();
  }) as [Float32Array, Float32Array, Float32Array, Float32Array];
  const bound = (value: number, [low, high]: readonly [number, number]) => Math.max(low, Math.min(high, value));
  const Z = codes.length / n;
  const outputs = {
    score: new Float32Array(n),
    contribution: new Float32Array(n * C),
    expected: new Float32Array(n * C),
    residual: new Float32Array(n * C),
  };
  for (let row = 0; row < n; row++) {
    let divergence = 0;
    for (let z = row * Z; z < (row + 1) * Z; z++) {
      const log = bound(codeLogs[z] ?? 0, codeBounds);
      divergence += Math.exp(log) + (codes[z] ?? 0) ** 2 - log - 1;
    }
    const from = (row * T + T - 1) * C;
    const known = center.map((_, c) => (Number.isFinite(x[from + c]) ? 1 : 0));
    const count = Math.max(
      1,
      known.reduce<number>((sum, flag) => sum + flag, 0),
    );
    for (let c = 0; c < C; c++) {
      const expected = Math.max(-farLimit, Math.min(farLimit, means[from + c] ?? 0));
      const log = bound(logs[from + c] ?? 0, logVarianceBounds);
      const residual = (known[c] ?? 0) * ((scaled[from + c] ?? 0) - expected) * Math.exp(-0.5 * log);
      const share = 0.5 * (residual ** 2 + log - logVarianceBounds[0] + Math.max(0, divergence / count));
      outputs.residual[row * C + c] = residual;
      outputs.contribution[row * C + c] = (known[c] ?? 0) * share;
      outputs.expected[row * C + c] = expected * (scale[c] ?? 1) + (center[c] ?? 0);
      outputs.score[row] = (outputs.score[row] ?? 0) + (known[c] ?? 0) * share;
    }
  }
  return outputs;
}
