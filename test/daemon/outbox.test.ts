import { spawn } from 'node:child_process';
import fs, { appendFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Outbox, type OutMessage } from '../../daemon/outbox.js';
import { compile } from '../fixtures/compile.js';

let dir = '';
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'outbox-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const event = (n: number): OutMessage => ({ topic: 'a/event', payload: (seq) => `${seq}:${n}`, retain: false });
const state = (topic: string, payload: string): OutMessage => ({ topic, payload, retain: true });

/** A broker that takes everything. */
function taker() {
  const taken: string[] = [];
  return { taken, publish: async (topic: string, payload: string) => void taken.push(`${topic} ${payload}`) };
}

describe('order and numbers', () => {
  it('sends in the order of put, events numbered without a gap', async () => {
    const outbox = Outbox.open(dir);
    const { taken, publish } = taker();
    outbox.put([event(1), state('s', 'x')]);
    outbox.put([event(2)]);
    await outbox.pump(publish);
    expect(taken).toEqual(['a/event 1:1', 's x', 'a/event 2:2']);
    expect(outbox.size).toBe(0);
    outbox.close();
    const again = Outbox.open(dir);
    expect(again.size).toBe(0);
    again.put([event(3)]);
    await again.pump(publish);
    expect(taken.at(-1)).toBe('a/event 3:3');
    again.close();
  });

  it('sends what is put while it sends', async () => {
    const outbox = Outbox.open(dir);
    const taken: string[] = [];
    outbox.put([event(1)]);
    await outbox.pump(async (_topic, payload) => {
      taken.push(payload);
      if (taken.length < 5) outbox.put([event(taken.length + 1)]);
    });
    expect(taken).toEqual(['1:1', '2:2', '3:3', '4:4', '5:5']);
    outbox.close();
  });

  it('of retained messages of a topic only the newest is sent, in its place', async () => {
    const outbox = Outbox.open(dir);
    const { taken, publish } = taker();
    outbox.put([state('s', 'old'), event(1), state('t', '1')]);
    outbox.put([state('s', 'new')]);
    expect(outbox.size).toBe(3);
    outbox.close();
    const again = Outbox.open(dir);
    await again.pump(publish);
    expect(taken).toEqual(['a/event 1:1', 't 1', 's new']);
    again.close();
  });

  it('a state that failed is not sent after a newer one of its topic', async () => {
    const outbox = Outbox.open(dir);
    const { taken, publish } = taker();
    let fail: (error: Error) => void = () => {};
    outbox.put([state('s', 'old')]);
    const first = outbox.pump(async (_topic, payload) => {
      if (payload === 'old')
        await new Promise<void>((_resolve, reject) => {
          fail = reject;
        });
    });
    outbox.put([state('s', 'new')]);
    fail(new Error('gone'));
    await first;
    await outbox.pump(publish);
    expect(taken).toEqual(['s new']);
    expect(outbox.size).toBe(0);
    outbox.close();
  });

  it('keeps what fails, and a second pump joins the first', async () => {
    const outbox = Outbox.open(dir);
    outbox.put([event(1), event(2)]);
    let calls = 0;
    const refuse = async () => {
      calls++;
      throw new Error('not connected');
    };
    const pumps = [outbox.pump(refuse), outbox.pump(refuse)];
    expect(pumps[0]).toBe(pumps[1]);
    await Promise.all(pumps);
    expect(outbox.size).toBe(2);
    expect(calls).toBeLessThanOrEqual(2);
    outbox.close();
  });
});

describe('bounds', () => {
  it('drops the oldest events, never a state, and counts them', async () => {
    const outbox = Outbox.open(dir, { maxMessages: 3 });
    outbox.put([state('s', 'x')]);
    for (let n = 1; n <= 5; n++) outbox.put([event(n)]);
    expect(outbox.dropped).toBe(3);
    outbox.close();
    const again = Outbox.open(dir, { maxMessages: 3 });
    const { taken, publish } = taker();
    await again.pump(publish);
    expect(taken).toEqual(['s x', 'a/event 4:4', 'a/event 5:5']);
    again.close();
  });

  it('bounds the bytes too', () => {
    const outbox = Outbox.open(dir, { maxBytes: 1000 });
    for (let n = 0; n < 10; n++) outbox.put([{ topic: 'a', payload: 'x'.repeat(300), retain: false }]);
    expect(outbox.bytes).toBeLessThanOrEqual(1000);
    expect(outbox.dropped).toBe(7);
    outbox.close();
  });

  it('the file does not grow for ever, and memos stay', async () => {
    const options = { compactBytes: 20_000, fsync: 'never' } as const;
    const outbox = Outbox.open(dir, options);
    const { publish } = taker();
    for (let n = 0; n < 2000; n++) {
      outbox.put([event(n)], { 'alarm/a': { n }, 'alarm/b': n % 2 === 0 ? { n } : undefined });
      if (n % 50 === 0) await outbox.pump(publish);
    }
    expect(statSync(join(dir, 'outbox.ndjson')).size).toBeLessThan(50_000);
    outbox.close();
    const again = Outbox.open(dir, options);
    expect([...again.memos]).toEqual([['alarm/a', { n: 1999 }]]);
    expect(again.seq).toBe(2000);
    expect(again.size).toBe(49);
    again.close();
  });
});

describe('damage', () => {
  it('a torn end and a bad line lose themselves alone', async () => {
    const outbox = Outbox.open(dir);
    outbox.put([event(1)]);
    outbox.close();
    const file = join(dir, 'outbox.ndjson');
    writeFileSync(file, `\u0000\u0000garbage\n${readFileSync(file, 'utf8')}`);
    appendFileSync(file, '{"n":2,"m":[{"topic":"a/ev');
    const again = Outbox.open(dir);
    expect(again.broken).toBe(2);
    again.put([event(2)]);
    again.close();
    const third = Outbox.open(dir);
    const { taken, publish } = taker();
    await third.pump(publish);
    expect(taken).toEqual(['a/event 1:1', 'a/event 2:2']);
    third.close();
  });

  it('a folder that can not be used is said so', () => {
    writeFileSync(join(dir, 'file'), '');
    expect(() => Outbox.open(join(dir, 'file', 'deeper'))).toThrow(/the state folder can't be used/);
  });

  it('a disk that refuses loses nothing while we live', async () => {
    const outbox = Outbox.open(dir);
    // A folder in the place of the file that a rewrite needs, and a closed descriptor: every write fails.
    mkdirSync(join(dir, 'outbox.ndjson.tmp'));
    outbox.close();
    outbox.put([event(1)]);
    expect(outbox.failures).toBeGreaterThan(0);
    expect(outbox.size).toBe(1);
  });

  it('a disk that was full has everything when there is room again', () => {
    const told: (string | undefined)[] = [];
    const outbox = Outbox.open(dir, { onDisk: (refusal) => told.push(refusal) });
    outbox.put([], { 'alarm/pump-1': 'normal' });
    const write = fs.writeSync;
    fs.writeSync = () => {
      throw new Error('ENOSPC: no space left on device, write');
    };
    syncBuiltinESMExports();
    try {
      outbox.put([event(1)], { 'alarm/pump-1': 'active' });
      outbox.put([event(2)]);
    } finally {
      fs.writeSync = write;
      syncBuiltinESMExports();
    }
    expect(told).toEqual(['ENOSPC: no space left on device, write']);
    outbox.put([event(3)]);
    expect(told.at(1)).toBeUndefined();
    expect(told).toHaveLength(2);
    // No close: as after a kill.
    const again = Outbox.open(dir);
    expect(again.size).toBe(3);
    expect(again.memos.get('alarm/pump-1')).toBe('active');
    again.close();
    outbox.close();
  });
});

describe('kill -9', () => {
  it('loses nothing that was put, repeats only what was under way, keeps state and messages together', async () => {
    const program = join(dir, 'program');
    mkdirSync(program);
    const child = compile('test/fixtures/outbox-child.ts', program);
    const box = join(dir, 'box');
    const got: number[] = [];
    let acknowledged = 0;
    for (let round = 0; round < 8; round++) {
      const process = spawn(globalThis.process.execPath, [child, box], { stdio: ['ignore', 'pipe', 'inherit'] });
      let text = '';
      process.stdout.on('data', (data) => {
        text += data;
      });
      while (!text.includes('put')) await sleep(5);
      await sleep(10 + 15 * round);
      process.kill('SIGKILL');
      await new Promise((resolve) => process.once('close', resolve));
      for (const line of text.split('\n').slice(0, -1)) {
        const [what, seq] = line.split(' ');
        if (what === 'put') acknowledged = Math.max(acknowledged, Number(seq));
        if (what === 'sent') got.push(Number(seq));
      }
    }
    const outbox = Outbox.open(box);
    expect(outbox.memos.get('last')).toBe(outbox.seq);
    await outbox.pump(async (_topic, payload) => void got.push(Number(payload)));
    outbox.close();
    expect(outbox.seq).toBeGreaterThanOrEqual(acknowledged);
    expect(acknowledged).toBeGreaterThan(50);
    // Every number is there, and the first sight of each is in order.
    const firsts = [...new Set(got)];
    expect(firsts).toEqual(Array.from({ length: outbox.seq }, (_, k) => k + 1));
    expect(got.length - firsts.length).toBeLessThanOrEqual(8 * 65);
  });
});
