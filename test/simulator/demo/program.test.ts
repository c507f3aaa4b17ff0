import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { connectAsync } from 'mqtt';
import { afterAll, describe, expect, it } from 'vitest';
import { freePort, startBroker } from '../../../simulator/demo/broker.js';
import { runProgram, startProgram } from '../../../simulator/demo/program.js';

const folder = mkdtempSync(path.join(tmpdir(), 'anomalyd-program-'));
afterAll(() => rmSync(folder, { recursive: true }));

function script(name: string, text: string): string {
  const file = path.join(folder, name);
  writeFileSync(file, text);
  return file;
}

describe('runProgram', () => {
  const never = new AbortController().signal;

  it('resolves with the exit code', async () => {
    const file = script('code.mjs', 'process.exit(Number(process.argv[2]))');
    expect(await runProgram(file, ['0'], never)).toBe(0);
    expect(await runProgram(file, ['78'], never)).toBe(78);
  });

  it('ends a program that is not wanted any more', async () => {
    const stop = new AbortController();
    setTimeout(() => stop.abort(), 200);
    expect(await runProgram(script('wait.mjs', 'setTimeout(() => {}, 60_000)'), [], stop.signal)).toBe(130);
  });
});

describe('startProgram', () => {
  it('keeps what it says in the log, and stops it gently', async () => {
    const file = script(
      'serve.mjs',
      'process.on("SIGTERM", () => { console.error("down"); process.exit(0); }); setInterval(() => {}, 1000); console.error("up");',
    );
    const program = startProgram(file, [], path.join(folder, 'log'));
    await expect.poll(() => program.lastWords(1), { timeout: 5000 }).toBe('up');
    expect(await program.stop()).toBe(0);
    expect(program.lastWords(2)).toBe('up\ndown');
  });

  it('tells when it ends by itself', async () => {
    const program = startProgram(script('die.mjs', 'process.exit(3)'), [], path.join(folder, 'log'));
    expect(await program.ended).toEqual({ code: 3 });
  });
});

describe('startBroker', () => {
  it('carries retained states and QoS 1 messages, on this machine only, and frees its port', async () => {
    const broker = await startBroker();
    expect(broker.url).toMatch(/^mqtt:\/\/127\.0\.0\.1:\d+$/);
    const [a, b] = [await connectAsync(broker.url), await connectAsync(broker.url)];
    await a.publishAsync('state', 'online', { retain: true, qos: 1 });
    const heard: string[] = [];
    b.on('message', (topic, payload) => heard.push(`${topic} ${payload}`));
    await b.subscribeAsync('#', { qos: 1 });
    await a.publishAsync('alert', 'one', { qos: 1 });
    await expect.poll(() => heard).toEqual(['state online', 'alert one']);
    await a.endAsync();
    await b.endAsync();
    await broker.close();
    await expect(connectAsync(broker.url, { connectTimeout: 1000 }, false)).rejects.toThrow();
    expect(await freePort()).toBeGreaterThan(0);
  });
});
