/** `mlp`: a multilayer perceptron forecasts the next frame from a window (Rumelhart, Hinton & Williams 1986). */
import type { LayersModel, layers } from '@tensorflow/tfjs';
import { z } from 'zod';
import { defineRecipe, optimiserOptions, spoilingOptions, type TrainingContext } from './recipe.js';
import { trainWindowForecaster } from './window-forecaster.js';

const options = z.strictObject({
  window: z.int().min(1).max(1024).default(12).describe('frames that the forecast is made from'),
  hidden: z.array(z.int().min(1)).default([64, 64]).describe('units of each hidden layer'),
  activation: z.enum(['relu', 'tanh', 'elu']).default('relu'),
  stride: z.int().min(1).default(2).describe('frames between the starts of two training windows'),
  ...spoilingOptions,
  ...optimiserOptions,
});

type Options = z.output<typeof options>;

export const mlp = defineRecipe({
  name: 'mlp',
  summary: 'multilayer perceptron that forecasts the next frame from a window',
  options,
  span: ({ window }) => window + 1,
  train: (options, data, context) =>
    trainWindowForecaster(build(options, data.channels.length, context), options, data, context),
});

/** [N, T, 2C] -> [N, C] */
function build(
  { window, hidden, activation }: Options,
  C: number,
  { tf, initializer, label }: TrainingContext,
): LayersModel {
  return tf.sequential({
    layers: [
      tf.layers.flatten({ name: label('flatten'), inputShape: [window, 2 * C] }),
      ...hidden.map(
        (units): layers.Layer =>
          tf.layers.dense({ name: label('dense'), units, activation, kernelInitializer: initializer() }),
      ),
      tf.layers.dense({ name: label('head'), units: C, kernelInitializer: initializer() }),
    ],
  });
}
