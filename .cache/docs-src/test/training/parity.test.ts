import { expect, test } from 'vitest';
import { UserError } from '../../model/errors.js';
import { GraphBuilder } from '../../training/onnx/graph.js';
import { checkParity } from '../../training/parity.js';

/** y = 2 x, and z = ln x. */
function graph(): Uint8Array {
  const builder = new GraphBuilder();
  const x = builder.input('x', ['N']);
  builder.output('y', builder.node('Mul', [x, builder.constant(2)]), ['N']);
  builder.output('z', builder.node('Log', [x]), ['N']);
  return builder.encode();
}

const inputs = [{ x: { data: Float32Array.of(1, 1000, -1), dims: [3] } }];

test('reports the largest difference, relative to values above 1, and where', async () => {
  const parity = await checkParity(() => ({ y: Float32Array.of(2.00001, 2000.01, -2) }), graph(), inputs);
  expect(parity.maxAbs).toBeCloseTo(0.01, 4);
  expect(parity.maxDifference).toBeLessThan(1.1e-5);
  expect(parity).toMatchObject({ output: 'y', compared: 3 });
});

test('NaN on both sides is the same, on one side it is refused', async () => {
  const { data } = inputs[0]!.x;
  expect((await checkParity(() => ({ z: data.map(Math.log) }), graph(), inputs)).maxDifference).toBeLessThan(1e-6);
  const finite = () => ({ z: Float32Array.of(0, Math.log(1000), 0) });
  await expect(checkParity(finite, graph(), inputs)).rejects.toThrow(/by Infinity in "z"/);
});

test('refuses differences above the limit, outputs of another length, and nothing to compare', async () => {
  const off = checkParity(() => ({ y: Float32Array.of(2.001, 2000, -2) }), graph(), inputs);
  await expect(off).rejects.toThrow(UserError);
  await expect(off).rejects.toThrow(/differs from the trained network by \d\.\de-4 in "y"/);
  await expect(checkParity(() => ({ y: Float32Array.of(2) }), graph(), inputs)).rejects.toThrow(/Infinity/);
  await expect(checkParity(() => ({}), graph(), inputs)).rejects.toThrow('no output to compare');
});
