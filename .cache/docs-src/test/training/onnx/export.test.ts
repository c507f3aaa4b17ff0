import { beforeAll, describe, expect, test } from 'vitest';
import { openSession } from '../../../model/session.js';
import { toOnnx } from '../../../training/onnx/export.js';
import type { Opset } from '../../../training/onnx/graph.js';
import { decodeModel } from '../../../training/onnx/proto.js';
import { cases, type Tf } from './cases.js';
import { checkModels, hasChecker } from './checker.js';
import { predict, randomInputs, randomise } from './random-model.js';

let tf: Tf;
beforeAll(async () => {
  tf = (await import('@tensorflow/tfjs')).default;
  tf.enableProdMode();
  await tf.setBackend('cpu');
});

const exported = new Map<string, Uint8Array>();
const tolerance = 1e-5;

describe.each([17, 13] as const)('opset %i: as tfjs on its CPU backend, within 1e-5', (opset: Opset) => {
  test.each(cases.map((one) => [one.name, one] as const))('%s', async (name, one) => {
    const model = one.build(tf);
    randomise(tf, model, name);
    const bytes = toOnnx(model, { opset });
    exported.set(`${name}, opset ${opset}`, bytes);
    const decoded = decodeModel(bytes);
    expect(decoded.opset_import).toEqual([{ version: opset }]);
    expect(decoded.ir_version).toBe(opset === 17 ? 8 : 7);

    const count = (operator: string) => decoded.graph.node.filter(({ op_type }) => op_type === operator).length;
    const wanted = one.operators ?? {};
    expect(Object.fromEntries(Object.keys(wanted).map((operator) => [operator, count(operator)]))).toEqual(wanted);

    const session = await openSession(bytes);
    try {
      for (const batch of [1, 3]) {
        const inputs = randomInputs(model, name, batch, one.open, one.indices);
        const expected = predict(tf, model, inputs);
        if (batch > 1) expect(expected.every((values) => values.some((value) => value !== 0))).toBe(true);
        const outputs = await session.run(Object.fromEntries(session.inputNames.map((key, i) => [key, inputs[i]!])));
        expect(session.outputNames.length).toBe(expected.length);
        for (const [i, key] of session.outputNames.entries())
          expect(worst(expected[i]!, outputs[key]!)).toBeLessThan(tolerance);
      }
    } finally {
      await session.close();
      model.dispose();
    }
  });
});

function worst(expected: Float32Array, actual: Float32Array): number {
  if (expected.length !== actual.length) return Infinity;
  return expected.reduce((most, value, i) => Math.max(most, relative(value, actual[i]!)), 0);
}

/** Activations without a bound make states of hundreds: relative to values above 1. NaN is infinitely wrong. */
function relative(expected: number, actual: number): number {
  const difference = Math.abs(expected - actual) / Math.max(1, Math.abs(expected));
  return Number.isNaN(difference) ? Infinity : difference;
}

test(`there are at least 150 cases, each with a name of its own`, () => {
  expect(new Set(cases.map(({ name }) => name)).size).toBe(cases.length);
  expect(cases.length).toBeGreaterThanOrEqual(150);
});

test.skipIf(!hasChecker)(`onnx.checker with full_check accepts all of them (needs python3-onnx)`, () => {
  expect(exported.size).toBe(2 * cases.length);
  expect(checkModels(exported)).toEqual([]);
});
