/** Trains a network that gives back a window of frames, through less than it takes to tell all about it. */
import type { LayersModel, Scalar } from '@tensorflow/tfjs';
import type { Random } from '../../model/random.js';
import { type Examples, optimise } from '../optimise.js';
import { inputLimit, scaleFrames } from '../scaler.js';
import { cutWindows, gather, type Spoiling } from '../windows.js';
import { maskedHuber } from './loss.js';
import { trainedNetwork } from './network.js';
import { predict } from './predict.js';
import type { OptimiserOptions, Trained, TrainingContext, TrainingData } from './recipe.js';

export interface ReconstructorOptions extends OptimiserOptions, Spoiling {
  readonly window: number;
  readonly stride: number;
}

/** @param model [N, T, 2C] scaled values and known flags -> [N, T, C] scaled values */
export async function trainReconstructor(
  model: LayersModel,
  options: ReconstructorOptions,
  data: TrainingData,
  context: TrainingContext,
): Promise<Trained> {
  const train = reconstructionExamples(options, data, data.fit, model, context);
  const validate = reconstructionExamples(options, data, data.validate, model, context);
  const losses = await optimise(model, train, validate, options, context);
  return trainedNetwork(
    'reconstructor',
    model,
    { window: options.window, warmupFrames: options.window - 1 },
    losses,
    data,
    context,
  );
}

function reconstructionExamples(
  options: ReconstructorOptions,
  data: TrainingData,
  segments: TrainingData['fit'],
  model: LayersModel,
  { tf }: TrainingContext,
): Examples {
  const C = data.channels.length;
  const { window } = options;
  const frames = segments.map((segment) => scaleFrames(segment, data.scaler, inputLimit));
  const set = cutWindows(frames, C, window, options.stride);
  return {
    count: set.starts.length,
    loss: (rows: readonly number[], random?: Random): Scalar => {
      const { size, input, target, weight } = gather(set, rows, options, random);
      return maskedHuber(tf, predict(model, tf.tensor3d(input, [size, window, 2 * C])), target, weight);
    },
  };
}
