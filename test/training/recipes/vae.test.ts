import { expect, test } from 'vitest';
import { Random } from '../../../model/random.js';
import { openSession } from '../../../model/session.js';
import { noWhitening } from '../../../training/graph/index.js';
import { auroc } from '../../../training/measures/auroc.js';
import { checkParity } from '../../../training/parity.js';
import { vae } from '../../../training/recipes/vae.js';
import { loadTensorFlow } from '../../../training/tensorflow/load.js';
import { contextOf, dataOf } from './data.js';

/** One hidden movement behind three signals. */
function rows(n: number, label: string): number[][] {
  const random = new Random('vae', label);
  return Array.from({ length: n }, (_, i) => {
    const load = Math.sin(i / 7);
    return [load, -2 * load, load * load].map((value) => 20 + value + random.normal(0, 0.1));
  });
}

test('its evidence lower bound rises, its graph equals the network, gives the same twice, and finds a broken relation', async () => {
  const { tf } = await loadTensorFlow({ choice: 'wasm' });
  const data = dataOf(rows(1200, 'train'));
  const context = contextOf('vae', tf);
  const options = { window: 4, hidden: [24], batch: 64, learningRate: 0.01, stride: 1 };
  const trained = await vae.train(options, data, context);
  const [first] = context.history;
  expect(trained.losses.validate).toBeLessThan(first!.validate - 1);

  const graph = trained.toOnnx(noWhitening(3));
  const test = rows(400, 'test');
  for (const row of test.slice(300)) row[1] = 20;
  test[5]![2] = Number.NaN;
  const windows = Array.from({ length: 397 }, (_, i) => test.slice(i, i + 4).flat());
  const x = { data: Float32Array.from(windows.flat()), dims: [397, 4, 3] };
  const { maxDifference } = await checkParity(() => trained.reference(x, noWhitening(3)), graph.bytes, [{ x }], 1e-4);
  expect(maxDifference).toBeLessThan(2e-5);
  const session = await openSession(graph.bytes);
  const once = await session.run({ x });
  expect((await session.run({ x })).score).toEqual(once.score);
  await session.close();
  expect(once.contribution!.every((share) => share >= 0)).toBe(true);
  // Where the load is near 0, so is the signal that no longer follows it: nothing is broken there.
  const broken = Array.from({ length: 97 }, (_, i) => 300 + i).filter((i) => Math.abs(Math.sin((i + 3) / 7)) > 0.25);
  const normal = [...once.score!.slice(10, 297)];
  const found = auroc(
    normal,
    broken.map((i) => once.score![i]!),
  );
  expect(found).toBeGreaterThanOrEqual(0.95);
  trained.dispose();
});
