import type { LayersModel } from '@tensorflow/tfjs';
import { expect, test } from 'vitest';
import { type Examples, optimise, passExamples } from '../../training/optimise.js';
import { silent } from '../../training/progress.js';
import { predict } from '../../training/recipes/predict.js';
import { trainingContext } from '../../training/recipes/recipe.js';
import { loadTensorFlow } from '../../training/tensorflow/load.js';

const { tf } = await loadTensorFlow();

/** Examples that note which of them were asked for; the loss is the same for all. */
function noted(model: LayersModel, count: number): { examples: Examples; asked: number[] } {
  const asked: number[] = [];
  const loss = (rows: readonly number[]) => {
    asked.push(...rows);
    return tf.mean(tf.square(predict(model, tf.ones([1, 1])))).asScalar();
  };
  return { examples: { count, loss }, asked };
}

async function passes(fit: number, validate: number) {
  const model = tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [1] })] });
  const [train, held] = [noted(model, fit), noted(model, validate)];
  const options = {
    epochs: 2,
    patience: 5,
    batch: 1000,
    learningRate: 0.01,
    optimiser: 'sgd',
    clipNorm: 1,
  } as const;
  const losses = await optimise(model, train.examples, held.examples, options, trainingContext(tf, 1, 'a', silent));
  model.dispose();
  return { train: train.asked, held: held.asked, losses };
}

test('of many examples each pass draws others, each once, and the same held-out ones from end to end judge it', async () => {
  const { train, held, losses } = await passes(3 * passExamples, 2.5 * passExamples);
  const [first, second] = [new Set(train.slice(0, passExamples)), new Set(train.slice(passExamples))];
  expect([first.size, second.size, train.length]).toEqual([passExamples, passExamples, 2 * passExamples]);
  const common = [...first].filter((row) => second.has(row)).length / passExamples;
  expect(common).toBeGreaterThan(0.3);
  expect(common).toBeLessThan(0.37);
  const judged = held.slice(0, passExamples);
  expect(held.slice(passExamples)).toEqual(judged);
  const steps = judged.slice(1).map((row, i) => row - (judged[i] ?? 0));
  expect(new Set(steps)).toEqual(new Set([2, 3]));
  expect(2.5 * passExamples - (judged.at(-1) ?? 0)).toBeLessThanOrEqual(3);
  // The mean of losses, not their sum over all there are.
  expect(losses.validate).toBeLessThanOrEqual(losses.train);
});

test('fewer are all seen in each pass', async () => {
  const { train, held } = await passes(2500, 700);
  for (const pass of [train.slice(0, 2500), train.slice(2500)])
    expect(pass.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 2500 }, (_, i) => i));
  expect(held.slice(0, 700)).toEqual(Array.from({ length: 700 }, (_, i) => i));
});
