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

test('a part of a deviation may be off by as much as the whole allows', async () => {
  const builder = new GraphBuilder();
  const x = builder.input('x', ['N', 'T', 'C']);
  for (const name of ['contribution', 'expected'])
    builder.output(name, builder.node('Mul', [x, builder.constant(1)]), ['N', 'T', 'C']);
  const graph = builder.encode();
  const data = Float32Array.of(3, 4000, 0.1, 0.2);
  const feeds = [{ x: { data, dims: [2, 1, 2] } }];
  const off = (i: number, by: number) => data.map((value, k) => (k === i ? value + by : value));
  const difference = async (name: string, wanted: Float32Array) =>
    (await checkParity(() => ({ [name]: wanted }), graph, feeds, Infinity)).maxDifference;
  expect(await difference('contribution', off(0, 0.02))).toBeCloseTo(0.02 / 4003, 9);
  expect(await difference('contribution', off(2, 0.02))).toBeCloseTo(0.02 / 2, 6);
  expect(await difference('expected', off(0, 0.02))).toBeCloseTo(0.02 / 3, 4);
  expect(await difference('contribution', off(1, Number.NaN))).toBe(Infinity);
});
