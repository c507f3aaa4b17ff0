import { expect, test } from 'vitest';
import { Random } from '../../../model/random.js';
import { openSession } from '../../../model/session.js';
import { noWhitening } from '../../../training/graph/index.js';
import { checkParity } from '../../../training/parity.js';
import { hmm } from '../../../training/recipes/hmm.js';
import { contextOf, dataOf } from './data.js';

/** Three regimes of two signals. */
const middles = [
  [0, 0],
  [6, -4],
  [-5, 5],
];

function simulate(n: number, label: string): { rows: number[][]; regimes: number[] } {
  const random = new Random('hmm', label);
  let regime = 0;
  const regimes = Array.from({ length: n }, () => {
    if (random.chance(0.03)) regime = (regime + (random.chance(0.5) ? 1 : 2)) % 3;
    return regime;
  });
  return { regimes, rows: regimes.map((k) => middles[k]!.map((middle) => 50 + middle + random.normal())) };
}

async function run(rows: number[][]) {
  const data = dataOf(simulate(3000, 'train').rows);
  const trained = await hmm.train({ mostRegimes: 4 }, data, contextOf('hmm'));
  const graph = trained.toOnnx(noWhitening(2));
  const x = { data: Float32Array.from(rows.flat()), dims: [1, rows.length, 2] };
  const feeds = { x, state: { data: new Float32Array(graph.stateSize), dims: [1, graph.stateSize] } };
  const session = await openSession(graph.bytes);
  const outputs = await session.run(feeds);
  await session.close();
  return { graph, trained, outputs, feeds };
}

test('finds as many regimes as there are, and names the regime of at least 95 % of the frames', async () => {
  const { rows, regimes } = simulate(2000, 'test');
  const { outputs, graph } = await run(rows);
  expect(graph.stateSize).toBe(3);
  const named = regimes.map((_, t) => {
    const posterior = outputs.regime!.subarray(3 * t, 3 * t + 3);
    return posterior.indexOf(Math.max(...posterior));
  });
  const orders = [
    [0, 1, 2],
    [0, 2, 1],
    [1, 0, 2],
    [1, 2, 0],
    [2, 0, 1],
    [2, 1, 0],
  ];
  const right = orders.map((order) => named.filter((k, t) => order[k] === regimes[t]).length / regimes.length);
  expect(Math.max(...right)).toBeGreaterThanOrEqual(0.95);
});

test('a frame that no regime explains is stranger than all of theirs', async () => {
  const { rows } = simulate(600, 'strange');
  // Each signal has been so by itself, never both at once.
  rows[500] = [50 + 6, 50 + 5];
  const { outputs } = await run(rows);
  const normal = outputs.score!.slice(10, 500);
  expect(outputs.score![500]).toBeGreaterThan(Math.max(...normal));
  expect(outputs.contribution!.every((value) => value >= 0)).toBe(true);
});

test('the graph equals plain loops within 1e-5, with gaps, and steps equal one call', async () => {
  const rows = simulate(150, 'parity').rows.map((row, t) => row.map((v, c) => ((t + c) % 5 === 0 ? Number.NaN : v)));
  rows[70] = [Number.NaN, Number.NaN];
  const { trained, graph, feeds, outputs } = await run(rows);
  const forward = () => trained.reference(feeds.x, noWhitening(2));
  expect((await checkParity(forward, graph.bytes, [feeds], 1e-5)).maxDifference).toBeLessThan(1e-5);
  expect(outputs.score![70]).toBe(0);
  const session = await openSession(graph.bytes);
  let memory = new Float32Array(graph.stateSize);
  for (const [t, row] of rows.entries()) {
    const step = await session.run({
      x: { data: Float32Array.from(row), dims: [1, 1, 2] },
      state: { data: memory, dims: [1, graph.stateSize] },
    });
    memory = Float32Array.from(step.state_out!);
    expect(Math.abs(step.score![0]! - outputs.score![t]!)).toBeLessThan(1e-5);
  }
  await session.close();
});
