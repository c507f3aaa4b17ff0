/**
 * `cnn`: a one-dimensional convolutional network forecasts the next frame from a window, as DeepAnT does (Munir et al. 2019). Every depth is tapped:
 * the head sees fine and coarse features beside each other (skip connections of different scale, Lin et al. 2017).
 */
import type { LayersModel, SymbolicTensor } from '@tensorflow/tfjs';
import { z } from 'zod';
import { defineRecipe, optimiserOptions, spoilingOptions, type TrainingContext } from './recipe.js';
import { trainWindowForecaster } from './window-forecaster.js';

const options = z.strictObject({
  window: z.int().min(4).max(4096).default(50).describe('frames that the forecast is made from'),
  filters: z
    .array(z.int().min(1))
    .min(1)
    .default([32, 32, 40])
    .describe('of each layer; each halves the time after it'),
  kernel: z.int().min(1).default(3).describe('frames that a filter sees'),
  pool: z.enum(['max', 'average']).default('max').describe('how two neighbours in time become one'),
  stride: z.int().min(1).default(4).describe('frames between the starts of two training windows'),
  ...spoilingOptions,
  ...optimiserOptions,
});

type Options = z.output<typeof options>;

export const cnn = defineRecipe({
  name: 'cnn',
  summary: 'convolutional network that forecasts the next frame from a window',
  options,
  span: ({ window }) => window + 1,
  train: (options, data, context) =>
    trainWindowForecaster(build(options, data.channels.length, context), options, data, context),
});

/** [N, T, 2C] -> [N, C] */
function build(
  { window, filters, kernel, pool }: Options,
  C: number,
  { tf, initializer, label }: TrainingContext,
): LayersModel {
  const input = tf.input({ shape: [window, 2 * C], name: label('input') });
  const taps: SymbolicTensor[] = [];
  let features = input;
  for (const units of filters) {
    const convolution = tf.layers.conv1d({
      name: label('conv1d'),
      filters: units,
      kernelSize: kernel,
      padding: 'same',
      activation: 'relu',
      kernelInitializer: initializer(),
    });
    // `same`, so that a last odd frame, the newest, is not lost.
    const size = { name: label('pool'), poolSize: 2, strides: 2, padding: 'same' as const };
    const pooling = pool === 'max' ? tf.layers.maxPooling1d(size) : tf.layers.averagePooling1d(size);
    features = pooling.apply(convolution.apply(features)) as SymbolicTensor;
    taps.push(tf.layers.flatten({ name: label('tap') }).apply(features) as SymbolicTensor);
  }
  const joined =
    taps.length === 1 ? taps : [tf.layers.concatenate({ name: label('taps') }).apply(taps) as SymbolicTensor];
  const head = tf.layers.dense({ name: label('head'), units: C, kernelInitializer: initializer() });
  return tf.model({ inputs: input, outputs: head.apply(joined) as SymbolicTensor, name: label('cnn') });
}
