/** The program itself: help everywhere, bundles shown and verified, and errors as a user should see them. */
import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeBundle } from '../../model/bundle.js';
import { makeBundle } from '../fixtures/bundle.js';
import { startProgram } from '../fixtures/program.js';

let dir: string;
let bundle: string;
beforeAll(async () => {
  dir = mkdtempSync(path.join(tmpdir(), 'anomalyd-cli-'));
  bundle = path.join(dir, 'bundle');
  const { manifest, files } = makeBundle();
  const channels = manifest.channels.map((channel) => ({ ...channel, scale: Math.fround(0.3) }));
  await writeBundle(bundle, { ...manifest, channels }, files);
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

async function anomalyd(...args: string[]) {
  const program = startProgram(args, { cwd: dir });
  return { code: await program.ended, out: program.stdout(), err: program.stderr() };
}

const commands = ['run', 'check', 'replay', 'record', 'bundle'];

describe('anomalyd', () => {
  it('lists its commands and explains each', async () => {
    const { code, out } = await anomalyd('--help');
    expect(code).toBe(0);
    for (const command of commands) {
      expect(out).toMatch(new RegExp(`^  ${command} `, 'm'));
      const help = await anomalyd(command, '--help');
      expect(help.code).toBe(0);
      expect(help.out).toContain(`Usage: anomalyd ${command}`);
    }
  });

  it('tells its version', async () => {
    const version = /^\d+\.\d+\.\d+\n$/;
    expect((await anomalyd('version')).out).toMatch(version);
    expect((await anomalyd('--version')).out).toMatch(version);
  });

  it('guesses what a wrong word was meant to be', async () => {
    const { code, err } = await anomalyd('runn');
    expect(code).toBe(1);
    expect(err).toContain('Did you mean run?');
  });

  it('shows and verifies a bundle', async () => {
    const shown = await anomalyd('bundle', 'show', bundle);
    expect(shown.code).toBe(0);
    expect(shown.out).toContain('fixture 1');
    expect(shown.out).toMatch(/temperature +0 +± 0\.3$/m);
    expect(JSON.parse((await anomalyd('bundle', 'show', '--json', bundle)).out)).toMatchObject({ name: 'fixture' });
    const verified = await anomalyd('bundle', 'verify', bundle);
    expect([verified.code, verified.err]).toEqual([0, '']);
    expect(verified.out).toContain('holds');
  });

  it('refuses a tampered graph with place, remedy and 78', async () => {
    const { manifest, files } = makeBundle();
    const tampered = path.join(dir, 'tampered');
    await writeBundle(tampered, manifest, files);
    appendFileSync(path.join(tampered, 'mean.onnx'), 'x');
    const { code, err } = await anomalyd('bundle', 'verify', tampered);
    expect(code).toBe(78);
    expect(err.trim().split('\n')).toHaveLength(1);
    expect(err).toMatch(/^anomalyd: .*tampered\/manifest\.json \(detectors\[0\]\.sha256\): .*mean\.onnx.*SHA-256/);
  });

  it('replays a recording into files', async () => {
    const rows = Array.from({ length: 50 }, (_, i) => `${new Date(1.7e12 + 1000 * i).toISOString()},1,2,3`);
    writeFileSync(path.join(dir, 'pump.csv'), ['time,temperature,pressure,flow', ...rows].join('\n'));
    const { code, err } = await anomalyd('replay', '-b', bundle, '-i', 'pump.csv', '--scores', 'scores.csv');
    expect(code).toBe(0);
    expect(err).toContain('50 rows, 50 frames');
    const wrong = await anomalyd('replay', '-b', bundle, '-i', 'nothing.csv', '--budget', 'many');
    expect(wrong.code).toBe(78);
    expect(wrong.err).toContain('many is no number above 0');
  });
});
