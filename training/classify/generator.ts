/**
 * Synthetic bursts of faults that were recorded seldom: a variational autoencoder (Kingma & Welling 2014) learns all bursts, and its decoder makes new ones of a class from codes
 * of a Gaussian about the mean code of the class. Few bursts say little of their spread, so all classes share one; what the decoder leaves out comes back as noise.
 */
import type { SymbolicTensor, Tensor, Tensor2D } from '@tensorflow/tfjs';
import { type Matrix, squareRoot } from '../../model/linalg.js';
import type { Random } from '../../model/random.js';
import { optimise } from '../optimise.js';
import type { Progress } from '../progress.js';
import { trainingContext } from '../recipes/recipe.js';
import type { TensorFlow } from '../tensorflow/load.js';
import type { Example } from './example.js';
import { perceptron, type Weights } from './perceptron.js';

/** f = decoder(mean[class] + spread u) + noise v, with u [Z] and v [F] standard normal; f is standardised. */
export interface Generator {
  /** code [Z] -> standardised features [F] */
  readonly decoder: Weights;
  /** [K][Z] */
  readonly means: Matrix;
  /** [Z][Z], symmetric: the root of the codes' covariance within classes. */
  readonly spread: Matrix;
  /** [F][F], symmetric: the root of the covariance of what the decoder leaves out. */
  readonly noise: Matrix;
}

const codes = 6;
const hidden = 32;
/** Standardised features of faults go far; networks like inputs about 1. */
const range = 8;
/** How closely the decoder should rebuild, in standardised units. */
const closeness = 0.8;
const steps = 1800;
const settings = { batch: 32, learningRate: 0.005, optimiser: 'adam', clipNorm: 20 } as const;

/** @param normal standardised features [F] of bursts without a fault, from which faults grow */
export async function trainGenerator(
  tf: TensorFlow,
  faults: readonly Example[],
  normal: readonly (readonly number[])[],
  classes: number,
  seed: number,
  progress: Progress,
): Promise<Generator> {
  const context = trainingContext(tf, seed, 'synthetic faults', progress);
  const rows = [...faults.map(({ features }) => features), ...normal];
  const F = rows[0]?.length ?? 0;
  const dense = (units: number, activation: 'tanh' | 'linear') =>
    tf.layers.dense({ name: context.label('dense'), units, activation, kernelInitializer: context.initializer() });
  const input = tf.input({ shape: [F], name: context.label('input') });
  const packed = dense(hidden, 'tanh').apply(input);
  const heads = [dense(codes, 'linear').apply(packed), dense(codes, 'linear').apply(packed)] as SymbolicTensor[];
  const encoder = tf.model({ inputs: input, outputs: heads, name: context.label('encoder') });
  const code = tf.input({ shape: [codes], name: context.label('code') });
  const rebuilt = dense(F, 'linear').apply(dense(hidden, 'tanh').apply(code)) as SymbolicTensor;
  const decoder = tf.model({ inputs: code, outputs: rebuilt, name: context.label('decoder') });
  // Holds the weights of both; the loss runs the halves, to draw the code in between.
  const whole = tf.model({ inputs: input, outputs: [decoder.apply(heads[0] as SymbolicTensor), heads[1]] as never });
  const tensor = (some: readonly (readonly number[])[]) =>
    tf.tensor2d(
      some.flatMap((row) => row.map((value) => value / range)),
      [some.length, F],
    );

  /** The negative evidence lower bound. */
  const loss = (chosen: readonly number[], random?: Random) => {
    const x = tensor(chosen.map((row) => rows[row] ?? []));
    const [mean, log] = encoder.apply(x) as [Tensor, Tensor];
    const draws = Float32Array.from({ length: mean.size }, () => random?.normal() ?? 0);
    const drawn = tf.add(mean, tf.mul(tf.tensor(draws, mean.shape), tf.exp(tf.mul(log, 0.5))));
    const error = tf.sum(tf.square(tf.sub(decoder.apply(drawn) as Tensor, x)), 1);
    const divergence = tf.sum(tf.sub(tf.sub(tf.add(tf.exp(log), tf.square(mean)), log), 1), 1);
    return tf.mean(tf.add(tf.mul(error, 0.5 * (range / closeness) ** 2), tf.mul(divergence, 0.5))).asScalar();
  };
  const epochs = Math.ceil(steps / Math.ceil(rows.length / settings.batch));
  try {
    await optimise(
      whole,
      { count: rows.length, loss },
      { count: 0, loss },
      { ...settings, epochs, patience: epochs },
      context,
    );
    const coded = tf.tidy(() => (encoder.apply(tensor(rows)) as Tensor2D[])[0]?.arraySync() ?? []);
    const [A, a, B, b] = decoder.getWeights().map((weight) => Float32Array.from(weight.dataSync()));
    const wide = (weights: Float32Array | undefined) => (weights ?? new Float32Array()).map((value) => value * range);
    const weights: Weights = [A ?? new Float32Array(), a ?? new Float32Array(), wide(B), wide(b)];
    const own = Array.from({ length: classes }, (_, k) => coded.filter((_row, i) => faults[i]?.label === k));
    const means = own.map((some) => meanOf(some, codes));
    const within = own.flatMap((some, k) => some.map((row) => row.map((value, z) => value - (means[k]?.[z] ?? 0))));
    const left = rows.map((row, i) => {
      const told = perceptron(weights, coded[i] ?? []);
      return row.map((value, f) => value - (told[f] ?? 0));
    });
    return {
      decoder: weights,
      means,
      spread: rootOfCovariance(within, within.length - classes),
      noise: rootOfCovariance(left, left.length),
    };
  } finally {
    whole.dispose();
  }
}

function meanOf(rows: Matrix, width: number): number[] {
  return Array.from({ length: width }, (_, i) => rows.reduce((sum, row) => sum + (row[i] ?? 0), 0) / rows.length);
}

/** The symmetric square root of (sum of x x') / degrees. @param rows of mean 0 */
function rootOfCovariance(rows: Matrix, degrees: number): number[][] {
  const D = rows[0]?.length ?? 0;
  const each = Array.from({ length: D }, (_, i) => i);
  const covariance = each.map((i) =>
    each.map((j) => rows.reduce((sum, row) => sum + (row[i] ?? 0) * (row[j] ?? 0), 0) / Math.max(1, degrees)),
  );
  return squareRoot(covariance).map((row) => row.map(Math.fround));
}

/** Draws for `count` bursts, [count][Z + F] standard normal. */
export function drawsOf({ spread, noise }: Pick<Generator, 'spread' | 'noise'>, count: number, random: Random) {
  const width = spread.length + noise.length;
  return Array.from({ length: count }, () => Array.from({ length: width }, () => random.normal()));
}

/** New bursts of one class, in plain loops. */
export function generate(generator: Generator, label: number, count: number, random: Random): Example[] {
  return drawsOf(generator, count, random).map((draws) => ({ label, features: generated(generator, label, draws) }));
}

/** One burst. @param draws [Z + F] */
export function generated(generator: Generator, label: number, draws: readonly number[]): number[] {
  const { decoder, means, spread, noise } = generator;
  const Z = spread.length;
  const code = (means[label] ?? []).map((mean, z) => mean + dot(spread[z], draws.slice(0, Z)));
  const left = draws.slice(Z);
  return perceptron(decoder, code).map((value, f) => value + dot(noise[f], left));
}

function dot(row: readonly number[] | undefined, by: readonly number[]): number {
  return by.reduce((sum, value, i) => sum + value * (row?.[i] ?? 0), 0);
}

/** Bursts of each class that has fewer than the largest, until none has. */
export function fillUp(generator: Generator, examples: readonly Example[], random: Random): Example[] {
  const counts = lacking(examples, generator.means.length);
  return counts.flatMap((count, k) => generate(generator, k, count, random));
}

/** How many bursts each class lacks of the largest. */
export function lacking(examples: readonly Example[], classes: number): number[] {
  const counts = Array.from({ length: classes }, (_, k) => examples.filter(({ label }) => label === k).length);
  const most = Math.max(...counts);
  return counts.map((count) => most - count);
}
