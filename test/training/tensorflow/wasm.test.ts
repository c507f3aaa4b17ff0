import type { LayersModel, Tensor, Variable } from '@tensorflow/tfjs';
import { beforeAll, describe, expect, test } from 'vitest';
import { startWasm } from '../../../training/tensorflow/wasm.js';
import { cases, type Tf } from '../onnx/cases.js';
import { predict, randomInputs, randomise } from '../onnx/random-model.js';

let tf: Tf;
beforeAll(async () => {
  tf = (await import('@tensorflow/tfjs')).default;
  tf.enableProdMode();
  await startWasm(tf);
});

const backends = ['cpu', 'wasm'] as const;

/** tfjs has no gradients of these on any backend. */
const withoutGradient = /^conv.* (d2|dilated)$|state in and out$|normalisation without (scale|center)$/;

/** The outputs, and the gradients of their mean squares by all weights. */
function outputsAndGradients(model: LayersModel, { name, open, indices }: (typeof cases)[number]): Float32Array[] {
  const inputs = randomInputs(model, name, 3, open, indices);
  const outputs = predict(tf, model, inputs);
  const weights = model.trainableWeights.map((weight) => weight.read() as Variable);
  if (weights.length === 0 || withoutGradient.test(name)) return outputs;
  const gradients = tf.tidy(() => {
    const tensors = inputs.map(({ data, dims }) => tf.tensor(data, [...dims]));
    const { grads } = tf.variableGrads(() => {
      const outputs = [model.apply(tensors) as Tensor | Tensor[]].flat();
      return outputs.reduce<Tensor>((sum, one) => tf.add(sum, tf.mean(tf.square(one))), tf.scalar(0)).asScalar();
    }, weights);
    return weights.map(({ name }) => Float32Array.from(grads[name]!.dataSync()));
  });
  return [...outputs, ...gradients];
}

async function onEach(one: (typeof cases)[number]): Promise<Float32Array[][]> {
  const results: Float32Array[][] = [];
  for (const backend of backends) {
    await tf.setBackend(backend);
    const model = one.build(tf);
    randomise(tf, model, one.name);
    results.push(outputsAndGradients(model, one));
    model.dispose();
  }
  return results;
}

describe('as in JavaScript, outputs and gradients of every layer within 1e-5 of the largest', () => {
  test.each(cases.map((one) => [one.name, one] as const))('%s', async (_, one) => {
    const [expected, actual] = (await onEach(one)) as [Float32Array[], Float32Array[]];
    expect(actual.map(({ length }) => length)).toEqual(expected.map(({ length }) => length));
    for (const [i, values] of expected.entries()) {
      const largest = Math.max(...values.map(Math.abs));
      const worst = Math.max(...values.map((value, k) => Math.abs(value - actual[i]![k]!)));
      expect(worst).toBeLessThanOrEqual(1e-5 * Math.max(largest, 1e-3));
    }
  });
});

test('products of transposed matrices, any number at once, are those of JavaScript, and nothing leaks', async () => {
  const random = (shape: number[], seed: number) => tf.randomNormal(shape, 0, 1, 'float32', seed);
  for (const [transposeA, transposeB] of [
    [true, false],
    [false, true],
    [true, true],
  ] as const) {
    const results: Float32Array[] = [];
    for (const backend of backends) {
      await tf.setBackend(backend);
      const [a, b] = [random(transposeA ? [2, 5, 7] : [2, 7, 5], 1), random(transposeB ? [2, 3, 5] : [2, 5, 3], 2)];
      const before = [tf.memory().numTensors, tf.memory().numDataBuffers];
      const product = tf.matMul(a, b, transposeA, transposeB);
      expect(product.shape).toEqual([2, 7, 3]);
      results.push(product.dataSync<'float32'>());
      product.dispose();
      expect([tf.memory().numTensors, tf.memory().numDataBuffers]).toEqual(before);
    }
    results[0]!.forEach((value, i) => {
      expect(results[1]![i]).toBeCloseTo(value, 5);
    });
  }
});
