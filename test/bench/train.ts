/** `npm run bench:train`: an epoch of tfjs-node's own LSTM layer in `model.fit` and of the product's training, in the same process; one JSON line a case. */
import type { LayersModel, layers } from '@tensorflow/tfjs';
import { systemClock } from '../../model/clock.js';
import { Random } from '../../model/random.js';
import { type Examples, optimise } from '../../training/optimise.js';
import { progressOn, silent } from '../../training/progress.js';
import { predict } from '../../training/recipes/predict.js';
import { trainingContext } from '../../training/recipes/recipe.js';
import { loadTensorFlow } from '../../training/tensorflow/load.js';

interface Case {
  readonly name: string;
  readonly units: readonly number[];
  readonly steps: number;
  readonly channels: number;
  readonly windows: number;
  readonly batch: number;
}

const cases: readonly Case[] = [
  { name: 'LSTM(32), 1024 windows of 32x4, batch 64', units: [32], steps: 32, channels: 4, windows: 1024, batch: 64 },
  {
    name: '2xLSTM(64), 2048 windows of 64x4, batch 64',
    units: [64, 64],
    steps: 64,
    channels: 4,
    windows: 2048,
    batch: 64,
  },
];

const rounds = 4;
const learningRate = 1e-3;

const { tf, backend, description } = await loadTensorFlow({ choice: 'native', progress: progressOn(process.stderr) });
console.error(`${description}; ${backend}`);

function build({ units, steps, channels }: Case): LayersModel {
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
function draw({ windows, steps, channels }: Case): { inputs: Float32Array; targets: Float32Array } {
  const random = new Random('bench');
  const numbers = (length: number) => Float32Array.from({ length }, () => random.normal());
  return { inputs: numbers(windows * steps * channels), targets: numbers(windows * channels) };
}

/** An epoch as a user of tfjs-node writes it. */
function stockEpoch(one: Case): () => Promise<unknown> {
  const { steps, channels, windows, batch } = one;
  const model = build(one);
  const { inputs, targets } = draw(one);
  const x = tf.tensor3d(inputs, [windows, steps, channels]);
  const y = tf.tensor2d(targets, [windows, channels]);
  return () => model.fit(x, y, { batchSize: batch, epochs: 1, verbose: 0 });
}

/** An epoch as `fit` trains: with the same loss and optimiser on the same examples, gathered anew for each batch. */
function fusedEpoch(one: Case): () => Promise<unknown> {
  const { steps, channels, windows, batch } = one;
  const model = build(one);
  const { inputs, targets } = draw(one);
  const gather = (rows: readonly number[], all: Float32Array, width: number) => {
    const part = new Float32Array(rows.length * width);
    for (const [b, row] of rows.entries()) part.set(all.subarray(row * width, (row + 1) * width), b * width);
    return part;
  };
  const train: Examples = {
    count: windows,
    loss: (rows) => {
      const x = tf.tensor3d(gather(rows, inputs, steps * channels), [rows.length, steps, channels]);
      const y = tf.tensor2d(gather(rows, targets, channels), [rows.length, channels]);
      return tf.losses.meanSquaredError(y, predict(model, x)).asScalar();
    },
  };
  const none: Examples = { count: 0, loss: train.loss };
  const options = { epochs: 1, patience: 1, batch, learningRate, optimiser: 'adam', clipNorm: 1 } as const;
  return () => optimise(model, train, none, options, trainingContext(tf, 1, 'bench', silent));
}

/** The fastest epoch of each after one that warms up, taken by turns: on a machine with other work the rest tells of that. */
async function fastestMs(epochs: readonly (() => Promise<unknown>)[]): Promise<number[]> {
  const fastest = epochs.map(() => Number.POSITIVE_INFINITY);
  for (let round = 0; round <= rounds; round++)
    for (const [k, epoch] of epochs.entries()) {
      const startMs = systemClock.monotonic();
      await epoch();
      if (round > 0) fastest[k] = Math.min(fastest[k] ?? 0, systemClock.monotonic() - startMs);
    }
  return fastest;
}

const results: { case: string; stockMsPerEpoch: number; fusedMsPerEpoch: number; speedup: number }[] = [];
for (const one of cases) {
  const [stockMs = Number.NaN, fusedMs = Number.NaN] = await fastestMs([stockEpoch(one), fusedEpoch(one)]);
  const round = (value: number) => Math.round(value * 10) / 10;
  results.push({
    case: one.name,
    stockMsPerEpoch: round(stockMs),
    fusedMsPerEpoch: round(fusedMs),
    speedup: round(stockMs / fusedMs),
  });
}
// The slowest case, that with the least gain, comes last.
for (const result of results.sort((a, b) => b.speedup - a.speedup))
  console.log(JSON.stringify({ bench: 'train', ...result }));
