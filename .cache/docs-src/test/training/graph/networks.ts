/** Networks and constants for the tests of detector graphs. */
import type { LayersModel, layers } from '@tensorflow/tfjs';
import { Random } from '../../../model/random.js';
import type { DetectorOptions } from '../../../training/graph/index.js';
import type { Tf } from '../onnx/cases.js';
import { randomise } from '../onnx/random-model.js';

export type Cell = 'lstm' | 'gru' | 'simpleRNN';

/** [N, T, 2C] -> [N, T, C] */
export function recurrentNetwork(tf: Tf, C: number, cells: readonly Cell[], units = 8): LayersModel {
  const model = tf.sequential({
    layers: [
      ...cells.map((cell, i) => {
        const shape = i === 0 ? { inputShape: [null, 2 * C] } : {};
        const make = tf.layers[cell] as (args: object) => layers.Layer;
        return make({
          units,
          returnSequences: true,
          ...(cell === 'simpleRNN' ? {} : { recurrentActivation: 'sigmoid' }),
          ...shape,
        });
      }),
      tf.layers.dropout({ rate: 0.2 }),
      tf.layers.dense({ units: C }),
    ],
  });
  randomise(tf, model, `${cells} ${C}`);
  return model;
}

/** [N, T, 2C] -> [N, T, C] */
export function denseAutoencoder(tf: Tf, C: number, T: number, masked = true): LayersModel {
  const model = tf.sequential({
    layers: [
      tf.layers.flatten({ inputShape: [T, masked ? 2 * C : C] }),
      tf.layers.dense({ units: 12, activation: 'tanh' }),
      tf.layers.dense({ units: T * C }),
      tf.layers.reshape({ targetShape: [T, C] }),
    ],
  });
  randomise(tf, model, `ae ${C} ${T}`);
  return model;
}

/** [N, T, 2C] -> [N, C] */
export function mlpForecaster(tf: Tf, C: number, T: number): LayersModel {
  const model = tf.sequential({
    layers: [
      tf.layers.flatten({ inputShape: [T, 2 * C] }),
      tf.layers.dense({ units: 12, activation: 'relu' }),
      tf.layers.dense({ units: C }),
    ],
  });
  randomise(tf, model, `mlp ${C} ${T}`);
  return model;
}

export function constants(C: number): Omit<DetectorOptions, 'model'> {
  const random = new Random('constants', C);
  const matrix = Array.from({ length: C }, () => new Array<number>(C).fill(0));
  for (let i = 0; i < C; i++)
    for (let j = 0; j <= i; j++)
      matrix[i]![j] = matrix[j]![i] = i === j ? random.uniform(0.5, 2) : random.normal(0, 0.3);
  return {
    center: Array.from({ length: C }, () => random.normal(20, 30)),
    scale: Array.from({ length: C }, () => random.uniform(0.1, 5)),
    whitening: { mu: Array.from({ length: C }, () => random.normal(0, 0.2)), matrix },
  };
}

/** [n*T*C] frames in engineering units; some missing, some infinite. */
export function frames(
  label: string,
  n: number,
  T: number,
  { center, scale }: Omit<DetectorOptions, 'model'>,
  missing = 0.1,
): Float32Array {
  const random = new Random('frames', label);
  const C = center.length;
  return Float32Array.from({ length: n * T * C }, (_, i) => {
    const value = center[i % C]! + scale[i % C]! * random.normal(0, 1.5);
    if (random.chance(missing)) return [Number.NaN, Number.NaN, Infinity, -Infinity][Math.floor(random.uniform(0, 4))]!;
    return value;
  });
}
