import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { loadBundle } from '../../../model/bundle.js';
import { ManualClock } from '../../../model/clock.js';
import { modes } from '../../../model/frames.js';
import { Random } from '../../../model/random.js';
import { BundleRuntime } from '../../../model/runtime.js';
import { parseYamlConfig } from '../../../model/yaml.js';
import { trainConfigSchema } from '../../../training/config.js';
import { fit } from '../../../training/fit.js';
import { silent } from '../../../training/progress.js';
import { recipes } from '../../../training/recipes/index.js';
import { table } from '../../../training/summary.js';
import { loadTensorFlow } from '../../../training/tensorflow/load.js';

const folder = mkdtempSync(join(tmpdir(), 'recipes-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** A load that swings, and what follows it; at the end a fault. */
function frames(n: number, label: string, faultAt = n): number[][] {
  const random = new Random('all', label);
  return Array.from({ length: n }, (_, i) => {
    const load = Math.sin((2 * Math.PI * i) / 60);
    const row = [
      60 + 5 * Math.sin((2 * Math.PI * (i - 8)) / 60) + random.normal(0, 0.3),
      10 + 4 * load + random.normal(0, 0.2),
      3 + load + random.normal(0, 0.06),
    ];
    // The current jumps and no longer follows the load.
    return i >= faultAt ? [row[0]!, 22 + random.normal(0, 0.2), row[2]!] : row;
  });
}

writeFileSync(
  join(folder, 'machine.csv'),
  `time,temperature,current,flow\n${frames(1500, 'train')
    .map((row, i) => [1000 * i + Date.UTC(2024, 0, 1), ...row.map((value) => value.toFixed(3))].join(','))
    .join('\n')}\n`,
);

const small: Readonly<Record<string, object>> = {
  lstm: { hidden: 8, window: 12 },
  gru: { hidden: 8, window: 12, optimiser: 'sgd', learningRate: 0.05 },
  rnn: { hidden: 8, window: 12 },
  cnn: { window: 16, filters: [6, 6, 8] },
  mlp: { window: 6, hidden: [16, 16] },
  'conv-ae': { window: 8, filters: [6, 4] },
  'lstm-ae': { window: 8, hidden: 8 },
  'dense-ae': { window: 4, hidden: [16], optimiser: 'sgd', learningRate: 0.05 },
  vae: { window: 4, hidden: [16] },
  'spectrogram-ae': { fft: 16, columns: 4, filters: [8] },
  hmm: { mostRegimes: 4 },
};

/**
 * Frames until the fault must be found: the health tests take the first three for a spike, and an alarm takes three more. A level that wanders follows a jump soon;
 * of what has stopped to swing a spectrogram is sure when its window is full of it.
 */
const longest: Readonly<Record<string, number>> = { kalman: 8, 'spectrogram-ae': 50 };

const rows: string[][] = [];
afterAll(() => {
  process.stdout.write(
    `${table([['recipe', 'parameters', 'held out', 'parity', 'bytes', 'delay', 'normal'], ...rows])}\n`,
  );
});

test.each(recipes.map((recipe) => [recipe.name, recipe] as const))(
  '%s: trained, exported and run as the daemon runs it, finds a fault',
  async (name, recipe) => {
    const networks = recipe.closedForm ? {} : { epochs: 12, batch: 64, learningRate: 0.01 };
    const detector = { recipe: name, ...networks, ...small[name] };
    const config = { seed: 3, data: { files: 'machine.csv' }, detectors: [detector] };
    const output = join(folder, name);
    const result = await fit({
      config: parseYamlConfig(JSON.stringify(config), 'train.yaml', trainConfigSchema),
      directory: folder,
      output,
      tensorFlow: () => loadTensorFlow({ choice: 'wasm' }),
      progress: silent,
      clock: new ManualClock(0),
    });
    const [about] = result.detectors;
    expect(about!.parity).toBeLessThan(1e-5);
    const runtime = await BundleRuntime.open(await loadBundle(output));
    const faultAt = 240;
    const severities: number[] = [];
    for (const [i, values] of frames(300, 'unseen', faultAt).entries()) {
      const { severity, mode } = await runtime.score({
        n: 1,
        slot: Int32Array.of(0),
        timeMs: Float64Array.of(1000 * i),
        reset: Uint8Array.of(i === 0 ? 1 : 0),
        values: Float32Array.from(values),
      });
      severities.push(modes[mode[0]!] === 'steady' ? severity[0]! : 0);
    }
    await runtime.close();
    const found = severities.findIndex((severity, i) => i >= faultAt && severity >= 1);
    const normal = Math.max(...severities.slice(0, faultAt));
    rows.push([
      name,
      String(about!.parameters),
      about!.losses.validate.toFixed(3),
      about!.parity.toExponential(1),
      String(about!.bytes),
      found < 0 ? '-' : String(found - faultAt),
      normal.toFixed(2),
    ]);
    expect(found - faultAt).toBeGreaterThanOrEqual(0);
    expect(found - faultAt).toBeLessThan(longest[name] ?? 30);
    expect(normal).toBeLessThan(1);
  },
  60_000,
);
