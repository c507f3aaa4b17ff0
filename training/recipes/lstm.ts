/** `lstm`: a recurrent forecaster of the next frame (Hochreiter & Schmidhuber 1997; for anomalies Malhotra et al. 2015). */
import type { LayersModel, Scalar } from '@tensorflow/tfjs';
import { z } from 'zod';
import type { Random } from '../../model/random.js';
import { type Examples, optimise } from '../optimise.js';
import { inputLimit, scaleFrames } from '../scaler.js';
import { cutWindows, gather, type Spoiling } from '../windows.js';
import { maskedHuber } from './loss.js';
import { defineRecipe, optimiserOptions, type Trained, type TrainingContext, type TrainingData } from './recipe.js';

const options = z.strictObject({
  hidden: z.int().min(1).max(1024).default(32).describe('memory cells'),
  window: z.int().min(4).max(4096).default(32).describe('frames that gradients flow back through'),
  stride: z.int().min(1).default(8).describe('frames between the starts of two training windows'),
  warmup: z.int().min(1).default(12).describe('frames after a reset that are not judged'),
  dropSignal: z
    .number()
    .min(0)
    .lt(1)
    .default(0.05)
    .describe('probability that a signal is hidden from a training window'),
  dropValue: z.number().min(0).lt(1).default(0.05).describe('probability that a value is hidden'),
  noise: z.number().min(0).default(0).describe('added to training inputs, in normal spreads'),
  ...optimiserOptions,
});

type LstmOptions = z.output<typeof options>;

export const lstm = defineRecipe({
  name: 'lstm',
  summary: 'LSTM that forecasts the next frame; recurrent: one step a frame',
  options,
  span: ({ window }) => window + 1,
  train,
});

async function train(options: LstmOptions, data: TrainingData, context: TrainingContext): Promise<Trained> {
  const { tf } = context;
  const C = data.channels.length;
  const model = build(options, C, context);
  const train = forecastExamples(options, data, data.fit, model, context);
  const validate = forecastExamples({ ...options, stride: options.window }, data, data.validate, model, context);
  const { history: _, ...losses } = await optimise(model, train, validate, options, context);
  const stateSize = 2 * options.hidden + C;
  void tf;
  return {
    kind: 'recurrent',
    task: 'forecaster',
    window: 1,
    stateSize,
    warmupFrames: options.warmup,
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

/** [N, T, 2C] -> [N, T, C]: after each frame the forecast of the next, in normal spreads. */
function build({ hidden }: LstmOptions, C: number, { tf, seed, name }: TrainingContext): LayersModel {
  const glorot = (part: number) => tf.initializers.glorotUniform({ seed: 31 * seed + part + name.length });
  return tf.sequential({
    layers: [
      tf.layers.lstm({
        units: hidden,
        inputShape: [null, 2 * C],
        returnSequences: true,
        // tfjs defaults to the piecewise linear hardSigmoid.
        recurrentActivation: 'sigmoid',
        kernelInitializer: glorot(1),
        recurrentInitializer: glorot(2),
      }),
      tf.layers.dense({ units: C, kernelInitializer: glorot(3) }),
    ],
  });
}

/** Windows of T + 1 frames: the first T go in, the last T are to be foretold. */
function forecastExamples(
  { window, stride, dropSignal, dropValue, noise }: LstmOptions,
  data: TrainingData,
  segments: TrainingData['fit'],
  model: LayersModel,
  { tf }: TrainingContext,
): Examples {
  const C = data.channels.length;
  const spoiling: Spoiling = { dropSignal, dropValue, noise };
  const frames = segments.map((segment) => scaleFrames(segment, data.scaler, inputLimit));
  const set = cutWindows(frames, C, window + 1, stride);
  return {
    count: set.starts.length,
    loss: (rows: readonly number[], random?: Random): Scalar => {
      const batch = gather(set, rows, spoiling, random);
      const shape = (width: number): [number, number, number] => [batch.size, window + 1, width];
      const input = tf.tensor3d(batch.input, shape(2 * C)).slice([0, 0, 0], [batch.size, window, 2 * C]);
      const next = (array: Float32Array) => tf.tensor3d(array, shape(C)).slice([0, 1, 0], [batch.size, window, C]);
      const predicted = model.apply(input, { training: true });
      if (!(predicted instanceof tf.Tensor)) throw new Error('a model with one output gave another thing');
      return maskedHuber(tf, predicted, next(batch.target), next(batch.weight));
    },
  };
}
