import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openSession } from '../../model/session.js';
import { windowGraph } from '../fixtures/graph.js';

const hasStrace = spawnSync('strace', ['-V']).status === 0;
const root = fileURLToPath(new URL('../..', import.meta.url));

describe('openSession', () => {
  it('runs a graph from bytes', async () => {
    const session = await openSession(windowGraph(2, 1, [2]));
    expect(session.inputNames).toEqual(['x']);
    const { score, expected } = await session.run({ x: { data: Float32Array.of(1, 5, 2, 2), dims: [2, 2, 1] } });
    expect([...(score ?? [])]).toEqual([1, 0]);
    expect([...(expected ?? [])]).toEqual([3, 2]);
    await session.close();
  });

  it('reads no neighbour of a part of a buffer', async () => {
    const session = await openSession(windowGraph(1, 1, [1]));
    const { expected } = await session.run({
      x: { data: Float32Array.of(9, 1, 2, 9).subarray(1, 3), dims: [2, 1, 1] },
    });
    expect([...(expected ?? [])]).toEqual([1, 2]);
    await session.close();
  });
});

describe('telemetry', () => {
  let home: string;
  beforeAll(async () => {
    home = await mkdtemp(path.join(tmpdir(), 'home-'));
  });
  afterAll(() => rm(home, { recursive: true }));

  it.skipIf(!hasStrace)('opens no socket and writes no file, without CI or any other hint (needs strace)', async () => {
    execFileSync(
      'npx',
      [
        'tsc',
        '--outDir',
        path.join(home, 'dist'),
        '--rootDir',
        '.',
        '--module',
        'nodenext',
        '--target',
        'es2023',
        '--lib',
        'es2023',
        '--types',
        'node',
        '--skipLibCheck',
        '--ignoreConfig',
        'model/session.ts',
        'test/fixtures/graph.ts',
      ],
      { cwd: root, stdio: 'pipe' },
    );
    execFileSync('ln', ['-s', path.join(root, 'node_modules'), path.join(home, 'node_modules')]);
    const program = `
      import { openSession } from '${home}/dist/model/session.js';
      import { windowGraph } from '${home}/dist/test/fixtures/graph.js';
      const session = await openSession(windowGraph(2, 1, [2]));
      const { score } = await session.run({ x: { data: Float32Array.of(1, 5), dims: [1, 2, 1] } });
      await new Promise((done) => setTimeout(done, 500));
      console.log('score', score[0]);
    `;
    execFileSync('sh', ['-c', 'cat > "$0/package.json"', home], { input: '{"type":"module"}' });
    const trace = path.join(home, 'trace');
    const output = execFileSync(
      'strace',
      ['-f', '-e', 'trace=socket,connect,openat', '-o', trace, process.execPath, '--input-type=module', '-e', program],
      {
        cwd: home,
        env: { PATH: process.env.PATH ?? '', HOME: home },
      },
    );
    expect(output.toString()).toBe('score 1\n');
    const calls = (await readFile(trace, 'utf8')).split('\n');
    expect(calls.some((call) => call.includes('onnxruntime_binding.node'))).toBe(true);
    expect(calls.filter((call) => /socket\(|connect\(/.test(call))).toEqual([]);
    expect(
      calls.filter((call) => /openat\(.*O_(WRONLY|RDWR|CREAT)/.test(call) && !/"\/dev\/|"\/proc\//.test(call)),
    ).toEqual([]);
  });
});
