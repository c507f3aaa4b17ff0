import type { LayersModel, layers, SymbolicTensor, Tensor } from '@tensorflow/tfjs';
import { beforeAll, describe, expect, test } from 'vitest';
import { UserError } from '../../../model/errors.js';
import { openSession } from '../../../model/session.js';
import { toOnnx } from '../../../training/onnx/export.js';
import { decodeModel } from '../../../training/onnx/proto.js';
import type { Tf } from './cases.js';

let tf: Tf;
beforeAll(async () => {
  tf = (await import('@tensorflow/tfjs')).default;
  tf.enableProdMode();
  await tf.setBackend('cpu');
});

const one = (shape: number[], layer: layers.Layer, batchSize?: number): LayersModel => {
  const input = batchSize === undefined ? tf.input({ shape }) : tf.input({ batchShape: [batchSize, ...shape] });
  return tf.model({ inputs: input, outputs: layer.apply(input) as SymbolicTensor });
};

describe('what can not be exported is one error that names layer and class', () => {
  const refused: readonly (readonly [string, () => LayersModel, RegExp])[] = [
    [
      'an unknown class',
      () => one([4, 3], tf.layers.masking({ maskValue: 0, name: 'gone' })),
      /layer "gone" \(Masking\) is of a class that can not be exported\. Replace it, or register/,
    ],
    [
      'a stateful layer',
      () => one([4, 3], tf.layers.lstm({ units: 2, stateful: true, name: 'memory' }), 2),
      /layer "memory" \(LSTM\) is stateful\. Build the same model with stateful: false/,
    ],
    [
      'an activation that ONNX has not inside LSTM',
      () => one([4, 3], tf.layers.lstm({ units: 2, activation: 'selu', name: 'r' })),
      /layer "r" \(LSTM\) has the activation "selu", which ONNX's LSTM does not know/,
    ],
    [
      'strides with "same" over an open length',
      () => {
        const input = tf.input({ shape: [null, 3] });
        const layer = tf.layers.conv1d({ filters: 2, kernelSize: 3, strides: 2, padding: 'same', name: 'c' });
        return tf.model({ inputs: input, outputs: layer.apply(input) as SymbolicTensor });
      },
      /layer "c" \(Conv1D\) has "same" padding with strides over an axis of unknown length\. Give its input/,
    ],
    [
      'batch normalisation of another axis',
      () => one([4, 3], tf.layers.batchNormalization({ axis: 1, name: 'b' })),
      /layer "b" \(BatchNormalization\) normalises another axis/,
    ],
    [
      'separable convolution with channels first',
      () =>
        one(
          [3, 5, 5],
          tf.layers.separableConv2d({ filters: 2, kernelSize: 3, dataFormat: 'channelsFirst', name: 's' }),
        ),
      /layer "s" \(SeparableConv2D\) has channelsFirst/,
    ],
    [
      'an embedding that masks',
      () => one([4], tf.layers.embedding({ inputDim: 4, outputDim: 2, maskZero: true, name: 'e' })),
      /layer "e" \(Embedding\) masks zeros/,
    ],
    [
      'a wrapped layer of an unknown class',
      () => one([3, 4, 2], tf.layers.timeDistributed({ layer: tf.layers.masking({ name: 'inner' }) })),
      /layer "inner" \(Masking\)/,
    ],
  ];
  test.each(refused)('%s', (_, build, message) => {
    const model = build();
    expect(() => toOnnx(model)).toThrow(UserError);
    expect(() => toOnnx(model)).toThrow(message);
    model.dispose();
  });
});

test('a custom layer is exported by its own handler: a VAE gives the mean', async () => {
  /** z = mean + exp(logVariance / 2) eps while training, the mean otherwise. */
  class Sampling extends tf.layers.Layer {
    static className = 'Sampling';
    override computeOutputShape(shapes: number[][]): number[] {
      return shapes[0]!;
    }
    override call(inputs: Tensor[]): Tensor {
      return inputs[0]!;
    }
  }
  const x = tf.input({ shape: [4] });
  const mean = tf.layers.dense({ units: 2 }).apply(x) as SymbolicTensor;
  const logVariance = tf.layers.dense({ units: 2 }).apply(x) as SymbolicTensor;
  const z = new Sampling({}).apply([mean, logVariance]) as SymbolicTensor;
  const model = tf.model({ inputs: x, outputs: tf.layers.dense({ units: 4 }).apply(z) as SymbolicTensor });
  expect(() => toOnnx(model)).toThrow(/\(Sampling\) is of a class/);

  const bytes = toOnnx(model, { handlers: { Sampling: ({ inputs }) => inputs.slice(0, 1) } });
  const session = await openSession(bytes);
  const data = Float32Array.of(0.1, -0.5, 2, 1);
  const [output] = Object.values(await session.run({ [session.inputNames[0]!]: { data, dims: [1, 4] } }));
  const expected = await (model.predict(tf.tensor2d(data, [1, 4])) as Tensor).data();
  expected.forEach((value, i) => {
    expect(output![i]).toBeCloseTo(value, 5);
  });
  await session.close();
});

test('names, metadata and open lengths are as asked for', () => {
  const input = tf.input({ shape: [null, 3] });
  const model = tf.model({ inputs: input, outputs: tf.layers.dense({ units: 2 }).apply(input) as SymbolicTensor });
  const bytes = toOnnx(model, { name: 'g', inputNames: ['x'], outputNames: ['y'], metadata: { rate: '1 Hz' } });
  const { graph, metadata_props, producer_name } = decodeModel(bytes);
  expect(producer_name).toBe('anomalyd');
  expect(metadata_props).toEqual([{ key: 'rate', value: '1 Hz' }]);
  expect(graph.name).toBe('g');
  const dims = (value: (typeof graph.input)[number]) => value.type.tensor_type.shape.dim;
  expect(graph.input.map(({ name }) => name)).toEqual(['x']);
  expect(dims(graph.input[0]!)).toEqual([{ dim_param: 'N' }, { dim_param: 'x_1' }, { dim_value: 3 }]);
  expect(dims(graph.output[0]!)).toEqual([{ dim_param: 'N' }, { dim_param: 'y_1' }, { dim_value: 2 }]);
});

test('the same weights give the same bytes, and equal constants are stored once', () => {
  const input = tf.input({ shape: [3], name: 'in' });
  const layer = tf.layers.dense({ units: 3, name: 'shared' });
  const model = tf.model({
    inputs: input,
    outputs: layer.apply(layer.apply(input)) as SymbolicTensor,
  });
  const bytes = toOnnx(model, { name: 'g' });
  expect(toOnnx(model, { name: 'g' })).toEqual(bytes);
  expect(decodeModel(bytes).graph.initializer.map(({ dims }) => dims)).toEqual([[3, 3], [3]]);
});
