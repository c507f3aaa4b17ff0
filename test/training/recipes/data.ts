/** Small training data for the tests of recipes. */
import type { Segment } from '../../../model/segment.js';
import { silent } from '../../../training/progress.js';
import { type TrainingContext, type TrainingData, trainingContext } from '../../../training/recipes/recipe.js';
import { fitScaler } from '../../../training/scaler.js';
import type { TensorFlow } from '../../../training/tensorflow/load.js';

function segmentOf(rows: readonly (readonly number[])[]): Segment {
  return {
    timesMs: Float64Array.from(rows, (_, i) => 1000 * i),
    values: Float32Array.from(rows.flat()),
  };
}

/** Three quarters to fit, one to validate. */
export function dataOf(rows: readonly (readonly number[])[]): TrainingData {
  const C = rows[0]!.length;
  const cut = Math.round(0.75 * rows.length);
  const fit = [segmentOf(rows.slice(0, cut))];
  const channels = Array.from({ length: C }, (_, c) => `signal-${c}`);
  return { channels, fit, validate: [segmentOf(rows.slice(cut))], scaler: fitScaler(fit, C) };
}

export function contextOf(name: string, tf: TensorFlow = {} as TensorFlow): TrainingContext {
  return trainingContext(tf, 1, name, silent);
}
