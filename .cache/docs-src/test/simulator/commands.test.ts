import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { connectAsync } from 'mqtt';
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';
import { runCommand } from '../../simulator/command-line.js';
import { simulateProgram } from '../../simulator/commands.js';
import { startBroker } from '../../simulator/demo/broker.js';

const folder = mkdtempSync(path.join(tmpdir(), 'anomalyd-simulate-'));
afterAll(() => rmSync(folder, { recursive: true }));
afterEach(() => vi.restoreAllMocks());

const file = (name: string): string => path.join(folder, name);

async function run(...args: string[]): Promise<{ code: number; said: string }> {
  const said: string[] = [];
  vi.spyOn(console, 'error').mockImplementation((text: string) => said.push(text));
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => said.push(String(text)) > 0);
  return { code: await runCommand(simulateProgram(), args), said: said.join('\n') };
}

describe('record', () => {
  it('writes recording and truth, the same bytes for the same flags', async () => {
    const flags = ['--assets', '3', '--duration', '2m', '--faults', 'random', '--truth', file('truth.json')];
    for (const name of ['a.ndjson', 'b.ndjson']) {
      expect((await run('record', '--output', file(name), ...flags)).code).toBe(0);
    }
    const [a, b] = ['a.ndjson', 'b.ndjson'].map((name) => readFileSync(file(name), 'utf8'));
    expect(a).toBe(b);
    expect(JSON.parse(a!.slice(0, a!.indexOf('\n')))).toMatchObject({ time: Date.UTC(2026, 0, 5, 8) });
    const truth = JSON.parse(readFileSync(file('truth.json'), 'utf8'));
    expect(truth.assets).toEqual(['pump-1', 'pump-2', 'pump-3']);
    expect(truth.faults.length).toBeGreaterThan(0);
  });

  it('writes CSV where the name says so, from the time asked for', async () => {
    const { code, said } = await run(
      ...['record', '--output', file('c.csv'), '--assets', '1', '--duration', '5s', '--rate', '2'],
      ...['--start', '2026-03-01T00:00:00Z'],
    );
    expect([code, said]).toEqual([0, `${file('c.csv')}: 10 rows of 1 assets, 0 faults.`]);
    expect(readFileSync(file('c.csv'), 'utf8').split('\n')[2]).toMatch(/^2026-03-01T00:00:00\.500Z,pump-1,/);
  });
});

describe('a bad call is one paragraph and exit code 78:', () => {
  it.each([
    [['record', '--output', '/tmp/x.csv', '--duration', 'long'], /--duration: "long" is no duration.*15m/],
    [['record', '--output', '/tmp/x.csv', '--faults', 'pump-1:rust@1m'], /--faults: no fault "rust"/],
    [['record', '--output', '/tmp/x.csv', '--start', 'noon'], /--start: "noon" is no time.*2026/],
    [['record', '--output', '/nowhere/x.csv', '--duration', '1s'], /\/nowhere\/x\.csv: can't write the recording/],
    [['record', '--output', '/tmp/x.csv', '--rate', '99'], /--rate.*from 0\.1 to 10/],
    [['record'], /--output/],
    [['publish', '--broker', 'mqtt://127.0.0.1:1'], /--broker: can't connect.*ECONNREFUSED.*Is the broker running/],
  ])('%j', async (args, message) => {
    const { code, said } = await run(...args);
    expect(code).toBe(78);
    expect(said).toMatch(message);
  });
});

it('publish sends the run to a broker, never from the future, and writes the truth', async () => {
  const broker = await startBroker();
  const listener = await connectAsync(broker.url);
  const heard: number[] = [];
  listener.on('message', (_topic, payload) => heard.push(JSON.parse(payload.toString()).ts - Date.now()));
  await listener.subscribeAsync('plant/+/+/telemetry', { qos: 1 });
  const flags = ['--assets', '2', '--duration', '30s', '--speed', '60', '--truth', file('live.json')];
  const { code, said } = await run('publish', '--broker', broker.url, ...flags);
  expect([code, said]).toEqual([0, '60 messages of 2 assets published.']);
  await expect.poll(() => heard.length).toBe(60);
  expect(Math.max(...heard)).toBeLessThan(500);
  expect(Math.min(...heard)).toBeGreaterThan(-32_000);
  expect(JSON.parse(readFileSync(file('live.json'), 'utf8')).assets).toEqual(['pump-1', 'pump-2']);
  await listener.endAsync();
  await broker.close();
});
