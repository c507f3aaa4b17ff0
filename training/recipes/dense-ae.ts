/** `dense-ae`: a denoising autoencoder over a window of frames (Hinton & Salakhutdinov 2006; Vincent et al. 2008). */
import type { LayersModel, layers, Scalar } from '@tensorflow/tfjs';
import { z } from 'zod';
import type { Random } from '../../model/random.js';
import { type Examples, optimise } from '../optimise.js';
import { inputLimit, scaleFrames } from '../scaler.js';
import { cutWindows, gather, type Spoiling } from '../windows.js';
import { maskedHuber } from './loss.js';
import { defineRecipe, optimiserOptions, type Trained, type TrainingContext, type TrainingData } from './recipe.js';

const options = z.strictObject({
  window: z.int().min(1).max(1024).default(8).describe('frames that are reconstructed together'),
  hidden: z
    .array(z.int().min(1))
    .default([64, 32])
    .describe('units of the layers down to the bottleneck; mirrored on the way up'),
  bottleneck: z
    .int()
    .min(1)
    .optional()
    .describe('default: by the number of signals C: half of C, and two more for movement'),
  activation: z.enum(['tanh', 'relu', 'elu']).default('tanh'),
  stride: z.int().min(1).default(1).describe('frames between the starts of two training windows'),
  dropSignal: z
    .number()
    .min(0)
    .lt(1)
    .default(0.15)
    .describe('probability that a signal is hidden from a training window'),
  dropValue: z.number().min(0).lt(1).default(0.05).describe('probability that a value is hidden'),
  noise: z.number().min(0).default(0.1).describe('added to training inputs, in normal spreads'),
  ...optimiserOptions,
  epochs: optimiserOptions.epochs.unwrap().default(60).describe('most passes over the data'),
});

type DenseAeOptions = z.output<typeof options>;

export const denseAe = defineRecipe({
  name: 'dense-ae',
  summary: 'dense autoencoder of a window of frames; judges the newest frame',
  options,
  span: ({ window }) => window,
  train,
});

async function train(options: DenseAeOptions, data: TrainingData, context: TrainingContext): Promise<Trained> {
  const C = data.channels.length;
  const model = build(options, C, context);
  const train = reconstructionExamples(options, data, data.fit, model, context);
  const validate = reconstructionExamples(options, data, data.validate, model, context);
  const { history: _, ...losses } = await optimise(model, train, validate, options, context);
  return {
    kind: 'window',
    task: 'reconstructor',
    window: options.window,
    stateSize: 0,
    warmupFrames: options.window - 1,
    opset: 17,
    parameters: model.countParams(),
    losses,
    toOnnx: () => {
      throw new Error('not built yet');
    },
    reference: () => {
      throw new Error('not built yet');
    },
    dispose: () => model.dispose(),
  };
}

/** [N, T, 2C] -> [N, T, C] */
function build(options: DenseAeOptions, C: number, { tf, seed, name }: TrainingContext): LayersModel {
  const { window, hidden, activation } = options;
  const bottleneck = options.bottleneck ?? Math.ceil(C / 2) + 2;
  let part = 0;
  const dense = (units: number, shape: object = {}): layers.Layer =>
    tf.layers.dense({
      units,
      activation,
      kernelInitializer: tf.initializers.glorotUniform({ seed: 31 * seed + part++ + name.length }),
      ...shape,
    });
  return tf.sequential({
    layers: [
      tf.layers.flatten({ inputShape: [window, 2 * C] }),
      ...hidden.map((units) => dense(units)),
      dense(bottleneck),
      ...hidden.toReversed().map((units) => dense(units)),
      dense(window * C, { activation: 'linear' }),
      tf.layers.reshape({ targetShape: [window, C] }),
    ],
  });
}

function reconstructionExamples(
  { window, stride, dropSignal, dropValue, noise }: DenseAeOptions,
  data: TrainingData,
  segments: TrainingData['fit'],
  model: LayersModel,
  { tf }: TrainingContext,
): Examples {
  const C = data.channels.length;
  const spoiling: Spoiling = { dropSignal, dropValue, noise };
  const frames = segments.map((segment) => scaleFrames(segment, data.scaler, inputLimit));
  const set = cutWindows(frames, C, window, stride);
  return {
    count: set.starts.length,
    loss: (rows: readonly number[], random?: Random): Scalar => {
      const batch = gather(set, rows, spoiling, random);
      const predicted = model.apply(tf.tensor3d(batch.input, [batch.size, window, 2 * C]), { training: true });
      if (!(predicted instanceof tf.Tensor)) throw new Error('a model with one output gave another thing');
      const target = (array: Float32Array) => tf.tensor3d(array, [batch.size, window, C]);
      return maskedHuber(tf, predicted, target(batch.target), target(batch.weight));
    },
  };
}
