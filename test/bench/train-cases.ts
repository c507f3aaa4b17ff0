/** What `bench:train` trains: its cases, their network and numbers, and an epoch of the product's training. */
import type { LayersModel, layers } from '@tensorflow/tfjs';
import { Random } from '../../model/random.js';
import { type Examples, optimise } from '../../training/optimise.js';
import { silent } from '../../training/progress.js';
import { meanSquare } from '../../training/recipes/loss.js';
import { predict } from '../../training/recipes/predict.js';
import { trainingContext } from '../../training/recipes/recipe.js';
import type { TensorFlow } from '../../training/tensorflow/load.js';
import type { Twin } from '../../training/twin.js';

export interface Case {
  readonly name: string;
  readonly units: readonly number[];
  readonly steps: number;
  readonly channels: number;
  readonly windows: number;
  readonly batch: number;
  /** Epochs that are measured, after one that warms up. Short ones need more until code is compiled; tfjs-node's own layer gets as many. */
  readonly rounds: number;
}

export const cases: readonly Case[] = [
  {
    name: 'LSTM(32), 1024 windows of 32x4, batch 64',
    units: [32],
    steps: 32,
    channels: 4,
    windows: 1024,
    batch: 64,
    rounds: 16,
  },
  {
    name: '2xLSTM(64), 2048 windows of 64x4, batch 64',
    units: [64, 64],
    steps: 64,
    channels: 4,
    windows: 2048,
    batch: 64,
    rounds: 4,
  },
];

export const learningRate = 1e-3;

export function build(tf: TensorFlow, { units, steps, channels }: Case): LayersModel {
  const lstm = (count: number, i: number): layers.Layer =>
    tf.layers.lstm({
      units: count,
      recurrentActivation: 'sigmoid',
      returnSequences: i < units.length - 1,
      recurrentInitializer: 'glorotUniform',
      ...(i === 0 ? { inputShape: [steps, channels] } : {}),
    });
  const model = tf.sequential({ layers: [...units.map(lstm), tf.layers.dense({ units: channels })] });
  model.compile({ optimizer: tf.train.adam(learningRate), loss: 'meanSquaredError' });
  return model;
}

/** The same numbers for both, drawn once. */
export function draw({ windows, steps, channels }: Case): { inputs: Float32Array; targets: Float32Array } {
  const random = new Random('bench');
  const numbers = (length: number) => Float32Array.from({ length }, () => random.normal());
  return { inputs: numbers(windows * steps * channels), targets: numbers(windows * channels) };
}

/** An epoch as `fit` trains: with the same loss and optimiser on the same examples, gathered anew for each batch; each of two threads does half of it. */
export function fusedEpoch(tf: TensorFlow, one: Case, twin: Twin): () => Promise<unknown> {
  const { steps, channels, windows, batch } = one;
  const model = build(tf, one);
  const { inputs, targets } = draw(one);
  const gather = (rows: readonly number[], all: Float32Array, width: number) => {
    const part = new Float32Array(rows.length * width);
    for (const [b, row] of rows.entries()) part.set(all.subarray(row * width, (row + 1) * width), b * width);
    return part;
  };
  const lossOf = (rows: readonly number[], count: number) => {
    const x = tf.tensor3d(gather(rows, inputs, steps * channels), [rows.length, steps, channels]);
    return meanSquare(tf, predict(model, x), gather(rows, targets, channels), count * channels);
  };
  const examples = (count: number): Examples => ({
    count,
    halves: (all) => {
      const cut = Math.ceil(all.length / 2);
      return [() => lossOf(all.slice(0, cut), all.length), () => lossOf(all.slice(cut), all.length)];
    },
  });
  const options = { epochs: 1, patience: 1, batch, learningRate, optimiser: 'adam', clipNorm: 1 } as const;
  return () => optimise(model, examples(windows), examples(0), options, trainingContext(tf, 1, 'bench', silent), twin);
}
