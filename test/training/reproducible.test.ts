import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
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

/** As Node tells of a system's limit of threads; a limit itself would hit Node's own, too. */
const noThread = `
  import { createRequire, syncBuiltinESMExports } from 'node:module';
  createRequire('/')('node:worker_threads').Worker = class {
    constructor() { throw Object.assign(new Error('EAGAIN'), { code: 'ERR_WORKER_INIT_FAILED' }); }
  };
  syncBuiltinESMExports();`;

interface Learned {
  readonly files: Record<string, string>;
  readonly warnings: readonly string[];
}

/** Every file of a bundle that a process of its own has learned, but for when that was. @param first a module that each of its threads runs at first */
async function learned(output: string, first = ''): Promise<Learned> {
  const cli = join(dist, 'training/cli.js');
  const preload = `data:text/javascript,${encodeURIComponent(first)}`;
  const { stderr } = await promisify(execFile)(
    process.execPath,
    ['--import', preload, cli, 'fit', '--config', 'train.yaml', '--output', output],
    { cwd: folder },
  );
  const warnings = stderr.split('\n').filter((line) => line.startsWith('Warning: the second thread'));
  const read = (file: string) => readFileSync(join(folder, output, file), 'latin1');
  const files = Object.fromEntries(readdirSync(join(folder, output)).map((file) => [file, read(file)]));
  const manifest = files['manifest.json'] ?? '';
  expect(manifest).toContain('"createdAt": ');
  return { files: { ...files, 'manifest.json': manifest.replace(/"createdAt": "[^"]*"/, '') }, warnings };
}

const inSecond = (what: string) => `import { isMainThread } from 'node:worker_threads'; if (!isMainThread) { ${what} }`;

// On native TensorFlow where it is to be had, else in WebAssembly: as `fit` chooses.
describe('the same seed and the same backend make the same bundle, byte for byte', () => {
  let once: Learned;
  beforeAll(async () => {
    once = await learned('once');
    expect(Object.keys(once.files)).toContain('lstm.onnx');
    expect(once.warnings).toEqual([]);
  }, 300_000);

  test('again', { timeout: 300_000 }, async () => {
    expect(await learned('again')).toEqual(once);
  });

  test.each([
    ['can not load', inSecond(`throw new Error('not today');`), 'not today'],
    ['is refused by the system', noThread, 'the system starts no more threads: EAGAIN'],
  ])('where the second thread %s', { timeout: 300_000 }, async (_, first, why) => {
    const { files, warnings } = await learned('single', first);
    expect(files).toEqual(once.files);
    expect(warnings).toEqual([
      `Warning: the second thread that trains lstm is gone (${why}); one trains on alone, to the same bundle, in up to twice the time.`,
    ]);
  });

  test('where the second thread ends in the middle', { timeout: 300_000 }, async () => {
    const { files, warnings } = await learned(
      'killed',
      // It counts an arrival a sum.
      inSecond(
        'const { add } = Atomics; let n = 0; Atomics.add = (...a) => { if (++n === 25) process.exit(9); return add(...a); };',
      ),
    );
    expect(files).toEqual(once.files);
    expect(warnings).toEqual([expect.stringContaining('lstm is gone (it ended with exit code 9)')]);
  });
});
