/** The table of layers that can be exported, by class name. */
import type { LayerHandler } from '../call.js';
import { activation, elu, identity, leakyRelu, prelu, relu, softmax, thresholdedRelu } from './activation.js';
import { convolution, depthwiseConvolution, separableConvolution, transposedConvolution } from './convolution.js';
import { dense, embedding } from './dense.js';
import { add, average, concatenate, maximum, minimum, multiply } from './merge.js';
import { batchNormalization, layerNormalization, rescaling } from './normalization.js';
import { averagePool, globalAveragePool, globalMaxPool, maxPool } from './pooling.js';
import { bidirectional, recurrentHandler } from './recurrent.js';
import { cropping2d, flatten, permute, repeatVector, reshape, upSampling2d, zeroPadding2d } from './shape.js';
import { timeDistributed } from './wrapper.js';

export const layerHandlers: Readonly<Record<string, LayerHandler>> = {
  Dense: dense,
  Embedding: embedding,

  Activation: activation,
  ReLU: relu,
  LeakyReLU: leakyRelu,
  PReLU: prelu,
  ELU: elu,
  ThresholdedReLU: thresholdedRelu,
  Softmax: softmax,

  InputLayer: identity,
  Dropout: identity,
  SpatialDropout1D: identity,
  AlphaDropout: identity,
  GaussianDropout: identity,
  GaussianNoise: identity,

  LSTM: recurrentHandler('LSTM'),
  GRU: recurrentHandler('GRU'),
  SimpleRNN: recurrentHandler('SimpleRNN'),
  Bidirectional: bidirectional,
  TimeDistributed: timeDistributed,

  Conv1D: convolution,
  Conv2D: convolution,
  Conv3D: convolution,
  DepthwiseConv2D: depthwiseConvolution,
  SeparableConv2D: separableConvolution,
  Conv2DTranspose: transposedConvolution,
  Conv3DTranspose: transposedConvolution,

  MaxPooling1D: maxPool,
  MaxPooling2D: maxPool,
  MaxPooling3D: maxPool,
  AveragePooling1D: averagePool,
  AveragePooling2D: averagePool,
  AveragePooling3D: averagePool,
  GlobalMaxPooling1D: globalMaxPool,
  GlobalMaxPooling2D: globalMaxPool,
  GlobalAveragePooling1D: globalAveragePool,
  GlobalAveragePooling2D: globalAveragePool,

  BatchNormalization: batchNormalization,
  LayerNormalization: layerNormalization,
  Rescaling: rescaling,

  Add: add,
  Multiply: multiply,
  Average: average,
  Maximum: maximum,
  Minimum: minimum,
  Concatenate: concatenate,

  Flatten: flatten,
  Reshape: reshape,
  Permute: permute,
  RepeatVector: repeatVector,
  ZeroPadding2D: zeroPadding2d,
  Cropping2D: cropping2d,
  UpSampling2D: upSampling2d,
};
