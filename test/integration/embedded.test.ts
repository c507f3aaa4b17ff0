/** `anomalyd run` with its own broker: sensors and people connect straight to it. */
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import mqtt, { type IClientOptions } from 'mqtt';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AlarmMessage } from '../../daemon/message/alarm.js';
import { makeCertificates } from '../fixtures/certificates.js';
import { channels, type Gateway, joinPlant, makeGateway, ready } from '../fixtures/gateway.js';
import { freePort } from '../fixtures/mosquitto.js';
import { eventually, type Program } from '../fixtures/program.js';
import { has, real } from '../fixtures/tools.js';

const start = Date.now() - 120_000;
const normal = [0.1, -0.1, 0.05];
const broken = [40, -0.1, 0.05];

let port: number;
let gateway: Gateway;
let program: Program | undefined;

async function run(embedded: Record<string, unknown> = {}): Promise<void> {
  gateway.write({ broker: { embedded: { listen: `127.0.0.1:${port}`, ...embedded } } });
  program = gateway.run();
  await ready(gateway, program);
}
/** Connects once, or says why not. */
const connect = (options: IClientOptions = {}, scheme = 'mqtt') =>
  mqtt.connectAsync(`${scheme}://localhost:${port}`, { reconnectPeriod: 0, connectTimeout: 5000, ...options }, false);
const row = (second: number, values: readonly number[]) =>
  JSON.stringify({ time: start + second * 1000, ...Object.fromEntries(channels.map((name, i) => [name, values[i]])) });
const scored = () => gateway.metric('anomalyd_frames_scored_total{bundle="pumps"}');

beforeEach(async () => {
  port = await freePort();
  gateway = await makeGateway('mqtt://localhost:1');
});
afterEach(async () => {
  await program?.end('SIGKILL');
  program = undefined;
  gateway.remove();
});

describe('the embedded broker', () => {
  it('takes readings, and tells subscribers of alarms as any broker does', async () => {
    await run();
    const plant = await joinPlant(`mqtt://127.0.0.1:${port}`, 4);
    await eventually('who is online', () => plant.newest('bridge/state') !== undefined);
    for (let i = 0; i < 20; i++) await plant.row('pump-1', start + i * 1000, normal);
    for (let i = 20; i < 30; i++) await plant.row('pump-1', start + i * 1000, broken);
    const alarm = await eventually('the alarm', () => plant.newest<AlarmMessage>('pump-1/alarm/machine-anomaly'));
    expect(alarm).toMatchObject({ asset: 'pump-1', state: 'active' });
    await eventually('all frames', async () => (await scored()) === 30);
    expect(await program?.end()).toBe(0);
    program = undefined;
    await plant.end();
  });

  it('lets in who has the password, and only to the topics that are theirs', async () => {
    await run({
      users: { sensor: 'sesame', operator: 'open' },
      permissions: [
        { users: ['sensor'], publish: ['plant/+/telemetry'] },
        { users: ['operator'], subscribe: ['anomalyd/#'], publish: ['anomalyd/gw/bridge/request/#'] },
      ],
    });
    await expect(connect()).rejects.toThrow(/not authorized/i);
    await expect(connect({ username: 'sensor', password: 'open' })).rejects.toThrow(/not authorized/i);
    await expect(connect({ username: 'nobody', password: 'sesame' })).rejects.toThrow(/not authorized/i);
    const sensor = await connect({ username: 'sensor', password: 'sesame' });
    await sensor.publishAsync('plant/pump-1/telemetry', row(0, normal), { qos: 1 });
    await eventually('the frame', async () => (await scored()) === 1);
    await expect(sensor.subscribeAsync('anomalyd/#')).rejects.toThrow();
    const ended = new Promise<void>((resolve) => sensor.once('close', () => resolve()));
    sensor.publish('anomalyd/gw/bridge/request/alarm/ack', '{}');
    await ended;
    const operator = await connect({ username: 'operator', password: 'open' });
    expect((await operator.subscribeAsync('anomalyd/#'))[0]?.qos).toBe(0);
    await operator.endAsync();
    await eventually('what the log says', () => program?.stderr().includes('may not publish'));
    for (const secret of ['sesame', '"open"']) expect(program?.stderr()).not.toContain(secret);
  });

  it.skipIf(!has('mosquitto_passwd'))(
    real('reads the password file again on SIGHUP, and throws out who is no longer in it', 'mosquitto_passwd'),
    async () => {
      const file = path.join(gateway.dir, 'passwords');
      const passwords = (...users: string[]) => {
        writeFileSync(file, '');
        for (const user of users) execFileSync('mosquitto_passwd', ['-b', file, user, 'pw'], { stdio: 'pipe' });
        return readFileSync(file, 'utf8');
      };
      const both = passwords('a', 'b');
      await run({ passwordFile: file });
      const [a, b] = [
        await connect({ username: 'a', password: 'pw' }),
        await connect({ username: 'b', password: 'pw' }),
      ];
      const gone = new Promise<void>((resolve) => b.once('close', () => resolve()));
      writeFileSync(file, `${both.split('\n')[0]}\n`);
      program?.child.kill('SIGHUP');
      await gone;
      await expect(connect({ username: 'b', password: 'pw' })).rejects.toThrow(/not authorized/i);
      expect(a.connected).toBe(true);
      await a.publishAsync('plant/pump-1/telemetry', row(0, normal), { qos: 1 });
      await eventually('the frame', async () => (await scored()) === 1);
      await a.endAsync();
    },
  );

  it('moves to another port on SIGHUP, and stays where it is when that one is taken', async () => {
    await run();
    const other = await freePort();
    gateway.write({ broker: { embedded: { listen: `127.0.0.1:${other}` } } });
    program?.child.kill('SIGHUP');
    const moved = await eventually('the new port', () =>
      mqtt.connectAsync(`mqtt://127.0.0.1:${other}`, { reconnectPeriod: 0 }, false).catch(() => undefined),
    );
    await moved?.publishAsync('plant/pump-1/telemetry', row(0, normal), { qos: 1 });
    await eventually('the frame', async () => (await scored()) === 1);
    await expect(connect()).rejects.toThrow();
    const thief = createServer().listen(port, '127.0.0.1');
    gateway.write({ broker: { embedded: { listen: `127.0.0.1:${port}` } } });
    program?.child.kill('SIGHUP');
    await eventually('a word', () => program?.stderr().includes('is taken by another program'));
    thief.close();
    const again = await eventually('the old port', () =>
      mqtt.connectAsync(`mqtt://127.0.0.1:${other}`, { reconnectPeriod: 0 }, false).catch(() => undefined),
    );
    await again?.publishAsync('plant/pump-1/telemetry', row(1, normal), { qos: 1 });
    await eventually('the next frame', async () => (await scored()) === 2);
    await moved?.endAsync(true);
    await again?.endAsync(true);
  });

  it('speaks TLS; with an authority the certificate is the login', async () => {
    const { ca, server, client } = makeCertificates(gateway.dir, { clientName: 'sensor' });
    const tls = { cert: server.cert, key: server.key };
    await run({ tls: { ...tls, ca }, permissions: [{ users: ['sensor'], publish: ['plant/#'] }] });
    const trust = { ca: readFileSync(ca) };
    await expect(connect({ connectTimeout: 1000 })).rejects.toThrow();
    await expect(connect(trust, 'mqtts')).rejects.toThrow();
    const sensor = await connect({ ...trust, cert: readFileSync(client.cert), key: readFileSync(client.key) }, 'mqtts');
    await sensor.publishAsync('plant/pump-1/telemetry', row(0, normal), { qos: 1 });
    await eventually('the frame', async () => (await scored()) === 1);
    await sensor.endAsync();
  });

  it('ends with 78 when its port is taken, and for a config that would let everyone in', async () => {
    const thief = createServer().listen(port, '127.0.0.1');
    gateway.write({ broker: { embedded: { listen: `127.0.0.1:${port}` } } });
    program = gateway.run();
    expect(await program.ended).toBe(78);
    expect(program.stderr()).toContain(`127.0.0.1:${port} is taken by another program`);
    thief.close();
    gateway.write({ broker: { embedded: { listen: `:${port}` } } });
    program = gateway.run();
    expect(await program.ended).toBe(78);
    expect(program.stderr()).toContain('(broker.embedded.listen): would let everyone in');
  });
});
