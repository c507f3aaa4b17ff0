import { describe, expect, it } from 'vitest';
import { Random } from '../../../model/random.js';
import { openSession } from '../../../model/session.js';
import { type LinearOptions, linearGraph, linearReference } from '../../../training/graph/linear.js';

const C = 3;
const random = new Random('linear');
const matrix = (rows: number) => Array.from({ length: rows }, () => Array.from({ length: C }, () => random.normal()));
const options = (T: number): LinearOptions => ({
  center: [1, -2, 50],
  scale: [0.5, 1, 10],
  projection: matrix(T * C),
  whitening: { mu: [0.1, 0, -0.1], matrix: matrix(C) },
  limit: 8,
  name: 'linear',
});

describe('linearGraph', () => {
  it.each([1, 4])('of %i frames computes what plain loops do, gaps and far values too', async (T) => {
    const one = options(T);
    const n = 16;
    const x = Float32Array.from({ length: n * T * C }, (_, i) => (i % 7 === 0 ? Number.NaN : random.normal(0, 40)));
    const graph = linearGraph(one);
    expect(graph).toMatchObject({ kind: 'window', window: T, stateSize: 0 });
    const session = await openSession(graph.bytes);
    const outputs = await session.run({ x: { data: x, dims: [n, T, C] } });
    await session.close();
    const wanted = linearReference(one, x, n);
    for (const name of ['score', 'contribution', 'expected', 'residual'] as const)
      for (const [i, value] of wanted[name].entries())
        expect(Math.abs((outputs[name]![i] as number) - value) / Math.max(1, Math.abs(value))).toBeLessThan(1e-5);
    const firstOfLast = (T - 1) * C;
    // The first value of all is missing.
    if (T === 1) expect(wanted.residual[firstOfLast]).toBe(0);
    expect(Math.max(...wanted.residual.map(Math.abs))).toBeGreaterThan(0);
  });
});
