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
  new URL(
    `data:text/javascript,${encodeURIComponent(
      `import { joinTwin } from '${built('twin.js')}'; await joinTwin(async (job) => async (twin) => { ${work} });`,
    )}`,
  );

let twin: StartedTwin | undefined;
afterEach(async () => {
  await twin?.end().catch(() => {});
  twin = undefined;
});

describe('startTwin', () => {
  test('both halves get the same sums, whatever their lengths', async () => {
    twin = await startTwin(
      thread(`
        let sum = 0;
        for (let i = 0; i < job.rounds; i++) {
          const [one, more] = twin.sum([Float32Array.of(sum), new Float32Array(i % 5).fill(i)]);
          sum = one[0] + more.length;
        }
      `),
      { rounds: 1000 },
      5,
    );
    let mine = 0;
    for (let i = 0; i < 1000; i++) {
      const [one, more] = twin.sum([Float32Array.of(1), new Float32Array(i % 5).fill(0.5)]);
      expect([...more!]).toEqual(Array.from({ length: i % 5 }, () => i + 0.5));
      // What the other added is what it made of the last sum.
      expect(one![0]).toBe(1 + mine);
      mine = one![0]! + more!.length;
    }
  });

  test('the other half fails: so does this one, and its end tells why', async () => {
    twin = await startTwin(thread(`twin.sum([Float32Array.of(1)]); throw new Error('no more');`), {}, 1);
    expect(twin.sum([Float32Array.of(2)])[0]![0]).toBe(3);
    expect(() => twin!.sum([Float32Array.of(2)])).toThrow('the other half of the training failed');
    await expect(twin.end()).rejects.toThrow('no more');
  });

  test('a thread that can not start says why', async () => {
    const missing = new URL(`data:text/javascript,throw new Error('not today')`);
    await expect(startTwin(missing, {}, 1)).rejects.toThrow('not today');
  });
});

describe('a recurrent recipe on two threads', () => {
  let loaded: LoadedTensorFlow;
  beforeAll(async () => {
    loaded = await loadTensorFlow({ choice: 'wasm' });
  });

  // 43 windows in batches of 14: the last holds one.
  test('learns what it learns on one, to rounding', async () => {
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
    const one = await recipe.train(options, data, alone);
    const openTwin = async (parameters: number) => {
      twin = await startTwin(built('twin-thread.js'), job, parameters + 1);
      return twin;
    };
    const together = { ...contextOf('lstm', tf), openTwin };
    const two = await recipe.train(options, data, together);
    expect(twin).toBeDefined();
    expect(together.history.length).toBe(alone.history.length);
    expect(alone.history.length).toBeGreaterThan(2);
    for (const [i, { train, validate }] of alone.history.entries()) {
      expect(together.history[i]!.train).toBeCloseTo(train, 4);
      expect(together.history[i]!.validate).toBeCloseTo(validate, 4);
    }
    for (const trained of [one, two]) trained.dispose();
  });
});
