import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runProgram } from '../../../training/tensorflow/program.js';

const node = (script: string, options: Partial<Parameters<typeof runProgram>[2]> = {}) =>
  runProgram(process.execPath, ['-e', script], { stallMs: 20_000, ...options });

describe('runProgram', () => {
  it('gives the output', async () => {
    await expect(node('console.log("a"); console.error("b")')).resolves.toMatch(/a|b/);
  });

  it('fails with the line that tells why', async () => {
    const script =
      'console.log("working"); console.log("fatal error: no such header"); console.log("bye"); process.exit(1)';
    await expect(node(script)).rejects.toThrow(/failed: fatal error: no such header$/);
  });

  it('kills what stalls, its children too', async () => {
    const script = 'require("child_process").spawn("sleep", ["30"], { stdio: "inherit" })';
    await expect(node(script, { stallMs: 1500 })).rejects.toThrow(/made no progress for 1.5 s$/);
  }, 10_000);

  it('lets a quiet program work while its folder grows, and tells how far it is', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'program-'));
    const sizes: number[] = [];
    const script = `const fs = require("fs"); let n = 0;
      const timer = setInterval(() => { fs.appendFileSync(${JSON.stringify(join(folder, 'file'))}, "x".repeat(100)); if (++n === 14) clearInterval(timer); }, 200)`;
    await node(script, { stallMs: 1500, watch: folder, onBytes: (bytes) => sizes.push(bytes) });
    expect(sizes.length).toBeGreaterThan(2);
    expect(sizes).toEqual(sizes.toSorted((a, b) => a - b));
    rmSync(folder, { recursive: true });
  }, 10_000);

  it('says when there is no such program', async () => {
    await expect(runProgram('no-such-program', [], { stallMs: 1000 })).rejects.toThrow('ENOENT');
  });
});
