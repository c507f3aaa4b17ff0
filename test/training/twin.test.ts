import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { Random } from '../../model/random.js';
import { findRecipe } from '../../training/recipes/index.js';
import { type LoadedTensorFlow, loadTensorFlow } from '../../training/tensorflow/load.js';
import { type StartedTwin, startTwin } from '../../training/twin.js';
import type { TwinJob } from '../../training/twin-thread.js';
import { dist } from '../fixtures/program.js';
import { contextOf, dataOf } from './recipes/data.js';

const built = (file: string) => pathToFileURL(join(dist, 'training', file));

/** A thread that does `work`, of which `twin` and `job` are known. */
const thread = (work: string) =>
  script(`import { joinTwin } from '${built('twin.js')}'; await joinTwin(async (job, twin) => { ${work} });`);

const script = (text: string) => new URL(`data:text/javascript,${encodeURIComponent(text)}`);

let twin: StartedTwin | undefined;
const missed: string[] = [];
function start(thread: URL, job: unknown, length: number): StartedTwin {
  twin = startTwin(thread, job, length, (why) => missed.push(why));
  return twin;
}
afterEach(async () => {
  await twin?.end();
  twin = undefined;
  missed.length = 0;
});

/** What the first half adds to sums of 1 and 10. */
const sumOf = async (one: StartedTwin) => (await one.sum((half) => [Float32Array.of([1, 10][half]!)]))[0]![0];

describe('startTwin', () => {
  test('both halves get the same sums, whatever their lengths', async () => {
    const twin = start(
      thread(`
        let sum = 0;
        for (let i = 0; i < job.rounds; i++) {
          const [one, more] = await twin.sum(() => [Float32Array.of(sum), new Float32Array(i % 5).fill(i)]);
          sum = one[0] + more.length;
        }
      `),
      { rounds: 1000 },
      5,
    );
    let mine = 0;
    for (let i = 0; i < 1000; i++) {
      const [one, more] = await twin.sum(() => [Float32Array.of(1), new Float32Array(i % 5).fill(0.5)]);
      expect([...more!]).toEqual(Array.from({ length: i % 5 }, () => i + 0.5));
      // What the other added is what it made of the last sum.
      expect(one![0]).toBe(1 + mine);
      mine = one![0]! + more!.length;
    }
    expect(missed).toEqual([]);
  });

  test('the other half fails: this one does its part, too, and tells why once', async () => {
    const twin = start(thread(`await twin.sum(() => [Float32Array.of(20)]); throw new Error('no more');`), {}, 1);
    expect(await sumOf(twin)).toBe(21);
    expect(missed).toEqual([]);
    for (let i = 0; i < 3; i++) expect(await sumOf(twin)).toBe(11);
    expect(missed).toEqual(['no more']);
  });

  test.each([
    ['whose code fails', `throw new Error('not today')`, 'not today'],
    ['whose module is not there', `import '/nowhere.js'`, 'nowhere.js'],
    ['that ends', 'process.exit(3)', 'it ended with exit code 3'],
  ])('a thread %s is done without', async (_, text, why) => {
    const twin = start(script(text), {}, 1);
    expect(await sumOf(twin)).toBe(11);
    expect(missed).toEqual([expect.stringContaining(why)]);
  });

  test('a thread that is killed at work is missed within a second', async () => {
    process.once('worker', (worker) => {
      setTimeout(() => worker.terminate(), 1000);
    });
    const twin = start(
      thread(
        `await twin.sum(() => [Float32Array.of(20)]); Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);`,
      ),
      {},
      1,
    );
    expect(await sumOf(twin)).toBe(21);
    const startMs = performance.now();
    expect(await sumOf(twin)).toBe(11);
    expect(missed).toEqual(['it ended with exit code 1']);
    // One second until it is killed, one to miss it, and room for a busy machine.
    expect(performance.now() - startMs).toBeLessThan(5000);
  });
});

describe('a recurrent recipe on two threads', () => {
  let loaded: LoadedTensorFlow;
  beforeAll(async () => {
    loaded = await loadTensorFlow({ choice: 'wasm' });
  });

  // 43 windows in batches of 14: the last holds one.
  test('learns what it learns on one', async () => {
    const random = new Random('twin');
    const rows = Array.from({ length: 176 }, (_, i) => [
      Math.sin(i / 5) + random.normal(0, 0.05),
      i % 9 === 0 ? Number.NaN : Math.cos(i / 5) + random.normal(0, 0.05),
    ]);
    const [recipe, data] = [findRecipe('lstm'), dataOf(rows)];
    const options = recipe.options.parse({ hidden: 8, window: 4, stride: 3, batch: 14, epochs: 1e6, patience: 1 });
    const { tf, backend } = loaded;
    const job: TwinJob = { recipe: 'lstm', options, data, seed: 1, name: 'lstm', backend };
    const alone = contextOf('lstm', tf);
    (await recipe.train(options, data, alone)).dispose();
    const openTwin = (parameters: number) => start(built('twin-thread.js'), job, parameters + 1);
    const together = { ...contextOf('lstm', tf), openTwin };
    (await recipe.train(options, data, together)).dispose();
    expect(twin).toBeDefined();
    expect(missed).toEqual([]);
    expect(together.history).toEqual(alone.history);
    expect(alone.history.length).toBeGreaterThan(2);
  });
});
