import { mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../../model/clock.js';
import { cacheHome, publish, sweep, withLock } from '../../../training/tensorflow/cache.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cache-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

describe('cacheHome', () => {
  it('follows the XDG base directory specification', () => {
    expect(cacheHome({ XDG_CACHE_HOME: '/x' })).toBe('/x/anomalyd');
    expect(cacheHome({ XDG_CACHE_HOME: '' })).toMatch(/\/\.cache\/anomalyd$/);
  });
});

describe('withLock', () => {
  it('lets one work at a time, and tells the others that they wait', async () => {
    const events: string[] = [];
    const work = (name: string) =>
      withLock(
        join(folder, 'lock'),
        systemClock,
        () => events.push(`${name} waits`),
        async () => {
          events.push(`${name} begins`);
          await sleep(50);
          events.push(`${name} ends`);
        },
      );
    await Promise.all([work('a'), work('b')]);
    expect(events.filter((event) => event.endsWith('waits'))).toHaveLength(1);
    const order = events.filter((event) => !event.endsWith('waits'));
    expect(order[0]?.[0]).toBe(order[1]?.[0]);
    expect(order[2]?.[0]).toBe(order[3]?.[0]);
    expect(readdirSync(folder)).toEqual([]);
  });

  it('takes the lock of a process that was killed', async () => {
    const lock = join(folder, 'lock');
    writeFileSync(lock, '1');
    const longAgo = systemClock.now() / 1000 - 60;
    utimesSync(lock, longAgo, longAgo);
    await expect(
      withLock(
        lock,
        systemClock,
        () => {},
        async () => 'done',
      ),
    ).resolves.toBe('done');
  });

  it('is free again after a failure', async () => {
    const fail = () =>
      withLock(
        join(folder, 'lock'),
        systemClock,
        () => {},
        () => Promise.reject(new Error('no')),
      );
    await expect(fail()).rejects.toThrow('no');
    await expect(fail()).rejects.toThrow('no');
  });
});

describe('publish', () => {
  it('shows nothing until all is there, and nothing of what failed', async () => {
    const dir = join(folder, 'made');
    await expect(
      publish(dir, async (scratch) => {
        writeFileSync(join(scratch, 'half'), '');
        throw new Error('broke');
      }),
    ).rejects.toThrow('broke');
    expect(readdirSync(folder)).toEqual([]);
    await publish(dir, async (scratch) => {
      writeFileSync(join(scratch, 'whole'), 'first');
      expect(readdirSync(folder)).not.toContain('made');
    });
    expect(readdirSync(dir)).toEqual(['whole']);
  });

  it('keeps what another process published first', async () => {
    const dir = join(folder, 'made');
    const write = (text: string) => publish(dir, async (scratch) => writeFileSync(join(scratch, 'file'), text));
    await write('first');
    await write('second');
    expect(readFileSync(join(dir, 'file'), 'utf8')).toBe('first');
    expect(readdirSync(folder)).toEqual(['made']);
  });
});

describe('sweep', () => {
  it('removes what a killed process left, and nothing else', async () => {
    for (const name of ['made.scratch-abc', 'other']) writeFileSync(join(folder, name), '');
    await sweep(join(folder, 'made'));
    expect(readdirSync(folder)).toEqual(['other']);
  });
});
