import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, expect, test } from 'vitest';
import { Random } from '../../model/random.js';
import { dist } from '../fixtures/program.js';

const folder = mkdtempSync(join(tmpdir(), 'reproducible-'));
afterAll(() => rmSync(folder, { recursive: true }));

const random = new Random('reproducible');
const rows = Array.from({ length: 400 }, (_, i) => {
  const load = Math.sin(i / 7);
  return [1000 * i, 10 + 4 * load + random.normal(0, 0.2), 3 + load + random.normal(0, 0.05)].join(',');
});
writeFileSync(join(folder, 'pump.csv'), `time,current,flow\n${rows.join('\n')}\n`);
writeFileSync(
  join(folder, 'train.yaml'),
  `
data: {files: pump.csv}
detectors:
  # So many epochs could take so long that two threads train it.
  - {recipe: lstm, hidden: 8, window: 12, epochs: 100000, patience: 1}
  - {recipe: conv-ae, window: 8, filters: [6, 4], epochs: 3}
  - {recipe: vae, window: 4, hidden: [16], epochs: 3}
  - {recipe: hmm, mostRegimes: 3}
`,
);

/** Every file of a bundle that a process of its own has learned, but for when that was. */
async function learned(output: string): Promise<Record<string, string>> {
  const cli = join(dist, 'training/cli.js');
  await promisify(execFile)(process.execPath, [cli, 'fit', '--config', 'train.yaml', '--output', output], {
    cwd: folder,
  });
  const read = (file: string) => readFileSync(join(folder, output, file), 'latin1');
  const files = Object.fromEntries(readdirSync(join(folder, output)).map((file) => [file, read(file)]));
  const manifest = files['manifest.json'] ?? '';
  expect(manifest).toContain('"createdAt": ');
  return { ...files, 'manifest.json': manifest.replace(/"createdAt": "[^"]*"/, '') };
}

// On native TensorFlow where it is to be had, else in WebAssembly: as `fit` chooses.
test('the same seed and the same backend make the same bundle, byte for byte', { timeout: 300_000 }, async () => {
  const [first, second] = [await learned('first'), await learned('second')];
  expect(Object.keys(first)).toContain('lstm.onnx');
  expect(second).toEqual(first);
});
