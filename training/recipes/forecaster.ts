/** Trains a network that foretells the next frame after each frame of a sequence. */
import type { LayersModel, Scalar } from '@tensorflow/tfjs';
import type { Random } from '../../model/random.js';
import { type Examples, optimise } from '../optimise.js';
import { inputLimit, scaleFrames } from '../scaler.js';
import { cutFrames, cutWindows, gather, type Spoiling, type WindowSet } from '../windows.js';
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
  const of = (segments: TrainingData['fit'], stride: number) => {
    const frames = segments.map((segment) => scaleFrames(segment, data.scaler, inputLimit));
    return cutWindows(frames, data.channels.length, options.window + 1, stride);
  };
  const windows = of(data.fit, options.stride);
  const work = windows.starts.length * options.window * model.countParams() * options.epochs;
  const isLong = work >= leastWork;
  const twin = isLong ? context.openTwin?.(model.countParams()) : undefined;
  const examples = (set: WindowSet) => forecastExamples(set, options, model, context, isLong);
  const validate = examples(of(data.validate, options.window));
  const losses = await optimise(model, examples(windows), validate, options, context, twin);
  return trainedNetwork('forecaster', model, { window: 1, warmupFrames: options.warmup }, losses, data, context);
}

/** Parameters times frames from which a second thread gains more than its start takes: some two seconds of one. */
const leastWork = 5e9;

/** Windows of T + 1 frames: the first T go in, the last T are to be foretold. @param inHalves for two threads; what one learns of them is the same */
function forecastExamples(
  set: WindowSet,
  options: ForecasterOptions,
  model: LayersModel,
  { tf }: TrainingContext,
  inHalves: boolean,
): Examples {
  const { window } = options;
  const { channels: C, length } = set;
  const batch = (rows: readonly number[], random?: Random) => {
    const { input, target, weight } = gather(set, rows, options, random);
    let known = 0;
    for (let i = 0; i < weight.length; i++) if (i % (length * C) >= C) known += weight[i] as number;
    return (from: number, to: number, weights = weight): Scalar => {
      const part = (array: Float32Array, width: number, first: number, end: number) =>
        cutFrames(array.subarray(from * length * width, to * length * width), length, width, first, end);
      const past = tf.tensor3d(part(input, 2 * C, 0, window), [to - from, window, 2 * C]);
      const next = (array: Float32Array) => part(array, C, 1, length);
      return maskedHuber(tf, predict(model, past), next(target), next(weights), known);
    };
  };
  const count = set.starts.length;
  if (!inHalves) return { count, loss: (rows, random) => batch(rows, random)(0, rows.length) };
  return {
    count,
    halves: (rows, random) => {
      const loss = batch(rows, random);
      const { length: size } = rows;
      const cut = Math.ceil(size / 2);
      // Of one window the second half is the same, without a weight.
      if (size === 1) return [() => loss(0, 1), () => loss(0, 1, new Float32Array(length * C))];
      return [() => loss(0, cut), () => loss(cut, size)];
    },
  };
}
