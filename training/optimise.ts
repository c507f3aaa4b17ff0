/** Gradient descent with early stopping, for every recipe that learns by it. */
import { setImmediate as yieldToEvents } from 'node:timers/promises';
import type { LayersModel, Scalar, Variable } from '@tensorflow/tfjs';
import { Random } from '../model/random.js';
import { fuseLayers } from './fused/fuse.js';
import { GradientDescent, type Loss } from './gradient-descent.js';
import type { Losses, OptimiserOptions, TrainingContext } from './recipes/recipe.js';
import { alone, type Twin } from './twin.js';

/** One set of examples by index. */
export type Examples = {
  readonly count: number;
} & (
  | {
      /** Mean loss of the examples `rows`; called inside `tf.tidy`. `random` spoils the input; without it nothing is random. */
      loss(rows: readonly number[], random?: Random): Scalar;
    }
  | {
      /** The same as a sum of two, each called inside a `tf.tidy` of its own, `random` drawn from before. */
      halves(rows: readonly number[], random?: Random): readonly [() => Scalar, () => Scalar];
    }
);

function lossOf(examples: Examples, rows: readonly number[], random?: Random): Loss {
  return 'halves' in examples ? examples.halves(rows, random) : () => examples.loss(rows, random);
}

/** Examples of one pass at most, and held-out ones that judge it: a week of seconds takes no longer to learn than a day, and is seen whole over the passes. */
export const passExamples = 20_000;
/** A held-out loss must fall by this share to count as better. */
const leastGain = 0.002;
/** The learning rate is halved after this share of the patience. */
const patienceToHalve = 0.5;

/**
 * Trains `model` in place and leaves it with the weights of its best epoch.
 * @param twin trains along, where examples come in halves; without it one thread learns the same of both
 */
export async function optimise(
  model: LayersModel,
  train: Examples,
  validate: Examples,
  options: OptimiserOptions & {
    /** Gradient steps in which patience does not run out, for a loss that changes meanwhile; 0 by default. */
    readonly settleSteps?: number;
  },
  { tf, seed, name, progress, history }: TrainingContext,
  twin: Twin = alone,
): Promise<Losses> {
  fuseLayers(tf, model);
  const random = new Random(seed, name, 'examples');
  const variables = model.trainableWeights.map((weight) => weight.read() as Variable);
  const descent = new GradientDescent(tf, variables, options, twin);
  const task = progress.task(`Training ${name}`, options.epochs);
  const value = (term: () => Scalar): number => tf.tidy(() => term().arraySync());
  const heldLoss = async (rows: readonly number[]): Promise<number> => {
    const loss = lossOf(validate, rows);
    if (typeof loss === 'function') return value(loss);
    return (await twin.sum((half) => [Float32Array.of(value(loss[half]))]))[0]?.[0] as number;
  };
  const order = Array.from({ length: train.count }, (_, i) => i);
  const held = spread(validate.count);
  let best = {
    validate: Number.POSITIVE_INFINITY,
    train: Number.NaN,
    weights: model.getWeights().map((w) => w.clone()),
  };
  // Of the epochs that patience counts from: the best, or the one in which the loss has settled.
  let from = 0;
  let steps = 0;
  try {
    for (let epoch = 1; epoch <= options.epochs; epoch++) {
      let sum = 0;
      const pass = random.shuffled(order).slice(0, passExamples);
      for (const rows of batches(pass, options.batch)) {
        sum += rows.length * (await descent.step(lossOf(train, rows, random)));
        steps++;
      }
      const trainLoss = sum / pass.length;
      let heldSum = 0;
      for (const rows of batches(held, 4 * options.batch)) heldSum += rows.length * (await heldLoss(rows));
      const validateLoss = held.length === 0 ? trainLoss : heldSum / held.length;
      if (!Number.isFinite(validateLoss)) break;
      history.push({ train: trainLoss, validate: validateLoss });
      if (steps < (options.settleSteps ?? 0)) from = epoch;
      if (isBetter(validateLoss, best.validate)) {
        from = epoch;
        tf.dispose(best.weights);
        best = { validate: validateLoss, train: trainLoss, weights: model.getWeights().map((w) => w.clone()) };
      }
      task.update(epoch, `loss ${trainLoss.toFixed(4)}, held out ${validateLoss.toFixed(4)}`);
      const waited = epoch - from;
      if (waited >= options.patience) break;
      if (waited > 0 && waited === Math.ceil(options.patience * patienceToHalve)) descent.learningRate /= 2;
      await yieldToEvents();
    }
    model.setWeights(best.weights);
    return { train: best.train, validate: best.validate, epochs: history.length };
  } finally {
    task.end();
    tf.dispose(best.weights);
  }
}

/** A loss that is a log likelihood may be negative. */
function isBetter(loss: number, best: number): boolean {
  return best === Number.POSITIVE_INFINITY || best - loss > leastGain * Math.abs(best);
}

/** All of `count` indices, or `passExamples` of them as far apart as can be. */
function spread(count: number): number[] {
  const n = Math.min(count, passExamples);
  return Array.from({ length: n }, (_, i) => Math.floor((i * count) / n));
}

function* batches(rows: readonly number[], size: number): Generator<readonly number[]> {
  for (let from = 0; from < rows.length; from += size) yield rows.slice(from, from + size);
}
