/** The broker config for plants: a real mosquitto keeps machines, daemon and operators to what the access list grants. */
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import mqtt, { type MqttClient } from 'mqtt';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePort, type Mosquitto, startMosquitto } from '../fixtures/mosquitto.js';
import { has, real, which } from '../fixtures/tools.js';

const folder = path.resolve(import.meta.dirname, '../../deploy/mosquitto');
const read = (file: string) => readFileSync(path.join(folder, file), 'utf8');
const tools = ['mosquitto', 'mosquitto_passwd'] as const;

describe.skipIf(!has(...tools))(real('the broker', ...tools), () => {
  let mosquitto: Mosquitto;
  const clients = new Map<string, MqttClient>();
  const heard = new Map<string, string[]>();

  beforeAll(async () => {
    const users = Object.fromEntries(['anomalyd', 'operator', 'pump-1', 'pump-2'].map((user) => [user, `of ${user}`]));
    mosquitto = await startMosquitto({ users, acl: read('anomalyd.acl') });
    for (const user of Object.keys(users)) {
      const client = await mqtt.connectAsync(mosquitto.url, {
        protocolVersion: 5,
        username: user,
        password: `of ${user}`,
      });
      clients.set(user, client);
      heard.set(user, []);
      client.on('message', (topic) => heard.get(user)?.push(topic));
      await client.subscribeAsync('#', { qos: 1 });
    }
  });
  afterAll(async () => {
    for (const client of clients.values()) await client.endAsync();
    await mosquitto?.stop();
  });

  it('starts with the config as it is, but for places', async () => {
    const dir = mkdtempSync(path.join(tmpdir(), 'anomalyd-acl-'));
    try {
      execFileSync('mosquitto_passwd', ['-b', '-c', path.join(dir, 'anomalyd.passwd'), 'anomalyd', 'secret'], {
        stdio: 'pipe',
      });
      writeFileSync(path.join(dir, 'anomalyd.acl'), read('anomalyd.acl'));
      const config = read('mosquitto.conf')
        .replaceAll('/etc/mosquitto/', `${dir}/`)
        .replace('listener 1883', `listener ${await freePort()}`);
      writeFileSync(path.join(dir, 'mosquitto.conf'), `${config}\npersistence_location ${dir}/\nuser root\n`);
      const child = spawn(which('mosquitto') ?? 'mosquitto', ['-v', '-c', path.join(dir, 'mosquitto.conf')], {
        stdio: ['ignore', 'ignore', 'pipe'],
      });
      let log = '';
      for await (const chunk of child.stderr) {
        log += String(chunk);
        if (/ running|Error/.test(log)) break;
      }
      child.kill();
      expect(log).toMatch(/ running/);
      expect(log.replace(/.*Warning: Mosquitto should not be run as root.*/, '')).not.toMatch(/error|warning/i);
    } finally {
      rmSync(dir, { recursive: true, force: true });
    }
  });

  it('lets nobody in without a name', async () => {
    await expect(mqtt.connectAsync(mosquitto.url, { reconnectPeriod: 0 })).rejects.toThrow(/not authorized/i);
  });

  it.each([
    ['pump-1', 'plant/hall/pump-1/telemetry', ['anomalyd', 'operator']],
    ['pump-1', 'plant/hall/pump-2/telemetry', []],
    ['pump-1', 'anomalyd/gw/pump-1/alarm/machine-anomaly', []],
    ['anomalyd', 'anomalyd/gw/pump-1/alarm/machine-anomaly', ['anomalyd', 'operator']],
    ['anomalyd', 'plant/hall/pump-1/telemetry', []],
    ['operator', 'anomalyd/gw/bridge/request/acknowledge', ['anomalyd', 'operator']],
    ['operator', 'anomalyd/gw/pump-1/alarm/machine-anomaly', []],
    ['operator', 'plant/hall/pump-1/telemetry', []],
  ])('%s writes %s: heard by %j', async (user, topic, hearers) => {
    for (const topics of heard.values()) topics.length = 0;
    // A client of its own: mosquitto 2.0.11 throws out who writes where it may not, after MQTT 5's polite no.
    const options = { protocolVersion: 5, username: user, password: `of ${user}`, reconnectPeriod: 0 } as const;
    const writer = await mqtt.connectAsync(mosquitto.url, options);
    const answer = await writer.publishAsync(topic, '1', { qos: 1 }).then(() => 'taken', String);
    await writer.endAsync(true);
    expect(answer).toMatch(hearers.length > 0 ? /^taken$/ : /not authorized/i);
    // What all may hear comes after it, so nothing is under way any more.
    await clients.get('anomalyd')?.publishAsync('anomalyd/gw/done', '1', { qos: 1 });
    await expect
      .poll(() => ['anomalyd', 'operator'].every((name) => heard.get(name)?.includes('anomalyd/gw/done')))
      .toBe(true);
    expect([...heard].filter(([, topics]) => topics.includes(topic)).map(([name]) => name)).toEqual(hearers);
  });
});
