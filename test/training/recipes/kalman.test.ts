import { expect, test } from 'vitest';
import { Random } from '../../../model/random.js';
import { openSession } from '../../../model/session.js';
import { noWhitening } from '../../../training/graph/index.js';
import { checkParity } from '../../../training/parity.js';
import { kalman } from '../../../training/recipes/kalman.js';
import { contextOf, dataOf } from './data.js';

const [q, r] = [0.05, 1];

/** Levels that wander, read with noise. */
function wander(n: number, C: number, label: string): number[][] {
  const random = new Random('kalman', label);
  const level = new Array<number>(C).fill(0);
  return Array.from({ length: n }, () =>
    level.map((_, c) => {
      level[c]! += random.normal(0, Math.sqrt(q));
      return level[c]! + random.normal(0, Math.sqrt(r));
    }),
  );
}

async function run(rows: number[][], train = wander(4000, 3, 'train')) {
  const data = dataOf(train);
  const trained = await kalman.train({}, data, contextOf('kalman'));
  const graph = trained.toOnnx(noWhitening(3));
  const session = await openSession(graph.bytes);
  const x = { data: Float32Array.from(rows.flat()), dims: [1, rows.length, 3] };
  const outputs = await session.run({
    x,
    state: { data: new Float32Array(graph.stateSize), dims: [1, graph.stateSize] },
  });
  await session.close();
  return { outputs, trained, graph, x, data };
}

test('clean data: the normalised innovation squared has the number of signals as its mean, within 5 %', async () => {
  const { outputs } = await run(wander(8000, 3, 'test'));
  const scores = outputs.score!.subarray(20);
  const mean = scores.reduce((sum, value) => sum + value, 0) / scores.length;
  expect(mean).toBeGreaterThan(3 * 0.95);
  expect(mean).toBeLessThan(3 * 1.05);
});

test('a jump by five standard deviations of the innovation shows at once, and is put down to its signal', async () => {
  const rows = wander(5000, 3, 'jump');
  // The steady state: P- = (q + sqrt(q^2 + 4qr)) / 2 of Durbin & Koopman 2.11.
  const spread = Math.sqrt((q + Math.sqrt(q * q + 4 * q * r)) / 2 + r);
  // Of another signal each time, long enough apart for the level to have followed.
  const jumps = Array.from({ length: 45 }, (_, k) => 400 + 100 * k);
  for (const [k, from] of jumps.entries()) for (const row of rows.slice(from)) row[k % 3]! += 5 * spread;
  const { outputs } = await run(rows);
  // Chi-squared of three degrees of freedom is above 16.27 once in a thousand.
  const seen = jumps.filter((t) => outputs.score![t]! > 16.27);
  expect(seen.length / jumps.length).toBeGreaterThanOrEqual(0.8);
  const blamed = jumps.filter((t, k) => {
    const shares = outputs.contribution!.subarray(3 * t, 3 * t + 3);
    return shares.indexOf(Math.max(...shares)) === k % 3;
  });
  expect(blamed.length / jumps.length).toBeGreaterThanOrEqual(0.95);
  // Normal frames, far from a jump, are above it as seldom as they should be.
  const calm = Array.from({ length: 380 }, (_, i) => outputs.score![20 + i]!);
  expect(calm.filter((score) => score > 16.27).length).toBeLessThanOrEqual(3);
});

test('a jump is followed, but not at once: innovations beyond three standard deviations move the level no further', async () => {
  const rows = wander(500, 3, 'follow');
  for (const row of rows.slice(400)) row[1]! += 30;
  const { outputs } = await run(rows);
  const residual = (t: number) => outputs.residual![3 * t + 1]!;
  expect(residual(400)).toBeGreaterThan(15);
  expect(residual(405)).toBeGreaterThan(10);
  expect(Math.abs(residual(470))).toBeLessThan(4);
});

test('on a gap it predicts without update: the level stays, the doubt grows', async () => {
  const rows = wander(120, 3, 'gap');
  for (const row of rows.slice(60, 100)) row[0] = Number.NaN;
  const { outputs, data } = await run(rows);
  const level = (t: number) => (outputs.expected![3 * t]! - data.scaler.center[0]!) / data.scaler.scale[0]!;
  for (let t = 61; t <= 100; t++) expect(level(t)).toBeCloseTo(level(61), 4);
  for (let t = 60; t < 100; t++) expect(outputs.contribution![3 * t]).toBe(0);
  const trust = (t: number) => Math.abs(outputs.residual![3 * t]!) / Math.abs(rows[t]![0]! - outputs.expected![3 * t]!);
  expect(trust(100)).toBeLessThan(0.8 * trust(59));
});

test('the graph equals plain loops within 1e-5, step by step and in one call', async () => {
  const rows = wander(200, 3, 'parity').map((row, t) => row.map((v, c) => ((t + c) % 7 === 0 ? Number.NaN : v)));
  const { trained, graph, x, outputs } = await run(rows);
  const state = { data: new Float32Array(6), dims: [1, 6] };
  const { maxDifference } = await checkParity(
    (feeds) => trained.reference(feeds.x!, noWhitening(3)),
    graph.bytes,
    [{ x, state }],
    1e-5,
  );
  expect(maxDifference).toBeLessThan(1e-5);
  const session = await openSession(graph.bytes);
  let memory = new Float32Array(6);
  for (const [t, row] of rows.entries()) {
    const step = await session.run({
      x: { data: Float32Array.from(row), dims: [1, 1, 3] },
      state: { data: memory, dims: [1, 6] },
    });
    memory = Float32Array.from(step.state_out!);
    expect(step.score![0]).toBe(outputs.score![t]);
  }
  await session.close();
});
