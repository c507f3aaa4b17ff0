/** Trains a network that foretells one frame from a window of fixed length before it. */
import type { LayersModel, Scalar } from '@tensorflow/tfjs';
import type { Random } from '../../model/random.js';
import { type Examples, optimise } from '../optimise.js';
import { inputLimit, scaleFrames } from '../scaler.js';
import { cutFrames, cutWindows, gather, type Spoiling } from '../windows.js';
import { maskedHuber } from './loss.js';
import { trainedNetwork } from './network.js';
import { predict } from './predict.js';
import type { OptimiserOptions, Trained, TrainingContext, TrainingData } from './recipe.js';

export interface WindowForecasterOptions extends OptimiserOptions, Spoiling {
  /** Frames that the forecast is made from. */
  readonly window: number;
  readonly stride: number;
}

/** @param model [N, T, 2C] scaled values and known flags -> [N, C], the frame after them */
export async function trainWindowForecaster(
  model: LayersModel,
  options: WindowForecasterOptions,
  data: TrainingData,
  context: TrainingContext,
): Promise<Trained> {
  const examples = (segments: TrainingData['fit']) => nextFrameExamples(options, data, segments, model, context);
  const losses = await optimise(model, examples(data.fit), examples(data.validate), options, context);
  const size = { window: options.window + 1, warmupFrames: options.window };
  return trainedNetwork('window-forecaster', model, size, losses, data, context);
}

/** Windows of T + 1 frames: the first T go in, the last is to be foretold. */
function nextFrameExamples(
  options: WindowForecasterOptions,
  data: TrainingData,
  segments: TrainingData['fit'],
  model: LayersModel,
  { tf }: TrainingContext,
): Examples {
  const C = data.channels.length;
  const { window: T } = options;
  const frames = segments.map((segment) => scaleFrames(segment, data.scaler, inputLimit));
  const set = cutWindows(frames, C, T + 1, options.stride);
  return {
    count: set.starts.length,
    loss: (rows: readonly number[], random?: Random): Scalar => {
      const { size, input, target, weight } = gather(set, rows, options, random);
      const past = tf.tensor3d(cutFrames(input, T + 1, 2 * C, 0, T), [size, T, 2 * C]);
      const last = (array: Float32Array) => cutFrames(array, T + 1, C, T, T + 1);
      return maskedHuber(tf, predict(model, past), last(target), last(weight));
    },
  };
}
