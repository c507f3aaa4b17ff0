/** Trains a network that foretells the next frame after each frame of a sequence. */
import type { LayersModel, Scalar } from '@tensorflow/tfjs';
import type { Random } from '../../model/random.js';
import { type Examples, optimise } from '../optimise.js';
import { inputLimit, scaleFrames } from '../scaler.js';
import { cutWindows, gather, type Spoiling } from '../windows.js';
import { maskedHuber } from './loss.js';
import { trainedNetwork } from './network.js';
import { predict } from './predict.js';
import type { OptimiserOptions, Trained, TrainingContext, TrainingData } from './recipe.js';

export interface ForecasterOptions extends OptimiserOptions, Spoiling {
  readonly window: number;
  readonly stride: number;
  readonly warmup: number;
}

/** @param model [N, T, 2C] scaled values and known flags -> [N, T, C] forecasts, any T */
export async function trainForecaster(
  model: LayersModel,
  options: ForecasterOptions,
  data: TrainingData,
  context: TrainingContext,
): Promise<Trained> {
  const train = forecastExamples(options, data, data.fit, model, context);
  const validate = forecastExamples({ ...options, stride: options.window }, data, data.validate, model, context);
  const losses = await optimise(model, train, validate, options, context);
  return trainedNetwork('forecaster', model, { window: 1, warmupFrames: options.warmup }, losses, data, context);
}

/** Windows of T + 1 frames: the first T go in, the last T are to be foretold. */
function forecastExamples(
  options: ForecasterOptions,
  data: TrainingData,
  segments: TrainingData['fit'],
  model: LayersModel,
  { tf }: TrainingContext,
): Examples {
  const C = data.channels.length;
  const { window } = options;
  const frames = segments.map((segment) => scaleFrames(segment, data.scaler, inputLimit));
  const set = cutWindows(frames, C, window + 1, options.stride);
  return {
    count: set.starts.length,
    loss: (rows: readonly number[], random?: Random): Scalar => {
      const batch = gather(set, rows, options, random);
      const shape = (width: number): [number, number, number] => [batch.size, window + 1, width];
      const input = tf.tensor3d(batch.input, shape(2 * C)).slice([0, 0, 0], [batch.size, window, 2 * C]);
      const next = (array: Float32Array) => tf.tensor3d(array, shape(C)).slice([0, 1, 0], [batch.size, window, C]);
      return maskedHuber(tf, predict(model, input), next(batch.target), next(batch.weight));
    },
  };
}
