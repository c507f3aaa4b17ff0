/** The exporter's cases: models that together use every layer and setting that can be exported. */
import type { LayersModel, layers, SymbolicTensor } from '@tensorflow/tfjs';

export type Tf = typeof import('@tensorflow/tfjs');

export interface Case {
  readonly name: string;
  readonly build: (tf: Tf) => LayersModel;
  /** Operators and how often; those not named here are not asserted. */
  readonly operators?: Readonly<Record<string, number>>;
  /** Length of axes that the model leaves open; default 5. */
  readonly open?: number;
  /** Inputs are drawn from 0 .. n-1 instead of a normal distribution. */
  readonly indices?: number;
}

type Layer = layers.Layer;
type Make = (tf: Tf) => Layer | Layer[];

/** One input of this shape, then the layers in a row. */
function row(name: string, shape: (number | null)[], make: Make, more: Partial<Case> = {}): Case {
  return {
    name,
    build: (tf) => {
      const input = tf.input({ shape });
      const chain = [make(tf)].flat();
      return tf.model({ inputs: input, outputs: chain.reduce((x, layer) => layer.apply(x) as SymbolicTensor, input) });
    },
    ...more,
  };
}

const activations = [
  'linear',
  'relu',
  'relu6',
  'tanh',
  'sigmoid',
  'hardSigmoid',
  'softplus',
  'softsign',
  'softmax',
  'logSoftmax',
  'elu',
  'selu',
  'swish',
  'mish',
  'gelu',
  'gelu_new',
] as const;

const dense: Case[] = [
  ...activations.map((activation) =>
    row(`dense ${activation}`, [6], (tf) => tf.layers.dense({ units: 5, activation: activation as 'relu' }), {
      operators: { Gemm: 1 },
    }),
  ),
  ...activations.map((activation) =>
    row(`activation ${activation} of 3 axes`, [4, 3], (tf) =>
      tf.layers.activation({ activation: activation as 'relu' }),
    ),
  ),
  row('dense without bias', [4], (tf) => tf.layers.dense({ units: 3, useBias: false }), { operators: { Gemm: 1 } }),
  row('dense of one unit', [4], (tf) => tf.layers.dense({ units: 1 })),
  row('dense of 3 axes', [5, 4], (tf) => tf.layers.dense({ units: 3, activation: 'tanh' }), {
    operators: { MatMul: 1, Add: 1, Gemm: 0 },
  }),
  row('dense of 3 axes without bias', [5, 4], (tf) => tf.layers.dense({ units: 3, useBias: false }), {
    operators: { MatMul: 1, Add: 0 },
  }),
  row('dense of 4 axes', [2, 3, 4], (tf) => tf.layers.dense({ units: 3, activation: 'softmax' })),
  row('dense of open length', [null, 4], (tf) => tf.layers.dense({ units: 3 })),
  row('deep autoencoder', [32], (tf) =>
    [24, 12, 4, 12, 24, 32].map((units, i) => tf.layers.dense({ units, activation: i === 5 ? 'linear' : 'tanh' })),
  ),
  row('embedding', [6], (tf) => tf.layers.embedding({ inputDim: 9, outputDim: 4 }), {
    indices: 9,
    operators: { Gather: 1 },
  }),
  row(
    'embedding, lstm',
    [6],
    (tf) => [tf.layers.embedding({ inputDim: 9, outputDim: 4 }), tf.layers.lstm({ units: 3 })],
    { indices: 9 },
  ),
];

const activationLayers: Case[] = [
  row('ReLU', [7], (tf) => tf.layers.reLU()),
  row('ReLU with a largest value', [7], (tf) => tf.layers.reLU({ maxValue: 0.5 })),
  row('LeakyReLU', [7], (tf) => tf.layers.leakyReLU()),
  row('LeakyReLU alpha 1', [7], (tf) => tf.layers.leakyReLU({ alpha: 1 })),
  row('LeakyReLU alpha .05', [7], (tf) => tf.layers.leakyReLU({ alpha: 0.05 })),
  row('PReLU', [4, 3], (tf) => tf.layers.prelu()),
  row('PReLU shared over time', [4, 3], (tf) => tf.layers.prelu({ sharedAxes: [1] })),
  row('PReLU shared over rows and columns', [4, 5, 3], (tf) => tf.layers.prelu({ sharedAxes: [1, 2] })),
  row('ELU', [7], (tf) => tf.layers.elu()),
  row('ThresholdedReLU', [7], (tf) => tf.layers.thresholdedReLU()),
  row('ThresholdedReLU theta .3', [7], (tf) => tf.layers.thresholdedReLU({ theta: 0.3 })),
  row('Softmax', [7], (tf) => tf.layers.softmax()),
  row('Softmax of the last axis', [4, 3], (tf) => tf.layers.softmax({ axis: -1 })),
  row('Softmax of two axes', [4, 3], (tf) => tf.layers.softmax({ axis: [1, 2] })),
];

const removed: Case[] = [
  row('dropout', [5], (tf) => [tf.layers.dense({ units: 4 }), tf.layers.dropout({ rate: 0.5 })], {
    operators: { Gemm: 1, Dropout: 0, Identity: 0 },
  }),
  row('dropout alone', [5], (tf) => tf.layers.dropout({ rate: 0.5 }), { operators: { Identity: 1 } }),
  row('spatial dropout', [5, 3], (tf) => tf.layers.spatialDropout1d({ rate: 0.5 })),
  row('alpha dropout', [5], (tf) => tf.layers.alphaDropout({ rate: 0.5 })),
  row('gaussian dropout', [5], (tf) => tf.layers.gaussianDropout({ rate: 0.5 })),
  row('gaussian noise', [5], (tf) => tf.layers.gaussianNoise({ stddev: 0.5 })),
];

type Rnn = 'lstm' | 'gru' | 'simpleRNN';
const operatorOf = { lstm: 'LSTM', gru: 'GRU', simpleRNN: 'RNN' } as const;
const rnns = ['lstm', 'gru', 'simpleRNN'] as const;
const one = (rnn: Rnn) => ({ operators: { [operatorOf[rnn]]: 1, Loop: 0, Scan: 0 } });
type Args = Parameters<Tf['layers']['lstm']>[0];
const make = (tf: Tf, rnn: Rnn, args: Args) => tf.layers[rnn](args as never) as layers.RNN;

const recurrent: Case[] = rnns.flatMap((rnn) => [
  row(`${rnn}`, [7, 3], (tf) => make(tf, rnn, { units: 4 }), one(rnn)),
  row(`${rnn} of one unit`, [7, 3], (tf) => make(tf, rnn, { units: 1 }), one(rnn)),
  row(`${rnn} of open length`, [null, 3], (tf) => make(tf, rnn, { units: 4, returnSequences: true }), {
    ...one(rnn),
    open: 9,
  }),
  row(`${rnn} sequences`, [7, 3], (tf) => make(tf, rnn, { units: 4, returnSequences: true }), one(rnn)),
  row(`${rnn} without bias`, [7, 3], (tf) => make(tf, rnn, { units: 4, useBias: false }), one(rnn)),
  row(`${rnn} backwards`, [7, 3], (tf) => make(tf, rnn, { units: 4, goBackwards: true }), one(rnn)),
  // keras-onnx #523 = onnxruntime #4187: the order of a backward sequence.
  row(
    `${rnn} backwards sequences`,
    [7, 3],
    (tf) => make(tf, rnn, { units: 4, goBackwards: true, returnSequences: true }),
    one(rnn),
  ),
  row(`${rnn} with dropout`, [7, 3], (tf) => make(tf, rnn, { units: 4, dropout: 0.3, recurrentDropout: 0.2 })),
  // keras-onnx #89, #619: numbers.
  row(`${rnn} of 64 units, 96 steps`, [96, 8], (tf) => make(tf, rnn, { units: 64, returnSequences: true })),
  row(
    `two ${rnn} and dense`,
    [7, 3],
    (tf) => [
      make(tf, rnn, { units: 6, returnSequences: true }),
      make(tf, rnn, { units: 4 }),
      tf.layers.dense({ units: 3 }),
    ],
    { operators: { [operatorOf[rnn]]: 2, Loop: 0 } },
  ),
  {
    name: `${rnn} state out`,
    build: (tf) => {
      const input = tf.input({ shape: [6, 3] });
      const outputs = make(tf, rnn, { units: 4, returnSequences: true, returnState: true }).apply(input);
      return tf.model({ inputs: input, outputs: outputs as SymbolicTensor[] });
    },
    ...one(rnn),
  },
  {
    name: `${rnn} state in and out`,
    build: (tf) => {
      const input = tf.input({ shape: [6, 3] });
      const states = Array.from({ length: rnn === 'lstm' ? 2 : 1 }, () => tf.input({ shape: [4] }));
      const layer = make(tf, rnn, { units: 4, returnState: true });
      const outputs = layer.apply([input, ...states]) as SymbolicTensor[];
      return tf.model({ inputs: [input, ...states], outputs });
    },
    ...one(rnn),
  },
  // tensorflow-onnx #2211: the activations of the second direction lost.
  ...(['concat', 'sum', 'ave', 'mul'] as const).flatMap((mergeMode) =>
    [true, false].map((returnSequences) =>
      row(
        `bidirectional ${rnn}, ${mergeMode}${returnSequences ? ', sequences' : ''}`,
        [7, 3],
        (tf) => tf.layers.bidirectional({ layer: make(tf, rnn, { units: 4, returnSequences }), mergeMode }),
        one(rnn),
      ),
    ),
  ),
]);

const recurrentActivations: Case[] = [
  // tensorflow-onnx PR 2001: hard_sigmoid.
  ...(['sigmoid', 'hardSigmoid', 'tanh', 'relu', 'softsign', 'softplus', 'elu', 'linear'] as const).flatMap(
    (recurrentActivation) => [
      row(`lstm with recurrent ${recurrentActivation}`, [5, 3], (tf) =>
        tf.layers.lstm({ units: 4, recurrentActivation, activation: 'tanh' }),
      ),
      row(`gru with recurrent ${recurrentActivation}`, [5, 3], (tf) =>
        tf.layers.gru({ units: 4, recurrentActivation, activation: 'softsign' }),
      ),
    ],
  ),
  ...(['sigmoid', 'hardSigmoid', 'relu', 'softsign', 'softplus', 'elu', 'linear'] as const).flatMap((activation) => [
    row(`lstm with ${activation}`, [5, 3], (tf) => tf.layers.lstm({ units: 4, activation })),
    row(`simpleRNN with ${activation}`, [5, 3], (tf) => tf.layers.simpleRNN({ units: 4, activation })),
  ]),
  row('bidirectional lstm with hardSigmoid, relu', [5, 3], (tf) =>
    tf.layers.bidirectional({
      layer: tf.layers.lstm({
        units: 4,
        recurrentActivation: 'hardSigmoid',
        activation: 'relu',
        returnSequences: true,
      }) as layers.RNN,
      mergeMode: 'concat',
    }),
  ),
  row('bidirectional lstm with sigmoid, elu', [5, 3], (tf) =>
    tf.layers.bidirectional({
      layer: tf.layers.lstm({ units: 4, recurrentActivation: 'sigmoid', activation: 'elu' }) as layers.RNN,
      mergeMode: 'concat',
    }),
  ),
  {
    name: 'bidirectional lstm, both outputs and states',
    build: (tf) => {
      const input = tf.input({ shape: [5, 3] });
      const layer = tf.layers.bidirectional({
        layer: tf.layers.lstm({ units: 4, returnSequences: true, returnState: true }) as layers.RNN,
        mergeMode: null as never,
      });
      return tf.model({ inputs: input, outputs: layer.apply(input) as SymbolicTensor[] });
    },
    operators: { LSTM: 1 },
  },
  row(
    'lstm autoencoder',
    [8, 3],
    (tf) => [
      tf.layers.lstm({ units: 5, recurrentActivation: 'sigmoid' }),
      tf.layers.repeatVector({ n: 8 }),
      tf.layers.lstm({ units: 5, recurrentActivation: 'sigmoid', returnSequences: true }),
      tf.layers.timeDistributed({ layer: tf.layers.dense({ units: 3 }) }),
    ],
    { operators: { LSTM: 2, MatMul: 1, Loop: 0 } },
  ),
];

const wrappers: Case[] = [
  row('time-distributed dense', [4, 3], (tf) => tf.layers.timeDistributed({ layer: tf.layers.dense({ units: 2 }) }), {
    operators: { MatMul: 1, Reshape: 0 },
  }),
  row('time-distributed conv2d', [3, 6, 5, 2], (tf) =>
    tf.layers.timeDistributed({ layer: tf.layers.conv2d({ filters: 2, kernelSize: 3 }) }),
  ),
  row('time-distributed flatten', [3, 4, 2], (tf) => tf.layers.timeDistributed({ layer: tf.layers.flatten() })),
  row('time-distributed flatten, open length', [null, 4, 2], (tf) =>
    tf.layers.timeDistributed({ layer: tf.layers.flatten() }),
  ),
  row('time-distributed lstm', [3, 5, 2], (tf) => tf.layers.timeDistributed({ layer: tf.layers.lstm({ units: 3 }) })),
  row('time-distributed batch normalisation', [3, 4], (tf) =>
    tf.layers.timeDistributed({ layer: tf.layers.batchNormalization() }),
  ),
  row('time-distributed model', [3, 4], (tf) =>
    tf.layers.timeDistributed({
      layer: tf.sequential({
        layers: [tf.layers.dense({ units: 3, inputShape: [4], activation: 'relu' }), tf.layers.dense({ units: 2 })],
      }),
    }),
  ),
];

const spatial = (format: 'channelsLast' | 'channelsFirst', rows: number, columns: number, channels: number) =>
  format === 'channelsLast' ? [rows, columns, channels] : [channels, rows, columns];
const formats = ['channelsLast', 'channelsFirst'] as const;
const paddings = ['valid', 'same'] as const;

const convolutions: Case[] = [
  ...paddings.flatMap((padding) => [
    ...[
      [3, 1, 1],
      [3, 2, 1],
      [4, 2, 1],
      [4, 3, 1],
      [2, 3, 1],
      [3, 1, 2],
      [1, 1, 1],
    ].map(([kernelSize = 1, strides = 1, dilationRate = 1]) =>
      row(`conv1d ${padding} k${kernelSize} s${strides} d${dilationRate}`, [11, 3], (tf) =>
        tf.layers.conv1d({ filters: 4, kernelSize, strides, dilationRate, padding, activation: 'relu' }),
      ),
    ),
    ...formats.map((dataFormat) =>
      row(`conv2d ${padding} ${dataFormat}`, spatial(dataFormat, 7, 6, 2), (tf) =>
        tf.layers.conv2d({ filters: 3, kernelSize: [3, 2], padding, dataFormat, activation: 'softmax' }),
      ),
    ),
    row(`conv2d ${padding} strides`, [9, 8, 2], (tf) =>
      tf.layers.conv2d({ filters: 3, kernelSize: [4, 3], strides: [2, 3], padding, activation: 'tanh' }),
    ),
    row(`conv2d ${padding} dilated`, [9, 8, 2], (tf) =>
      tf.layers.conv2d({ filters: 3, kernelSize: 3, dilationRate: [2, 3], padding, useBias: false }),
    ),
    row(`conv3d ${padding}`, [5, 4, 4, 2], (tf) => tf.layers.conv3d({ filters: 3, kernelSize: 2, padding })),
    ...formats.map((dataFormat) =>
      row(`depthwise ${padding} ${dataFormat}`, spatial(dataFormat, 7, 6, 3), (tf) =>
        tf.layers.depthwiseConv2d({ kernelSize: 3, padding, dataFormat, depthMultiplier: 2, activation: 'relu' }),
      ),
    ),
    row(`depthwise ${padding} strides`, [9, 9, 3], (tf) =>
      tf.layers.depthwiseConv2d({ kernelSize: [3, 4], strides: 2 as never, padding, useBias: false }),
    ),
    row(`separable ${padding}`, [7, 6, 3], (tf) =>
      tf.layers.separableConv2d({ filters: 4, kernelSize: 3, padding, depthMultiplier: 2, activation: 'relu' }),
    ),
    row(`separable ${padding} strides`, [9, 9, 3], (tf) =>
      tf.layers.separableConv2d({ filters: 4, kernelSize: 3, strides: [2, 2], padding, useBias: false }),
    ),
    // onnxruntime #4086, #11927, onnx #2788: padding of transposed convolutions.
    ...[
      [3, 1],
      [3, 2],
      [4, 2],
      [2, 2],
      [2, 3],
      [5, 3],
    ].map(([kernelSize = 1, strides = 1]) =>
      row(`transposed ${padding} k${kernelSize} s${strides}`, [4, 5, 2], (tf) =>
        tf.layers.conv2dTranspose({ filters: 3, kernelSize, strides, padding, activation: 'tanh' }),
      ),
    ),
    row(`transposed ${padding} channelsFirst`, [2, 4, 5], (tf) =>
      tf.layers.conv2dTranspose({
        filters: 3,
        kernelSize: [3, 2],
        strides: [2, 1],
        padding,
        dataFormat: 'channelsFirst',
      }),
    ),
  ]),
  row('conv1d of open length', [null, 3], (tf) => tf.layers.conv1d({ filters: 2, kernelSize: 3, padding: 'same' })),
  row('1-D CNN forecaster', [50, 4], (tf) => [
    tf.layers.conv1d({ filters: 8, kernelSize: 3, activation: 'relu' }),
    tf.layers.maxPooling1d({ poolSize: 2 }),
    tf.layers.conv1d({ filters: 8, kernelSize: 3, activation: 'relu' }),
    tf.layers.globalAveragePooling1d({}),
    tf.layers.dense({ units: 4 }),
  ]),
  row('convolutional autoencoder', [16, 8, 1], (tf) => [
    tf.layers.conv2d({ filters: 4, kernelSize: 3, strides: 2, padding: 'same', activation: 'relu' }),
    tf.layers.batchNormalization(),
    tf.layers.conv2dTranspose({ filters: 4, kernelSize: 3, strides: 2, padding: 'same', activation: 'relu' }),
    tf.layers.conv2d({ filters: 1, kernelSize: 3, padding: 'same' }),
  ]),
];

const pools: Case[] = [
  ...(['max', 'average'] as const).flatMap((kind) => [
    ...paddings.flatMap((padding) => [
      ...[
        [2, 2],
        [3, 2],
        [3, 1],
        [2, 3],
      ].map(([poolSize = 1, strides = 1]) =>
        row(`${kind} pool 1d ${padding} ${poolSize}/${strides}`, [11, 3], (tf) =>
          tf.layers[`${kind}Pooling1d`]({ poolSize, strides, padding }),
        ),
      ),
      ...formats.map((dataFormat) =>
        row(`${kind} pool 2d ${padding} ${dataFormat}`, spatial(dataFormat, 7, 6, 2), (tf) =>
          tf.layers[`${kind}Pooling2d`]({ poolSize: [3, 2], strides: [2, 2], padding, dataFormat }),
        ),
      ),
      row(`${kind} pool 3d ${padding}`, [5, 4, 6, 2], (tf) =>
        tf.layers[`${kind}Pooling3d`]({ poolSize: 2, strides: 2 as never, padding }),
      ),
    ]),
    row(`${kind} pool 1d defaults`, [8, 3], (tf) => tf.layers[`${kind}Pooling1d`]({})),
    row(`${kind} pool 2d defaults`, [8, 6, 3], (tf) => tf.layers[`${kind}Pooling2d`]({})),
  ]),
  row('global max 1d', [8, 3], (tf) => tf.layers.globalMaxPooling1d()),
  row('global average 1d', [8, 3], (tf) => tf.layers.globalAveragePooling1d()),
  ...formats.flatMap((dataFormat) => [
    row(`global max 2d ${dataFormat}`, [5, 4, 3], (tf) => tf.layers.globalMaxPooling2d({ dataFormat })),
    row(`global average 2d ${dataFormat}`, [5, 4, 3], (tf) => tf.layers.globalAveragePooling2d({ dataFormat })),
  ]),
];

const normalizations: Case[] = [
  row('batch normalisation', [5], (tf) => tf.layers.batchNormalization()),
  row('batch normalisation of 3 axes', [4, 5], (tf) => tf.layers.batchNormalization({ epsilon: 0.1 })),
  row('batch normalisation of 4 axes', [3, 4, 5], (tf) => tf.layers.batchNormalization({ axis: 3 })),
  row('batch normalisation without scale', [5], (tf) => tf.layers.batchNormalization({ scale: false })),
  row('batch normalisation without center', [5], (tf) => tf.layers.batchNormalization({ center: false })),
  row('layer normalisation', [5], (tf) => tf.layers.layerNormalization()),
  row('layer normalisation of 3 axes', [4, 5], (tf) => tf.layers.layerNormalization({ epsilon: 0.1 })),
  row('layer normalisation of two axes', [4, 5], (tf) => tf.layers.layerNormalization({ axis: [1, 2] })),
  row('layer normalisation of axis 1', [4, 5], (tf) => tf.layers.layerNormalization({ axis: 1 })),
  row('layer normalisation without scale', [5], (tf) => tf.layers.layerNormalization({ scale: false })),
  row('layer normalisation without center', [5], (tf) => tf.layers.layerNormalization({ center: false })),
  row('rescaling', [5], (tf) => tf.layers.rescaling({ scale: 0.5, offset: -1 } as never)),
];

/** Several inputs into one layer. */
function joined(name: string, shapes: (number | null)[][], layer: (tf: Tf) => Layer, more: Partial<Case> = {}): Case {
  return {
    name,
    build: (tf) => {
      const inputs = shapes.map((shape) => tf.input({ shape }));
      return tf.model({ inputs, outputs: layer(tf).apply(inputs) as SymbolicTensor });
    },
    ...more,
  };
}

const two = [
  [4, 3],
  [4, 3],
];
const three = [[5], [5], [5]];

const merges: Case[] = [
  ...(['add', 'multiply', 'average', 'maximum', 'minimum'] as const).flatMap((kind) => [
    joined(`${kind} of two`, two, (tf) => tf.layers[kind]() as Layer),
    joined(`${kind} of three`, three, (tf) => tf.layers[kind]() as Layer),
    joined(`${kind} of 4 and 3 axes`, [[4, 3], [3]], (tf) => tf.layers[kind]() as Layer),
  ]),
  joined(
    'add with broadcasting',
    [
      [4, 3],
      [1, 3],
    ],
    (tf) => tf.layers.add() as Layer,
  ),
  joined('concatenate', two, (tf) => tf.layers.concatenate() as Layer, { operators: { Concat: 1 } }),
  joined(
    'concatenate along time',
    [
      [4, 3],
      [2, 3],
    ],
    (tf) => tf.layers.concatenate({ axis: 1 }) as Layer,
  ),
  joined('concatenate three', [[2], [3], [4]], (tf) => tf.layers.concatenate() as Layer),
];

const shapes: Case[] = [
  row('flatten', [4, 3], (tf) => tf.layers.flatten()),
  row('flatten channelsFirst', [4, 3, 2], (tf) => tf.layers.flatten({ dataFormat: 'channelsFirst' })),
  row('reshape', [4, 6], (tf) => tf.layers.reshape({ targetShape: [3, 8] })),
  row('reshape with an unknown', [4, 6], (tf) => tf.layers.reshape({ targetShape: [-1, 3] })),
  row('reshape to more axes', [24], (tf) => tf.layers.reshape({ targetShape: [2, 3, 4] })),
  row('permute', [4, 6], (tf) => tf.layers.permute({ dims: [2, 1] })),
  row('permute of 4 axes', [4, 6, 2], (tf) => tf.layers.permute({ dims: [3, 1, 2] })),
  row('repeat vector', [4], (tf) => tf.layers.repeatVector({ n: 3 })),
  ...formats.flatMap((dataFormat) => [
    row(`zero padding ${dataFormat}`, [4, 5, 6], (tf) =>
      tf.layers.zeroPadding2d({
        padding: [
          [1, 2],
          [0, 3],
        ],
        dataFormat,
      }),
    ),
    row(`cropping ${dataFormat}`, [7, 8, 9], (tf) =>
      tf.layers.cropping2D({
        cropping: [
          [1, 2],
          [0, 3],
        ],
        dataFormat,
      }),
    ),
    row(`cropping at the start ${dataFormat}`, [7, 8, 9], (tf) =>
      tf.layers.cropping2D({
        cropping: [
          [2, 0],
          [0, 0],
        ],
        dataFormat,
      }),
    ),
    ...(['nearest', 'bilinear'] as const).flatMap((interpolation) => [
      row(`up-sampling ${interpolation} ${dataFormat}`, [3, 4, 5], (tf) =>
        tf.layers.upSampling2d({ interpolation, dataFormat }),
      ),
      row(`up-sampling 3x2 ${interpolation} ${dataFormat}`, [3, 4, 5], (tf) =>
        tf.layers.upSampling2d({ size: [3, 2], interpolation, dataFormat }),
      ),
    ]),
  ]),
];

const models: Case[] = [
  {
    name: 'functional model with a skip connection',
    build: (tf) => {
      const x = tf.input({ shape: [6] });
      const h = tf.layers.dense({ units: 6, activation: 'relu' }).apply(x) as SymbolicTensor;
      const sum = tf.layers.add().apply([x, h]) as SymbolicTensor;
      return tf.model({ inputs: x, outputs: tf.layers.dense({ units: 2 }).apply(sum) as SymbolicTensor });
    },
    operators: { Gemm: 2, Add: 1 },
  },
  {
    name: 'a layer that is used twice',
    build: (tf) => {
      const a = tf.input({ shape: [4] });
      const b = tf.input({ shape: [4] });
      const shared = tf.layers.dense({ units: 3 });
      const outputs = [a, b].map((x) => shared.apply(x) as SymbolicTensor);
      return tf.model({ inputs: [a, b], outputs: tf.layers.multiply().apply(outputs) as SymbolicTensor });
    },
    operators: { Gemm: 2 },
  },
  {
    name: 'two outputs, one of them an input',
    build: (tf) => {
      const x = tf.input({ shape: [4] });
      return tf.model({ inputs: x, outputs: [tf.layers.dense({ units: 3 }).apply(x) as SymbolicTensor, x] });
    },
    operators: { Gemm: 1, Identity: 1 },
  },
  {
    name: 'sequential',
    build: (tf) =>
      tf.sequential({ layers: [tf.layers.dense({ units: 3, inputShape: [4] }), tf.layers.dense({ units: 2 })] }),
    operators: { Gemm: 2 },
  },
  {
    name: 'sequential in sequential',
    build: (tf) => {
      const inner = tf.sequential({ layers: [tf.layers.dense({ units: 3, inputShape: [4], activation: 'tanh' })] });
      const middle = tf.sequential({ layers: [tf.layers.dense({ units: 5, inputShape: [3] })] });
      return tf.sequential({ layers: [inner, middle, tf.layers.dense({ units: 2 })] });
    },
    operators: { Gemm: 3 },
  },
  {
    name: 'encoder and decoder models in a model',
    build: (tf) => {
      const encoder = tf.sequential({ layers: [tf.layers.dense({ units: 2, inputShape: [6] })] });
      const z = tf.input({ shape: [2] });
      const decoder = tf.model({ inputs: z, outputs: tf.layers.dense({ units: 6 }).apply(z) as SymbolicTensor });
      const x = tf.input({ shape: [6] });
      const code = encoder.apply(x) as SymbolicTensor;
      return tf.model({ inputs: x, outputs: [decoder.apply(code) as SymbolicTensor, code] });
    },
    operators: { Gemm: 2 },
  },
  {
    name: 'a model that is used twice',
    build: (tf) => {
      const inner = tf.sequential({ layers: [tf.layers.dense({ units: 4, inputShape: [4], activation: 'tanh' })] });
      const x = tf.input({ shape: [4] });
      return tf.model({ inputs: x, outputs: inner.apply(inner.apply(x)) as SymbolicTensor });
    },
    operators: { Gemm: 2 },
  },
  {
    name: 'inception: convolutions of several lengths side by side',
    build: (tf) => {
      const x = tf.input({ shape: [12, 3] });
      const taps = [1, 3, 5].map(
        (kernelSize) =>
          tf.layers.conv1d({ filters: 2, kernelSize, padding: 'same', activation: 'relu' }).apply(x) as SymbolicTensor,
      );
      const all = tf.layers.concatenate().apply(taps) as SymbolicTensor;
      return tf.model({ inputs: x, outputs: tf.layers.globalMaxPooling1d().apply(all) as SymbolicTensor });
    },
    operators: { Conv: 3, Concat: 1 },
  },
];

export const cases: readonly Case[] = [
  ...dense,
  ...activationLayers,
  ...removed,
  ...recurrent,
  ...recurrentActivations,
  ...wrappers,
  ...convolutions,
  ...pools,
  ...normalizations,
  ...merges,
  ...shapes,
  ...models,
];
