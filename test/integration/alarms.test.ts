/** Alarms end to end: the daemon, a real mosquitto, people's commands, kills, reloads, and those who listen by other conventions. */
import { execFileSync, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AlarmMessage, EventMessage } from '../../daemon/message/alarm.js';
import type { HealthMessage } from '../../daemon/message/bridge.js';
import type { Response } from '../../daemon/message/request.js';
import { problems } from '../daemon/message/schemas.js';
import { startAlertmanager } from '../fixtures/alertmanager.js';
import { base, type Gateway, joinPlant, makeGateway, type Plant, ready } from '../fixtures/gateway.js';
import { type Mosquitto, startMosquitto } from '../fixtures/mosquitto.js';
import { eventually, type Program } from '../fixtures/program.js';
import { has, real } from '../fixtures/tools.js';

const root = path.join(import.meta.dirname, '../..');
const normal = [0.1, -0.1, 0.05];
const broken = [40, -0.1, 0.05];
const machine = 'pump-1/alarm/machine-anomaly';

describe.skipIf(!has('mosquitto'))(real('alarms of the daemon', 'mosquitto'), () => {
  let mosquitto: Mosquitto;
  let gateway: Gateway;
  let plant: Plant;
  let programs: Program[];
  let second = 0;
  let start = 0;
  const run = async () => {
    const program = gateway.run();
    programs.push(program);
    await ready(gateway, program);
    return program;
  };
  const feed = async (rows: number, values: readonly (number | null)[], asset = 'pump-1') => {
    for (let i = 0; i < rows; i++) {
      // The detectors get used to what stays, so a fault swings.
      const swing = values.map((value) => (value === 40 && second % 2 === 1 ? -40 : value));
      await plant.row(asset, start + second++ * 1000, swing);
    }
  };
  const state = (topic = machine) => plant.newest<AlarmMessage>(topic)?.state;
  const events = (asset = 'pump-1') =>
    plant.heard
      .filter(({ topic }) => topic === `${base}/${asset}/event`)
      .map(({ payload }) => JSON.parse(payload) as EventMessage);
  const ask = async (command: string, request: unknown, retain = false) => {
    const topic = `bridge/response/${command}`;
    const before = plant.heard.filter((message) => message.topic === `${base}/${topic}`).length;
    const payload = typeof request === 'string' ? request : JSON.stringify(request);
    await plant.send(`${base}/bridge/request/${command}`, payload, retain);
    return eventually(`an answer to ${command}`, () => {
      const answers = plant.heard.filter((message) => message.topic === `${base}/${topic}`);
      return answers.length > before && (JSON.parse(answers.at(-1)!.payload) as Response);
    });
  };
  const raise = async () => {
    await feed(15, normal);
    await feed(10, broken);
    return eventually('the alarm', () => plant.newest<AlarmMessage>(machine) ?? undefined);
  };

  beforeEach(async () => {
    programs = [];
    second = 0;
    start = Date.now() - 600_000;
    mosquitto = await startMosquitto();
    gateway = await makeGateway(mosquitto.url);
    plant = await joinPlant(mosquitto.url);
  });
  afterEach(async () => {
    await plant.end();
    for (const program of programs) await program.end('SIGKILL');
    await mosquitto.stop();
    gateway.remove();
  });

  it('are acknowledged, shelved until that expires, taken out of service and put back, each once', async () => {
    await run();
    const { id } = await raise();
    const acknowledged = await ask('alarm/ack', { id, by: 'kim', transaction: 't1' });
    expect(acknowledged).toMatchObject({ status: 'ok', transaction: 't1' });
    expect(problems('response-alarm', acknowledged.data)).toEqual([]);
    await eventually('acknowledged', () => state() === 'acknowledged');
    // QoS 1 may deliver a request twice: the same answer, and nothing done twice.
    expect(await ask('alarm/ack', { id, by: 'kim', transaction: 't1' })).toEqual(acknowledged);

    expect(await ask('alarm/shelve', { id, duration: 2, by: 'kim' })).toMatchObject({ status: 'ok' });
    await eventually('shelved', () => state() === 'shelved');
    await eventually('the end of the shelving', () => state() === 'acknowledged');
    expect(events().at(-1)).toMatchObject({ event: 'unshelved', comment: 'expired', id });

    await ask('alarm/out-of-service', { asset: 'pump-1', comment: 'new bearing' });
    await eventually('out of service', () => state() === 'out-of-service');
    const told = events().length;
    await feed(40, normal);
    await feed(10, broken);
    expect(events()).toHaveLength(told);
    await ask('alarm/in-service', { asset: 'pump-1' });
    await eventually('in service', () => state() === 'active' || state() === 'acknowledged');
    const seqs = events().map(({ seq }) => seq);
    expect(seqs).toEqual(seqs.map((_, i) => i + 1));
    for (const event of events()) expect(problems('event', event)).toEqual([]);
    const audit = readFileSync(path.join(gateway.dir, 'state/audit/audit.ndjson'), 'utf8').trim().split('\n');
    expect(audit.map((line) => (JSON.parse(line) as { command: string }).command)).toEqual([
      'alarm/ack',
      'alarm/shelve',
      'alarm/out-of-service',
      'alarm/in-service',
    ]);
  });

  it('answer bad commands with the reason, and nothing changes', async () => {
    await run();
    const alarm = await raise();
    const told = events().length;
    const old = new Date(Date.now() - 3_600_000).toISOString();
    const ahead = new Date(Date.now() + 3_600_000).toISOString();
    expect((await ask('alarm/shelve', { asset: 'pump-1', duration: 1, transaction: 'done' })).status).toBe('ok');
    await eventually('the end of the shelving', () => state() === 'active');
    const bad: [string, unknown, RegExp, boolean?][] = [
      ['alarm/ack', { id: 'no-such-alarm' }, /unknown alarm/],
      ['alarm/ack', { asset: 'pump-9' }, /unknown asset/],
      ['alarm/ack', { asset: 17 }, /asset: Invalid input/],
      ['alarm/ack', '{"asset": "pump-1"', /no JSON/],
      ['alarm/ack', '', /no JSON/],
      ['alarm/ack', { asset: 'x'.repeat(100_000) }, /at most 16384/],
      ['alarm/ack', { asset: 'pump-1', time: old }, /replayed or late/],
      ['alarm/ack', { asset: 'pump-1', time: ahead }, /from the future/],
      ['alarm/shelve', { asset: 'pump-1', duration: 2, transaction: 'done' }, /used before, for another request/],
      ['alarm/shelve', { asset: 'pump-1', duration: 1e9 }, /duration/],
      [
        'alarm/shelve',
        { asset: 'bridge', type: 'machine-anomaly', duration: 1 },
        /bridge has no alarm machine-anomaly/,
      ],
      ['alarm/explode', { asset: 'pump-1' }, /unknown command/],
      ['asset/rebaseline', { asset: 'pump-1' }, /is in alarm .*acknowledge/],
      ['asset/rebaseline', { asset: 'pump-1', undo: true }, /nothing to take back/],
      ['asset/rebaseline', { asset: 'pump-1', undo: 'yes' }, /undo: Invalid input/],
      ['asset/remove', { asset: 'pump-1' }, /is heard, or was lately/],
    ];
    for (const [command, request, reason] of bad) {
      const answer = await ask(command, request);
      expect(answer).toMatchObject({ status: 'error', data: {} });
      expect(answer.error).toMatch(reason);
      expect(problems('response', answer)).toEqual([]);
    }
    // A request that the broker kept comes with the retain mark only to those who subscribe later.
    await plant.send(`${base}/bridge/request/alarm/ack`, '{"asset":"pump-1"}', true);
    await eventually('acknowledged by one that came live', () => state() === 'acknowledged');
    expect(plant.newest<AlarmMessage>(machine)).toMatchObject({ id: alarm.id });
    expect(
      events()
        .slice(told)
        .map(({ event }) => event),
    ).toEqual(['shelved', 'unshelved', 'acknowledged']);
  });

  it('keep id and retained state over kill -9, and refuse a request that the broker had kept', async () => {
    await plant.send(`${base}/bridge/request/alarm/unshelve`, '{"asset":"pump-1"}', true);
    const first = await run();
    const answer = await eventually('a refusal', () => plant.newest<Response>('bridge/response/alarm/unshelve'));
    expect(answer?.error).toMatch(/published retained/);
    await plant.send(`${base}/bridge/request/alarm/unshelve`, '', true);
    const alarm = await raise();
    await ask('alarm/shelve', { id: alarm.id, duration: 3600 });
    await eventually('shelved', () => state() === 'shelved');
    await first.end('SIGKILL');
    await eventually('the will', () => plant.newest<{ state: string }>('bridge/state')?.state === 'offline');
    plant.heard.length = 0;
    await run();
    const again = await eventually('the alarm again', () => plant.newest<AlarmMessage>(machine));
    expect(again).toMatchObject({ id: alarm.id, state: 'shelved', startsAt: alarm.startsAt });
    await ask('alarm/unshelve', { id: alarm.id });
    await eventually('unshelved', () => state() === 'active');
    await feed(60, normal);
    await eventually('the end', () => plant.newest(machine) === null);
    expect(events().at(-1)).toMatchObject({ event: 'cleared', id: alarm.id });
  });

  it('live through reloads with other settings: none is lost, none told twice', async () => {
    const program = await run();
    const alarm = await raise();
    const settings = [
      { offDelayS: 5, onDelayS: 60 },
      { offDelayS: 5, highAt: 3, criticalAt: 900, latch: true },
      { offDelayS: 5, flapWindowS: 0, acknowledge: 'required', overrides: [{ assets: 'pump-*', refreshS: 1 }] },
    ];
    for (const [i, alarms] of settings.entries()) {
      gateway.write({ alarms });
      program.child.kill('SIGHUP');
      await eventually(`reload ${i + 1}`, () => program.stderr().split('config reloaded').length > i + 1);
      await feed(3, broken);
      expect(plant.newest<AlarmMessage>(machine)?.id).toBe(alarm.id);
    }
    expect(
      events()
        .map(({ event }) => event)
        .filter((event) => event !== 'escalated'),
    ).toEqual(['raised']);
    // The last settings are in force: it waits for its acknowledgement.
    await feed(60, normal);
    await eventually('cleared', () => state() === 'cleared-unacknowledged');
    await ask('alarm/ack', { id: alarm.id });
    await eventually('the end', () => plant.newest(machine) === null);
    const ids = new Set(events().map(({ id }) => id));
    expect([...ids]).toEqual([alarm.id]);
    const kinds = events().map(({ event }) => event);
    expect(kinds.filter((kind) => kind === 'raised' || kind === 'cleared')).toEqual(['raised', 'cleared']);
  });

  it('calibrate the level of an asset anew, keep it over kill -9, and take it back', async () => {
    start = Date.now() - 4_500_000;
    const first = await run();
    const noise = (i: number, c: number) => 0.6 * Math.sin(i * 12.9898 + c * 78.233);
    for (let i = 0; i < 4000; i++)
      await plant.row('pump-1', start + second++ * 1000, [noise(i, 0), noise(i, 1), noise(i, 2)]);
    const frames = 'anomalyd_frames_scored_total{bundle="pumps"}';
    await eventually('all frames', async () => ((await gateway.metric(frames)) ?? 0) >= 3998);
    const answer = await ask('asset/rebaseline', { asset: 'pump-1', by: 'kim', comment: 'new bearing' });
    expect(answer).toMatchObject({ status: 'ok' });
    expect(problems('response-rebaseline', answer.data)).toEqual([]);
    const { levels } = answer.data as { levels: { before: number; after: number }[] };
    expect(levels[0]?.before).toBe(1);
    const { after } = levels[0]!;
    expect(after).not.toBe(1);
    const series = 'anomalyd_alarm_level_ratio{asset="pump-1",bundle="pumps"}';
    expect(await gateway.metric(series)).toBe(after);
    await first.end('SIGKILL');
    await run();
    await feed(5, normal);
    await eventually('the level again', async () => (await gateway.metric(series)) === after);
    expect(await ask('asset/rebaseline', { asset: 'pump-1', undo: true })).toMatchObject({
      data: { levels: [{ before: after, after: 1 }] },
    });
    expect(await gateway.metric(series)).toBeUndefined();
    const audit = readFileSync(path.join(gateway.dir, 'state/audit/audit.ndjson'), 'utf8');
    expect(audit).toContain('"command":"asset/rebaseline"');
    expect(audit).toContain('new bearing');
  }, 60_000);

  it('tell of a plant that falls silent once, and of an asset that stays away when the others are back', async () => {
    gateway.write({ alarms: { staleAfterS: 4 } });
    const program = await run();
    const assets = ['pump-1', 'pump-2', 'pump-3', 'pump-4', 'pump-5'];
    const beat = async (times: number, speaking: readonly string[]) => {
      for (let i = 0; i < times; i++) {
        for (const asset of speaking) await plant.row(asset, Date.now(), normal);
        await sleep(200);
      }
    };
    await beat(10, assets);
    const gone = await eventually('the alarm of the gateway', () =>
      plant.newest<AlarmMessage>('bridge/alarm/data-stale'),
    );
    expect(gone).toMatchObject({ asset: 'bridge', state: 'active', reason: 'no data from any asset' });
    expect(problems('alarm', gone)).toEqual([]);
    await eventually('offline', () =>
      assets.every((asset) => plant.newest<{ state: string }>(`${asset}/availability`)?.state === 'offline'),
    );
    await sleep(1500);
    for (const asset of assets) expect(plant.newest(`${asset}/alarm/data-stale`)).toBeUndefined();
    expect(await gateway.metric('anomalyd_plant_silent')).toBe(1);
    const others = assets.slice(0, 4);
    await beat(30, others);
    expect(plant.newest('bridge/alarm/data-stale')).toBeNull();
    expect(events('bridge').map(({ event }) => event)).toEqual(['raised', 'cleared']);
    const away = plant.newest<AlarmMessage>('pump-5/alarm/data-stale');
    expect(away).toMatchObject({ asset: 'pump-5', state: 'active' });
    for (const asset of others) expect(plant.newest(`${asset}/alarm/data-stale`)).toBeUndefined();

    // Who vanished while nobody watched is missed after a restart too, until it is removed.
    await program.end('SIGKILL');
    plant.heard.length = 0;
    await run();
    expect((await ask('asset/remove', { asset: 'pump-1' })).error).toMatch(/is heard, or was lately/);
    await beat(30, ['pump-1', 'pump-2', 'pump-3']);
    const missed = await eventually('the one that is missed', () =>
      plant.newest<AlarmMessage>('pump-4/alarm/data-stale'),
    );
    expect(missed).toMatchObject({ asset: 'pump-4', state: 'active' });
    expect(await ask('asset/remove', { asset: 'pump-4' })).toMatchObject({ status: 'ok' });
    await eventually('nothing left of it', () => plant.newest('pump-4/alarm/data-stale') === null);
    expect(plant.newest('pump-4/availability')).toBeNull();
    expect((await ask('asset/remove', { asset: 'pump-4' })).error).toMatch(/unknown asset/);
    await beat(2, ['pump-4']);
    await eventually('it is new', () => plant.newest<{ state: string }>('pump-4/availability')?.state === 'online');
  }, 60_000);

  it('name the sensor that a verdict was reached without', async () => {
    await run();
    await feed(10, normal);
    await feed(30, [normal[0] ?? 0, normal[1] ?? 0, null]);
    await feed(10, [40, 30, null]);
    const alarm = await eventually('the alarm', () => plant.newest<AlarmMessage>(machine));
    expect(alarm).toMatchObject({
      suspect: { verdict: 'sensor', signals: ['flow'] },
      signals: [{ signal: 'flow', fault: 'missing', masked: true }],
    });
    expect(alarm?.reason).toContain('judged without flow, which gives no readings');
  });

  it('are announced to Home Assistant, anew when it comes up, and taken back when that is switched off', async () => {
    gateway.write({ publish: { homeAssistant: { discovery: true } } });
    const found: { topic: string; payload: string }[] = [];
    plant.client.on('message', (topic, payload) => {
      if (topic.startsWith('homeassistant/')) found.push({ topic, payload: payload.toString() });
    });
    await plant.client.subscribeAsync('homeassistant/#');
    const program = await run();
    await feed(3, normal);
    const configs = () => found.filter(({ topic }) => topic.endsWith('/config'));
    await eventually('discovery of asset and gateway', () => new Set(configs().map(({ topic }) => topic)).size === 4);
    for (const { payload } of configs()) {
      const config = JSON.parse(payload) as { state_topic: string; availability: unknown[] };
      expect(config).toMatchObject({ device_class: 'problem', origin: { name: 'anomalyd' } });
      expect(config.state_topic).toMatch(/^anomalyd\/gw\/(pump-1|bridge)\/alarm\/[a-z-]+$/);
    }
    found.length = 0;
    await plant.send('homeassistant/status', 'offline');
    await plant.send('homeassistant/status', 'online');
    await eventually('discovery again', () => configs().length === 4);
    gateway.write({});
    program.child.kill('SIGHUP');
    await eventually('taken back', () => configs().filter(({ payload }) => payload === '').length === 4);
  });

  it.skipIf(!has('prometheus-alertmanager'))(
    real('go to a real Alertmanager, with their identity, and end there', 'prometheus-alertmanager'),
    async () => {
      const alertmanager = await startAlertmanager();
      try {
        gateway.write({ alarms: { offDelayS: 5 }, publish: { alertmanager: { url: alertmanager.url, repeatS: 5 } } });
        const first = await run();
        const { id } = await raise();
        const [alert] = await eventually('the alert', async () => {
          const alerts = await alertmanager.alerts();
          return alerts.length === 1 && alerts;
        });
        expect(alert?.labels).toMatchObject({
          alertname: 'AnomalydMachineAnomaly',
          gateway: 'gw',
          asset: 'pump-1',
          type: 'machine-anomaly',
        });
        expect(alert?.annotations.id).toBe(id);
        // A restart does not make another of it.
        await first.end('SIGKILL');
        await run();
        await ask('alarm/ack', { id });
        expect(await alertmanager.alerts()).toHaveLength(1);
        await feed(60, normal);
        await eventually('no alert', async () => (await alertmanager.alerts()).length === 0);
        expect(await gateway.metric('anomalyd_alertmanager_failures_total')).toBe(0);
        await alertmanager.stop();
        await feed(10, broken);
        await eventually(
          'a failure',
          async () => ((await gateway.metric('anomalyd_alertmanager_failures_total')) ?? 0) > 0,
        );
        expect(programs.at(-1)?.stderr()).toContain('Alertmanager does not take alarms');
      } finally {
        await alertmanager.stop();
      }
    },
    60_000,
  );

  it('say in bridge/health which inputs are heard and which subscriptions are refused', async () => {
    await run();
    const health = await eventually('health', () => plant.newest<HealthMessage>('bridge/health'));
    expect(problems('bridge-health', health)).toEqual([]);
    expect(health?.anomalyd).toMatchObject({
      silent: false,
      refused: [],
      inputs: [{ topic: 'plant/{asset}/telemetry', messages: 0, last: null, silent: false }],
    });
    await feed(3, normal);
    await eventually(
      'counted',
      async () => (await gateway.metric('anomalyd_input_messages_total{input="plant/{asset}/telemetry"}')) === 3,
    );
  });

  describe.skipIf(!has('mosquitto_sub', 'mosquitto_pub'))(
    real('the examples for the command line', 'mosquitto_sub', 'mosquitto_pub'),
    () => {
      /** The `mosquitto_*` lines of a document, with this test's broker and gateway in place. */
      const commands = (document: string) =>
        [...readFileSync(path.join(root, document), 'utf8').matchAll(/^(mosquitto_(?:sub|pub) .*(?:\\\n.*)*)/gm)].map(
          ([line]) =>
            line
              .replaceAll('\\\n', ' ')
              .replace('-h localhost', `-h 127.0.0.1 -p ${mosquitto.port}`)
              .replaceAll('anomalyd/gateway/', `${base}/`)
              .replaceAll('pump-3', 'pump-1')
              .replaceAll('$ID', plant.newest<AlarmMessage>(machine)?.id ?? ''),
        );

      it.each(['docs/read-an-alert.md', 'docs/mqtt.md'])('in %s do what they say', async (document) => {
        await run();
        await raise();
        const all = commands(document);
        expect(all.length).toBeGreaterThanOrEqual(2);
        for (const command of all.filter((line) => line.startsWith('mosquitto_sub'))) {
          const args = command.includes('/response/') ? [] : ['-C 1'];
          const child = spawn('sh', ['-c', `timeout 10 ${command} ${args.join(' ')}`], {
            stdio: ['ignore', 'pipe', 'pipe'],
          });
          let out = '';
          child.stdout.on('data', (chunk: Buffer) => {
            out += chunk.toString();
          });
          // What is not retained comes only when something happens.
          if (!command.includes('/alarm/')) await sleep(300);
          if (command.includes('/response/'))
            await plant.send(`${base}/bridge/request/alarm/ack`, '{"asset":"pump-9"}');
          else if (command.includes('/event')) {
            await ask('alarm/shelve', { asset: 'pump-1', duration: 60 });
            await ask('alarm/unshelve', { asset: 'pump-1' });
          }
          await eventually(command, () => out.includes('{'));
          child.kill();
          expect(out).toMatch(/anomalyd\/gw\/|"(state|status)":/);
        }
        for (const command of all.filter((line) => line.startsWith('mosquitto_pub'))) {
          const name = /bridge\/request\/([a-z/-]+)/.exec(command)?.[1] ?? '';
          const topic = `bridge/response/${name}`;
          const heard = () => plant.heard.filter((message) => message.topic === `${base}/${topic}`).length;
          const before = heard();
          execFileSync('sh', ['-c', command]);
          await eventually(`an answer to ${command}`, () => heard() > before);
          const answer = plant.newest<Response>(topic);
          if (name.startsWith('alarm/')) expect(answer, command).toMatchObject({ status: 'ok' });
          else expect(answer?.error ?? '', command).not.toMatch(/Invalid|Unrecognized|no JSON|unknown command/);
        }
      });
    },
  );
});
