/** Detector graph of an autoencoder of spectrograms, and the same in plain loops around the network. */
import type { LayersModel } from '@tensorflow/tfjs';
import { GraphBuilder, type GraphOptions } from '../onnx/graph.js';
import { emitModel } from '../onnx/model.js';
import type { TensorFlow } from '../tensorflow/load.js';
import { valuesOf } from '../tensorflow/values.js';
import { type DetectorGraph, describe, newest } from './detector.js';
import { clip, farLimit, inputLimit, type Scaling, scaleFrames } from './frames.js';
import { binsOf, type SpectrogramShape, spectrogram, spectrogramReference, windowOf } from './spectrogram.js';

export interface SpectrogramOptions extends Scaling, GraphOptions {
  /** [N, S, F, C] standardised spectrograms -> the same, rebuilt */
  readonly model: LayersModel;
  readonly shape: SpectrogramShape;
  /** [F, C] each: mean and spread of the logarithm of power, and the normal size of a residual in such spreads. */
  readonly mean: readonly number[];
  readonly spread: readonly number[];
  readonly size: readonly number[];
}

/** Beyond it a signal is e^10 times louder or quieter than expected, and no number says more. */
const mostGain = 20;

/**
 * x [N, T, C] -> the outputs of the contract about the window that ends with the newest frame.
 *
 * e = (image - rebuilt) / size; contribution = mean of e^2 over times and frequencies; residual = mean of e, above 0 where the signal is louder than expected;
 * expected = the newest value, were its swing about the centre as loud as expected.
 */
export function spectrogramAeGraph(options: SpectrogramOptions): DetectorGraph {
  const { model, center, scale, shape, mean, spread, size, ...about } = options;
  const [C, F, T] = [center.length, binsOf(shape), windowOf(shape)];
  const cells = shape.columns * F;
  const graph = new GraphBuilder(about);
  const op = (name: string, ...inputs: Parameters<GraphBuilder['node']>[1]) => graph.node(name, inputs);
  const bins = (values: readonly number[], hint: string) => graph.constant(values, [F, C], hint);
  const frames = scaleFrames(graph, graph.input('x', ['N', T, C]), { center, scale });
  const { log, known } = spectrogram(graph, frames, shape, C);
  const whole = op('Unsqueeze', known, graph.integers([1]));
  const spreads = bins(spread, 'spread');
  const image = op('Mul', op('Div', op('Sub', log, bins(mean, 'mean')), spreads), whole);
  const [rebuilt] = emitModel(graph, model, [clip(graph, image, inputLimit)]);
  if (rebuilt === undefined) throw new Error('a model without output');
  const difference = op('Mul', op('Sub', image, clip(graph, rebuilt, farLimit)), whole);
  const e = op('Div', difference, bins(size, 'size'));
  // A product, as sums come in an order that may depend on the batch.
  const ones = graph.constant(new Float32Array(cells).fill(1 / cells), [1, cells], 'ones');
  const meanOf = (value: typeof e) => op('MatMul', ones, op('Reshape', value, graph.integers([-1, cells, C])));
  const present = op('Mul', known, newest(graph, frames.known));
  const contribution = op('Mul', meanOf(op('Mul', e, e)), present);
  const gain = clip(graph, meanOf(op('Mul', difference, spreads)), mostGain);
  const usual = op('Mul', newest(graph, frames.scaled), op('Exp', op('Mul', gain, graph.constant(-0.5))));
  const expected = op(
    'Add',
    op('Mul', usual, graph.constant(scale, [C], 'scale')),
    graph.constant(center, [C], 'center'),
  );
  const sum = op('MatMul', contribution, graph.constant(new Float32Array(C).fill(1), [C, 1]));
  graph.output('score', op('Squeeze', sum, graph.integers([-1])), ['N', 1]);
  graph.output('contribution', contribution, ['N', 1, C]);
  graph.output('expected', expected, ['N', 1, C]);
  graph.output('residual', op('Mul', meanOf(e), present), ['N', 1, C]);
  return describe(graph, 'window', T, 0);
}

/** @param x [n, T, C], NaN = missing */
export function spectrogramAeReference(tf: TensorFlow, options: SpectrogramOptions, x: Float32Array, n: number) {
  const { model, center, scale, shape, mean, spread, size } = options;
  const [C, F, S, T] = [center.length, binsOf(shape), shape.columns, windowOf(shape)];
  const bounded = (value: number, limit: number) => Math.max(-limit, Math.min(limit, value));
  const scaled = x.map((value, i) =>
    Number.isFinite(value) ? bounded(Math.fround(value - (center[i % C] ?? 0)) / (scale[i % C] ?? 1), farLimit) : 0,
  );
  const isWhole = (row: number, c: number) =>
    Array.from({ length: T }, (_, t) => x[(row * T + t) * C + c] ?? Number.NaN).every(Number.isFinite);
  const whole = Array.from({ length: n }, (_, row) => center.map((_center, c) => isWhole(row, c)));
  const images = new Float32Array(n * S * F * C);
  for (let row = 0; row < n; row++) {
    const log = spectrogramReference(scaled.subarray(row * T * C, (row + 1) * T * C), shape, C);
    log.forEach((value, i) => {
      const at = i % (F * C);
      images[row * S * F * C + i] = whole[row]?.[i % C] ? (value - (mean[at] ?? 0)) / (spread[at] ?? 1) : 0;
    });
  }
  const [rebuilt = new Float32Array()] = valuesOf(tf, () => {
    const input = tf.tensor4d(
      images.map((value) => bounded(value, inputLimit)),
      [n, S, F, C],
    );
    return [model.predict(input, { batchSize: n })].flat();
  });
  const outputs = {
    score: new Float32Array(n),
    contribution: new Float32Array(n * C),
    expected: new Float32Array(n * C),
    residual: new Float32Array(n * C),
  };
  for (let row = 0; row < n; row++)
    for (let c = 0; c < C; c++) {
      let [sum, squares, gain] = [0, 0, 0];
      for (let cell = 0; whole[row]?.[c] && cell < S * F; cell++) {
        const i = row * S * F * C + cell * C + c;
        const at = (cell % F) * C + c;
        const difference = (images[i] ?? 0) - bounded(rebuilt[i] ?? 0, farLimit);
        const e = difference / (size[at] ?? 1);
        sum += e / (S * F);
        squares += e ** 2 / (S * F);
        gain += (difference * (spread[at] ?? 1)) / (S * F);
      }
      const last = scaled[(row * T + T - 1) * C + c] ?? 0;
      const out = row * C + c;
      outputs.contribution[out] = squares;
      outputs.residual[out] = sum;
      outputs.expected[out] = last * Math.exp(-0.5 * bounded(gain, mostGain)) * (scale[c] ?? 1) + (center[c] ?? 0);
      outputs.score[row] = (outputs.score[row] ?? 0) + squares;
    }
  return outputs;
}
