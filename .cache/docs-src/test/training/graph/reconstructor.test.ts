import { beforeAll, expect, test } from 'vitest';
import { openSession } from '../../../model/session.js';
import { reconstructorGraph, referenceOutputs } from '../../../training/graph/index.js';
import { decodeModel } from '../../../training/onnx/proto.js';
import { checkParity } from '../../../training/parity.js';
import type { Tf } from '../onnx/cases.js';
import { checkModels, hasChecker } from '../onnx/checker.js';
import { constants, denseAutoencoder, frames } from './networks.js';

let tf: Tf;
beforeAll(async () => {
  tf = (await import('@tensorflow/tfjs')).default;
  tf.enableProdMode();
  await tf.setBackend('cpu');
});

test.each([
  [1, 1, true],
  [4, 1, true],
  [4, 8, true],
  [4, 8, false],
  [38, 5, true],
])('%i signals, %i frames, told what is known: %s: equals the reference within 1e-5', async (C, T, masked) => {
  const options = { ...constants(C), model: denseAutoencoder(tf, C, T, masked) };
  const graph = reconstructorGraph(options);
  expect(graph).toMatchObject({ kind: 'window', window: T, stateSize: 0 });
  expect(graph.parameters).toBeGreaterThan(options.model.countParams());
  const parity = await checkParity(
    ({ x }) => referenceOutputs(tf, 'reconstructor', options, x!.data, x!.dims[0]!) as never,
    graph.bytes,
    [1, 2, 64].map((n) => ({ x: { data: frames('ae', n, T, options), dims: [n, T, C] } })),
  );
  expect(parity.maxDifference).toBeLessThan(1e-5);
  expect(parity.compared).toBe(67 * (1 + 3 * C));
});

test('without whitening the contribution is the squared residual', async () => {
  const { center, scale } = constants(3);
  const { bytes } = reconstructorGraph({ center, scale, model: denseAutoencoder(tf, 3, 4) });
  const session = await openSession(bytes);
  const x = { data: frames('plain', 5, 4, { center, scale }), dims: [5, 4, 3] };
  const { residual, contribution } = await session.run({ x });
  residual!.forEach((value, i) => {
    expect(contribution![i]).toBeCloseTo(value * value, 4);
  });
  await session.close();
});

test('all missing: score 0, a reconstruction nevertheless', async () => {
  const options = { ...constants(3), model: denseAutoencoder(tf, 3, 4) };
  const session = await openSession(reconstructorGraph(options).bytes);
  const { score, expected } = await session.run({
    x: { data: new Float32Array(12).fill(Number.NaN), dims: [1, 4, 3] },
  });
  expect(Array.from(score!)).toEqual([0]);
  expect(expected!.every(Number.isFinite)).toBe(true);
  await session.close();
});

test.skipIf(!hasChecker)('onnx.checker with full_check accepts it, opset 17 and 13 (needs python3-onnx)', () => {
  const models = new Map(
    ([17, 13] as const).map((opset) => {
      const { bytes } = reconstructorGraph({ ...constants(4), model: denseAutoencoder(tf, 4, 8), opset });
      expect(decodeModel(bytes).opset_import).toEqual([{ version: opset }]);
      return [`opset ${opset}`, bytes];
    }),
  );
  expect(checkModels(models)).toEqual([]);
});
