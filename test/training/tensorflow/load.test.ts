import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Progress } from '../../../training/progress.js';
import { loadTensorFlow } from '../../../training/tensorflow/load.js';

function listener(): { progress: Progress; lines: string[] } {
  const lines: string[] = [];
  const line = (text: string) => void lines.push(text);
  return { lines, progress: { line, task: () => ({ update: () => {}, end: () => {} }) } };
}

const works = (command: string, ...args: string[]) => spawnSync(command, args).status === 0;
const canBuild = works('python3', '-m', 'pip', '--version') && works('c++', '--version');

describe('loadTensorFlow', () => {
  it('names the choices', async () => {
    await expect(loadTensorFlow({ env: { ANOMALYD_TF: 'gpu' } })).rejects.toThrow(
      'ANOMALYD_TF: unknown value. It must be one of: auto, native, wasm.',
    );
  });

  it('falls back to WebAssembly with a warning where the native library could not be had, and does not try again at once', async () => {
    const cache = mkdtempSync(join(tmpdir(), 'cache-'));
    const { lines, progress } = listener();
    const path = process.env.PATH;
    const version = JSON.parse(readFileSync('node_modules/@tensorflow/tfjs-node/package.json', 'utf8')).version;
    const home = join(cache, 'anomalyd/tensorflow');
    mkdirSync(home, { recursive: true });
    writeFileSync(
      join(home, `tfjs-node-${version}-${process.platform}-${process.arch}-napi8-failed.txt`),
      'by its wheel: python3 failed\n',
    );
    const { tf, backend, description } = await loadTensorFlow({ env: { XDG_CACHE_HOME: cache, PATH: path }, progress });
    expect(backend).toBe('wasm');
    expect(description).toBe(`tfjs ${version}, WebAssembly (the native library is not to be had here)`);
    expect(lines).toEqual([
      'Warning: no native TensorFlow (by its wheel: python3 failed); training in WebAssembly, two to four times slower. `anomalyd-train backend` tries again.',
    ]);
    expect(tf.add(1, 2).dataSync()[0]).toBe(3);
    rmSync(cache, { recursive: true });
  });

  it.skipIf(!canBuild)(
    'serves the native library and trains dense, Conv1D and LSTM layers (skipped without python3 with pip and a C++ compiler)',
    async ({ skip }) => {
      const { lines, progress } = listener();
      const loaded = await loadTensorFlow({ progress, choice: 'native' }).catch((error: Error) => error);
      // Python without a package index to take the wheel from: WebAssembly serves, as the test above shows.
      if (loaded instanceof Error) {
        expect(loaded.message).toMatch(/No matching distribution|PyPI mirror/);
        return skip(`no native TensorFlow here: ${loaded.message}`);
      }
      const { tf, backend, description } = loaded;
      expect(backend).toBe('tensorflow');
      expect(description).toMatch(/^tfjs-node 4\.\d+\.\d+, native TensorFlow 2\.\d+\.\d+(, [A-Z0-9_]+)?$/);
      expect(lines.join()).not.toContain('Warning');
      expect(tf.getBackend()).toBe('tensorflow');
      const x = tf.randomNormal([64, 8, 3], 0, 1, 'float32', 1);
      const kinds = [
        tf.layers.timeDistributed({ layer: tf.layers.dense({ units: 2 }), inputShape: [8, 3] }),
        tf.layers.conv1d({ filters: 2, kernelSize: 3, padding: 'same', inputShape: [8, 3] }),
        tf.layers.lstm({ units: 2, returnSequences: true, recurrentActivation: 'sigmoid', inputShape: [8, 3] }),
      ];
      for (const layer of kinds) {
        const model = tf.sequential({ layers: [layer] });
        model.compile({ optimizer: tf.train.adam(0.05), loss: 'meanSquaredError' });
        const { history } = await model.fit(x, tf.ones([64, 8, 2]), { epochs: 5, verbose: 0, shuffle: false });
        const losses = history.loss as number[];
        expect(losses.at(-1)).toBeLessThan(losses[0]! * 0.95);
      }
    },
    300_000,
  );
});
