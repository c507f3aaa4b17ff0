import type { LayersModel, layers, SymbolicTensor, Tensor, Variable } from '@tensorflow/tfjs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fuseLayers } from '../../../training/fused/fuse.js';
import { loadTensorFlow } from '../../../training/tensorflow/load.js';
import { startWasm } from '../../../training/tensorflow/wasm.js';
import type { Tf } from '../onnx/cases.js';
import { randomInputs, randomise } from '../onnx/random-model.js';

const { tf, backend } = await loadTensorFlow();
const own = tf.getBackend();
if (own !== 'wasm') await startWasm(tf);
await tf.setBackend(own);
/** The wheel needs Python, a compiler and a package index: no part of the house that can be installed beside it. */
const isNative = backend === 'tensorflow';
const native = (title: string) => (isNative ? title : `${title} (skipped: no native TensorFlow is to be had here)`);

type Args = Omit<Parameters<Tf['layers']['lstm']>[0], 'units'>;
type Build = () => LayersModel;
// The weights are drawn anew in each case; tfjs's own way to draw them takes seconds for many units.
const lstm = (args: Args, units = 6) =>
  tf.layers.lstm({ units, recurrentActivation: 'sigmoid', recurrentInitializer: 'zeros', ...args });
const gru = (args: Omit<Parameters<Tf['layers']['gru']>[0], 'units'>, units = 6) =>
  tf.layers.gru({ units, recurrentActivation: 'sigmoid', ...args });
const row =
  (...make: (() => layers.Layer)[]): Build =>
  () => {
    const input = tf.input({ shape: [9, 3] });
    const output = make.reduce((x, layer) => layer().apply(x) as SymbolicTensor, input);
    return tf.model({ inputs: input, outputs: output });
  };

const cases: readonly (readonly [name: string, fused: number, build: Build])[] = [
  ['last output', 1, row(() => lstm({}))],
  ['one unit', 1, row(() => lstm({}, 1))],
  ['sequences', 1, row(() => lstm({ returnSequences: true }))],
  ['without bias', 1, row(() => lstm({ useBias: false, returnSequences: true }))],
  ['backwards', 1, row(() => lstm({ goBackwards: true }))],
  ['backwards, sequences', 1, row(() => lstm({ goBackwards: true, returnSequences: true }))],
  ['input dropout, not while predicting', 1, row(() => lstm({ dropout: 0.4 }))],
  [
    'two layers, dropout between and a dense head',
    2,
    row(
      () => lstm({ returnSequences: true }),
      () => tf.layers.dropout({ rate: 0.3 }),
      () => lstm({}, 5),
      () => tf.layers.dense({ units: 2 }),
    ),
  ],
  [
    'three layers one after the other, the second backwards, and a dense layer for each step',
    3,
    row(
      () => lstm({ returnSequences: true }),
      () => lstm({ returnSequences: true, goBackwards: true }, 5),
      () => lstm({ returnSequences: true }, 4),
      () => tf.layers.dense({ units: 2 }),
    ),
  ],
  [
    'an output that goes two ways',
    2,
    () => {
      const input = tf.input({ shape: [9, 3] });
      const first = lstm({ returnSequences: true }).apply(input) as SymbolicTensor;
      const second = lstm({ returnSequences: true }).apply(first) as SymbolicTensor;
      return tf.model({ inputs: input, outputs: tf.layers.add().apply([first, second]) as SymbolicTensor });
    },
  ],
  [
    'dense layers before and behind',
    1,
    row(
      () => lstm({}),
      () => tf.layers.dense({ units: 4, activation: 'tanh' }),
      () => tf.layers.dense({ units: 2 }),
    ),
  ],
  [
    'bidirectional',
    2,
    row(() => tf.layers.bidirectional({ layer: lstm({ returnSequences: true }) as layers.RNN, mergeMode: 'concat' })),
  ],
  [
    'in a model in a model',
    1,
    row(() =>
      tf.sequential({ layers: [tf.layers.lstm({ units: 4, recurrentActivation: 'sigmoid', inputShape: [9, 3] })] }),
    ),
  ],
  [
    'states handed from encoder to decoder',
    2,
    () => {
      const input = tf.input({ shape: [9, 3] });
      const [, h, c] = lstm({ returnState: true }).apply(input) as SymbolicTensor[];
      const decoded = lstm({ returnSequences: true }).apply([input, h!, c!]) as SymbolicTensor;
      return tf.model({ inputs: input, outputs: decoded });
    },
  ],
  ...[64, 96].map(
    (units) =>
      [
        `${units} units, which the kernel is given more of: sequences, backwards, last output, states`,
        4,
        () => {
          const input = tf.input({ shape: [9, 3] });
          const sequences = lstm({ returnSequences: true }, units).apply(input);
          const turned = lstm({ returnSequences: true, goBackwards: true }, units).apply(sequences);
          const [, h, c] = lstm({ returnState: true }, units).apply(turned as SymbolicTensor) as SymbolicTensor[];
          const output = lstm({}, units).apply([input, h!, c!]) as SymbolicTensor;
          return tf.model({ inputs: input, outputs: output });
        },
      ] as const,
  ),
  ['hardSigmoid is left to tfjs', 0, row(() => tf.layers.lstm({ units: 6 }))],
  ['recurrent dropout is left to tfjs', 0, row(() => lstm({ recurrentDropout: 0.2 }))],
  ['a GRU of hardSigmoid is left to tfjs', 0, row(() => tf.layers.gru({ units: 6 }))],
  ['a simple RNN stays as it is', 0, row(() => tf.layers.simpleRNN({ units: 6 }))],
  ['GRU: last output', 1, row(() => gru({}))],
  ['GRU: sequences, without bias', 1, row(() => gru({ useBias: false, returnSequences: true }))],
  ['GRU: backwards', 1, row(() => gru({ goBackwards: true }))],
  ['GRU: input dropout, not while predicting', 1, row(() => gru({ dropout: 0.4 }))],
  [
    'GRU behind LSTM behind GRU',
    3,
    row(
      () => gru({ returnSequences: true }),
      () => lstm({ returnSequences: true }, 64),
      () => gru({}, 5),
      () => tf.layers.dense({ units: 2 }),
    ),
  ],
  [
    'GRU, bidirectional',
    2,
    row(() => tf.layers.bidirectional({ layer: gru({ returnSequences: true }) as layers.RNN, mergeMode: 'concat' })),
  ],
  [
    'GRU: state handed from encoder to decoder',
    2,
    () => {
      const input = tf.input({ shape: [9, 3] });
      const [, h] = gru({ returnState: true }).apply(input) as SymbolicTensor[];
      const decoded = gru({ returnSequences: true }).apply([input, h!]) as SymbolicTensor;
      return tf.model({ inputs: input, outputs: decoded });
    },
  ],
];

/** The output, the gradients of its mean square by all weights and by the input. */
function outputAndGradients(model: LayersModel): Float32Array[] {
  const [{ data, dims }] = randomInputs(model, 'fused', 4) as [{ data: Float32Array; dims: number[] }];
  const weights = model.trainableWeights.map((weight) => weight.read() as Variable);
  return tf.tidy(() => {
    const input = tf.variable(tf.tensor(data, dims));
    const output = model.apply(input) as Tensor;
    const { grads } = tf.variableGrads(
      () => tf.mean(tf.square(model.apply(input) as Tensor)).asScalar(),
      [...weights, input],
    );
    return [output, ...[...weights, input].map(({ name }) => grads[name]!)].map((t) => Float32Array.from(t.dataSync()));
  });
}

function expectLikeStock(fused: number, build: Build): void {
  const [stock, fast] = [build(), build()];
  for (const model of [stock, fast]) randomise(tf, model, 'same');
  expect(fuseLayers(tf, fast)).toBe(fused);
  const expected = outputAndGradients(stock);
  const actual = outputAndGradients(fast);
  expect(actual.length).toBe(expected.length);
  for (const [i, values] of expected.entries()) {
    const largest = Math.max(...values.map(Math.abs));
    expect(largest).toBeGreaterThan(0);
    const worst = Math.max(...values.map((value, k) => Math.abs(value - actual[i]![k]!)));
    expect(worst / largest).toBeLessThan(1e-6);
  }
  stock.dispose();
  fast.dispose();
}

describe('as the stock layer, outputs and gradients within 1e-6 of the largest', () => {
  test.skipIf(!isNative).each(cases)(native('%s'), (_, fused, build) => {
    expect(tf.getBackend()).toBe('tensorflow');
    expectLikeStock(fused, build);
  });

  describe.each(['wasm', 'cpu'])('on %s', (other) => {
    beforeAll(async () => {
      await tf.setBackend(other);
    });
    afterAll(async () => {
      await tf.setBackend(own);
    });
    test.each(cases)('%s', (_, fused, build) => {
      expect(tf.getBackend()).toBe(other);
      expectLikeStock(fused, build);
    });
  });
});

test.skipIf(!isNative)(native('the kernels are in use, and nothing leaks over epochs'), async () => {
  const model = row(
    () => lstm({ returnSequences: true }),
    () => lstm({ returnState: false }),
  )();
  expect(fuseLayers(tf, model)).toBe(2);
  expect(fuseLayers(tf, model)).toBe(0);
  model.compile({ optimizer: tf.train.adam(0.02), loss: 'meanSquaredError' });
  const [x, y] = [tf.randomNormal([64, 9, 3], 0, 1, 'float32', 1), tf.zeros([64, 6])];
  const losses: number[] = [];
  const tensors: number[] = [];
  for (let epoch = 0; epoch < 4; epoch++) {
    const { history } = await model.fit(x, y, { batchSize: 16, epochs: 1, verbose: 0, shuffle: false });
    losses.push(Number(history.loss?.[0]));
    tensors.push(tf.memory().numTensors);
  }
  expect(losses[3]).toBeLessThan(losses[0]! * 0.8);
  expect(tensors[3]).toBe(tensors[1]);
  const { kernels } = await tf.profile(() => model.apply(x) as Tensor);
  // tfjs's own layer would need a Sigmoid for three gates of every step.
  expect(kernels.filter(({ name }) => name === 'Sigmoid')).toEqual([]);
});

test.skipIf(!isNative).each<[name: string, layer: typeof lstm | typeof gru, units: number]>([
  ['LSTM', lstm, 6],
  ['LSTM', lstm, 64],
  ['GRU', gru, 6],
])(native('a stateful %s carries its states from call to call'), (_, layer, units) => {
  const build = () => {
    const input = tf.input({ batchShape: [2, 9, 3] });
    const output = layer({ stateful: true, returnSequences: true }, units).apply(input) as SymbolicTensor;
    return tf.model({ inputs: input, outputs: output });
  };
  const [stock, fast] = [build(), build()];
  for (const model of [stock, fast]) randomise(tf, model, 'same');
  fuseLayers(tf, fast);
  const x = tf.randomNormal([2, 9, 3], 0, 1, 'float32', 2);
  const [first] = [stock, fast].map((model) => (model.apply(x) as Tensor).dataSync());
  const [expected, actual] = [stock, fast].map((model) => (model.apply(x) as Tensor).dataSync());
  expect(expected).not.toEqual(first);
  expected!.forEach((value, i) => {
    expect(actual![i]).toBeCloseTo(value, 5);
  });
});
