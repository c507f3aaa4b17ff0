import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { connectAsync } from 'mqtt';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../model/clock.js';
import { openConnection } from '../../simulator/connection.js';
import { constantPace } from '../../simulator/pace.js';
import { fleet, simulate } from '../../simulator/plant.js';
import { areaOf, publicationsOf, publish } from '../../simulator/publish.js';
import { has, real, which } from '../fixtures/tools.js';

const message = {
  asset: 'pump-5',
  timeMs: 1000,
  deliveryMs: 1010,
  values: { temperature: 40.1, pressure: 5.5, flow: null, current: 20, vibration: 1.2 },
};

describe('publicationsOf', () => {
  it('puts a row into one message', () => {
    expect(publicationsOf(message, 'plant/{area}/{asset}/telemetry')).toEqual([
      {
        topic: 'plant/hall-2/pump-5/telemetry',
        payload: '{"ts":1000,"temperature":40.1,"pressure":5.5,"flow":null,"current":20,"vibration":1.2}',
      },
    ]);
  });

  it('or each signal into one of its own', () => {
    const all = publicationsOf(message, '{asset}/{signal}');
    expect(all).toHaveLength(5);
    expect(all[2]).toEqual({ topic: 'pump-5/flow', payload: '{"ts":1000,"value":null}' });
  });

  it('four pumps stand in a hall', () => {
    expect(fleet(5).map(areaOf)).toEqual(['hall-1', 'hall-1', 'hall-1', 'hall-1', 'hall-2']);
  });
});

describe.skipIf(!has('mosquitto'))(real('publish over mosquitto', 'mosquitto'), () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'anomalyd-publish-'));
  const passwordFile = path.join(folder, 'password');
  let broker: ChildProcess;
  let url = '';

  beforeAll(async () => {
    const port = await freePort();
    url = `mqtt://127.0.0.1:${port}`;
    const passwords = path.join(folder, 'passwords');
    writeFileSync(passwords, 'press:open sesame\n', { mode: 0o644 });
    // mosquitto_passwd hashes the file in place.
    await finished(spawn(which('mosquitto_passwd') ?? 'mosquitto_passwd', ['-U', passwords]));
    writeFileSync(passwordFile, 'open sesame\n');
    const config = path.join(folder, 'mosquitto.conf');
    writeFileSync(config, `listener ${port} 127.0.0.1\nallow_anonymous false\npassword_file ${passwords}\nuser root\n`);
    broker = spawn(which('mosquitto') ?? 'mosquitto', ['-c', config], { stdio: 'ignore' });
    await connected(url);
  });

  afterAll(async () => {
    broker.kill();
    await finished(broker);
    rmSync(folder, { recursive: true });
  });

  it('every message arrives, in order, at the pace asked for', async () => {
    const plant = { seed: 1, assets: fleet(3), rateHz: 1, startMs: Date.UTC(2026, 0, 5, 8), durationS: 60 };
    const listener = await connectAsync(url, { username: 'press', password: 'open sesame' });
    const heard: { topic: string; row: { ts: number; flow: number } }[] = [];
    listener.on('message', (topic, payload) => heard.push({ topic, row: JSON.parse(payload.toString()) }));
    await listener.subscribeAsync('plant/#', { qos: 1 });

    const client = await openConnection({ broker: url, username: 'press', passwordFile });
    const begun = performance.now();
    const options = { topic: 'plant/{area}/{asset}/telemetry', qos: 1, clock: systemClock } as const;
    const sent = await publish(client, simulate(plant), { ...options, pace: constantPace(plant.startMs, 60) });
    const tookMs = performance.now() - begun;
    await client.endAsync();
    await expect.poll(() => heard.length).toBe(180);
    await listener.endAsync();

    expect(sent).toBe(180);
    expect(tookMs).toBeGreaterThan(950);
    expect(tookMs).toBeLessThan(3000);
    const expected = [...simulate(plant)];
    expect(heard.map(({ row }) => row.ts)).toEqual(expected.map(({ timeMs }) => timeMs));
    expect(heard.map(({ row }) => row.flow)).toEqual(expected.map(({ values }) => values.flow));
    expect(new Set(heard.map(({ topic }) => topic))).toEqual(
      new Set(fleet(3).map((asset) => `plant/hall-1/${asset}/telemetry`)),
    );
  });

  it('stops when told to', async () => {
    const plant = { seed: 1, assets: fleet(1), rateHz: 10, startMs: 0, durationS: 3600 };
    const client = await openConnection({ broker: url, username: 'press', passwordFile });
    const stop = new AbortController();
    setTimeout(() => stop.abort(), 300);
    const options = { topic: 't/{asset}', qos: 0, clock: systemClock, signal: stop.signal } as const;
    const sent = await publish(client, simulate(plant), { ...options, pace: constantPace(0, 1) });
    await client.endAsync();
    expect(sent).toBeGreaterThan(0);
    expect(sent).toBeLessThan(20);
  });

  it('a wrong password is an error with place and remedy, without the password', async () => {
    const wrong = path.join(folder, 'wrong');
    writeFileSync(wrong, 'sesame street');
    const error = await openConnection({ broker: url, username: 'press', passwordFile: wrong }).catch((e: Error) => e);
    expect(String(error)).toMatch(/--broker: can't connect to mqtt:\/\/127.*[Nn]ot authorized.*password/);
    expect(String(error)).not.toContain('street');
  });
});

it('a broker that is not there is an error with place and remedy', async () => {
  const broker = `mqtt://me:hush@127.0.0.1:${await freePort()}`;
  const error = await openConnection({ broker }).catch((e: Error) => e);
  expect(String(error)).toMatch(
    /--broker: can't connect to mqtt:\/\/127\.0\.0\.1:\d+: .*ECONNREFUSED.*Is the broker running/,
  );
  expect(String(error)).not.toContain('hush');
});

it('a password file that is not there is named', async () => {
  const error = await openConnection({ broker: 'mqtt://127.0.0.1:1', passwordFile: '/nowhere/pw' }).catch(
    (e: Error) => e,
  );
  expect(String(error)).toMatch(/\/nowhere\/pw \(--password-file\): can't read it: ENOENT/);
});

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address !== null ? address.port : 0;
}

async function connected(to: string): Promise<void> {
  for (let attempt = 0; attempt < 100; attempt++) {
    const client = await connectAsync(to, { username: 'press', password: 'open sesame' }, false).catch(() => undefined);
    if (client !== undefined) return client.endAsync();
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`no broker came up at ${to}`);
}

function finished(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) resolve();
    else child.once('exit', () => resolve());
  });
}
