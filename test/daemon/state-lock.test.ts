import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { lockState } from '../../daemon/state-lock.js';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(path.join(tmpdir(), 'anomalyd-lock-'));
});
afterEach(() => rmSync(dir, { recursive: true }));

describe('lockState', () => {
  it('lets one in at a time, and the next when that one has gone', async () => {
    const state = path.join(dir, 'state');
    const first = await lockState(state);
    await expect(lockState(state)).rejects.toThrow(`${state}: another anomalyd is at work with this state folder.`);
    await first.release();
    expect(readdirSync(state)).toEqual([]);
    const second = await lockState(state);
    await second.release();
  });

  it('takes over from a process that was killed', async () => {
    const file = path.join(dir, 'lock');
    const script = `require('node:net').createServer().listen(${JSON.stringify(file)}, () => console.log('held'))`;
    const child = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
    await once(child.stdout, 'data');
    await expect(lockState(dir)).rejects.toThrow('another anomalyd is at work');
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(existsSync(file)).toBe(true);
    const lock = await lockState(dir);
    await expect(lockState(dir)).rejects.toThrow('another anomalyd is at work');
    await lock.release();
  });

  it('leaves a file alone that is none of ours', async () => {
    writeFileSync(path.join(dir, 'lock'), 'mine');
    const lock = await lockState(dir);
    await lock.release();
    expect(readFileSync(path.join(dir, 'lock'), 'utf8')).toBe('mine');
  });

  it('locks nothing where there can be no socket', async () => {
    // Too long a name for one.
    const deep = path.join(dir, 'a'.repeat(120));
    const first = await lockState(deep);
    const second = await lockState(deep);
    await first.release();
    await second.release();
  });
});
