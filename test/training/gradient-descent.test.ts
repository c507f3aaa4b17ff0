import type { Tensor, Variable } from '@tensorflow/tfjs';
import { expect, test } from 'vitest';
import { GradientDescent } from '../../training/gradient-descent.js';
import { loadTensorFlow } from '../../training/tensorflow/load.js';

const { tf } = await loadTensorFlow();

type NamedVariables = Parameters<ReturnType<typeof tf.train.adam>['applyGradients']>[0];

/** A bowl that is steep one way and flat the other; its gradient is longer than 1 at first and shorter in the end. */
const bowl = ([a, b]: readonly Variable[]) =>
  tf.add(tf.sum(tf.square(tf.sub(a as Tensor, 2))), tf.mul(0.1, tf.sum(tf.square(b as Tensor)))).asScalar();
const start = () => [tf.variable(tf.tensor1d([0, 1, 2.5])), tf.variable(tf.tensor2d([[1.5], [-2]]))];

test.each(['adam', 'sgd'] as const)(
  '%s goes where that of tfjs goes, gradients shortened before',
  async (optimiser) => {
    const clipNorm = 1;
    const learningRate = 0.05;
    const [mine, theirs] = [start(), start()];
    const descent = new GradientDescent(tf, mine, { optimiser, learningRate, clipNorm });
    const stock = optimiser === 'adam' ? tf.train.adam(learningRate) : tf.train.momentum(learningRate, 0.9);
    const lengths: number[] = [];
    for (let step = 0; step < 60; step++) {
      const before = bowl(theirs).dataSync()[0];
      const { grads } = tf.variableGrads(() => bowl(theirs), theirs);
      const length = Math.hypot(...Object.values(grads).flatMap((gradient) => [...gradient.dataSync()]));
      lengths.push(length);
      for (const [name, gradient] of Object.entries(grads)) grads[name] = gradient.mul(Math.min(1, clipNorm / length));
      stock.applyGradients(grads as NamedVariables);
      expect(await descent.step(() => bowl(mine))).toBeCloseTo(before as number, 4);
    }
    expect(Math.max(...lengths)).toBeGreaterThan(clipNorm);
    expect(Math.min(...lengths)).toBeLessThan(clipNorm);
    const [got, wanted] = [mine, theirs].map((variables) => variables.flatMap((variable) => [...variable.dataSync()]));
    for (const [i, value] of wanted!.entries()) expect(got![i]).toBeCloseTo(value, 4);
  },
);

test('holds no tensor from step to step', async () => {
  const variables = start();
  const descent = new GradientDescent(tf, variables, { optimiser: 'adam', learningRate: 0.1, clipNorm: 1 });
  await descent.step(() => bowl(variables));
  const before = tf.memory().numTensors;
  for (let step = 0; step < 5; step++) await descent.step(() => bowl(variables));
  expect(tf.memory().numTensors).toBe(before);
});
