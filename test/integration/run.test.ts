/** `anomalyd run` against a real mosquitto: readings in, alarms out, and what happens when things break. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AlarmMessage, EventMessage } from '../../daemon/message/alarm.js';
import { base, type Gateway, joinPlant, makeGateway, type Plant, ready } from '../fixtures/gateway.js';
import { type Mosquitto, startMosquitto } from '../fixtures/mosquitto.js';
import { eventually, type Program } from '../fixtures/program.js';
import { has, real } from '../fixtures/tools.js';

const start = Date.now() - 120_000;
const at = (second: number) => start + second * 1000;
const normal = [0.1, -0.1, 0.05];
const broken = [40, -0.1, 0.05];

describe.skipIf(!has('mosquitto'))(real('anomalyd run', 'mosquitto'), () => {
  let mosquitto: Mosquitto;
  let gateway: Gateway;
  let plant: Plant;
  let programs: Program[];
  const run = () => {
    const program = gateway.run();
    programs.push(program);
    return program;
  };

  beforeEach(async () => {
    programs = [];
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

  it('scores, raises an alarm with its evidence, clears it, and ends with 0', async () => {
    const program = run();
    await ready(gateway, program);
    await eventually('health', () => plant.newest('bridge/health'));
    expect(plant.newest('bridge/state')).toEqual({ state: 'online' });
    expect(plant.newest('bridge/health')).toMatchObject({
      mqtt: { connected: true },
      anomalyd: { gateway: 'gw', bundles: [{ name: 'pumps', assets: 0 }] },
    });
    for (let i = 0; i < 20; i++) await plant.row('pump-1', at(i), normal);
    for (let i = 20; i < 30; i++) await plant.row('pump-1', at(i), broken);
    const alarm = await eventually('the alarm', () => plant.newest<AlarmMessage>('pump-1/alarm/machine-anomaly'));
    expect(alarm).toMatchObject({ asset: 'pump-1', type: 'machine-anomaly', state: 'active', mode: 'steady' });
    expect(alarm?.startsAt).toBe(new Date(Math.round(at(20) / 1000) * 1000).toISOString());
    expect(alarm?.diagnostics[0]).toMatchObject({ signal: 'temperature', direction: 'above' });
    const event = await eventually('the alert', () => plant.newest<EventMessage>('pump-1/event'));
    expect(event).toMatchObject({ seq: 1, event: 'raised', state: 'active' });
    expect(await gateway.metric('anomalyd_alerts_total{type="machine-anomaly",event="raised"}')).toBe(1);
    expect(plant.newest('pump-1/availability')).toEqual({ state: 'online' });
    for (let i = 30; i < 90; i++) await plant.row('pump-1', at(i), normal);
    await eventually('the end of the alarm', () => plant.newest('pump-1/alarm/machine-anomaly') === null);
    await eventually(
      'all frames',
      async () => (await gateway.metric('anomalyd_frames_scored_total{bundle="pumps"}')) === 90,
    );
    expect(await program.end()).toBe(0);
    expect(plant.newest('bridge/state')).toEqual({ state: 'offline' });
  });

  it('starts with the broker down, connects when it comes, and again after it was away', async () => {
    await plant.end();
    await mosquitto.down();
    const program = run();
    await eventually('the port', async () => (await gateway.page('/healthz').catch(() => undefined))?.status === 200);
    const notYet = await gateway.page('/readyz');
    expect(notYet.status).toBe(503);
    expect(notYet.text).toContain('not connected to the broker');
    await eventually('a word about the broker', () => program.stderr().includes('ERROR'));
    expect(program.stderr()).not.toContain('    at ');
    await mosquitto.up();
    await ready(gateway, program);
    await mosquitto.down();
    await eventually('not ready', async () => (await gateway.page('/readyz')).status === 503);
    expect(await gateway.metric('anomalyd_broker_connected')).toBe(0);
    await mosquitto.up();
    await ready(gateway, program);
    plant = await joinPlant(mosquitto.url);
    await plant.row('pump-1', at(0), normal);
    await eventually(
      'a frame',
      async () => (await gateway.metric('anomalyd_frames_scored_total{bundle="pumps"}')) === 1,
    );
    expect(await gateway.metric('anomalyd_broker_reconnects_total')).toBe(1);
    expect(await program.end()).toBe(0);
  });

  it('leaves the will `offline` when it is killed, and goes on with its open alarm after a restart', async () => {
    const first = run();
    await ready(gateway, first);
    for (let i = 0; i < 20; i++) await plant.row('pump-1', at(i), i < 10 ? normal : broken);
    const alarm = await eventually('the alarm', () => plant.newest<AlarmMessage>('pump-1/alarm/machine-anomaly'));
    await first.end('SIGKILL');
    await eventually('the will', () => plant.newest<{ state: string }>('bridge/state')?.state === 'offline');
    plant.heard.length = 0;
    const second = run();
    await ready(gateway, second);
    const again = await eventually('the alarm again', () => plant.newest<AlarmMessage>('pump-1/alarm/machine-anomaly'));
    expect(again).toMatchObject({ id: alarm?.id, startsAt: alarm?.startsAt, state: 'active' });
    await eventually('online', () => plant.newest<{ state: string }>('bridge/state')?.state === 'online');
    // The kill may have come before the broker's acknowledgement: then the alert comes again, as what it was, and no other does.
    const events = () =>
      plant.heard
        .filter(({ topic }) => topic.endsWith('/event'))
        .map(({ payload }) => JSON.parse(payload) as EventMessage);
    expect(events().filter(({ seq, event }) => seq !== 1 || event !== 'raised')).toEqual([]);
    for (let i = 20; i < 80; i++) await plant.row('pump-1', at(i), normal);
    await eventually('the end of the alarm', () => plant.newest('pump-1/alarm/machine-anomaly') === null);
    await eventually('the last alert', () => events().at(-1)?.event === 'cleared');
    expect(events().at(-1)).toMatchObject({ id: alarm?.id, seq: 2 });
  });

  it('takes up new assets, counts what it rejects, and lets missing signals harm nobody', async () => {
    gateway.write({ alignment: { latenessMs: 1000 } });
    const program = run();
    await ready(gateway, program);
    const rejected = (reason: string) => gateway.metric(`anomalyd_readings_rejected_total{reason="${reason}"}`);
    for (let i = 0; i < 15; i++) {
      await plant.row('pump-1', at(i), normal);
      await plant.row('pump-2', at(i), [normal[0], undefined, normal[2]]);
      await plant.row('pump-3', at(i), [null, null, null]);
    }
    await plant.send('plant/pump-1/telemetry', '{"time": 1, "temperature"');
    await plant.send('plant/pump-1/telemetry', '{"temperature": 1}');
    await plant.send('plant/pump-1/telemetry', '{"time": "soon", "temperature": 1}');
    await plant.send('plant/pump-1/telemetry', `{"time": ${at(20)}, "temperature": "hot", "pressure": 1e999}`);
    await plant.send('plant/pump-1/telemetry', `{"time": ${Date.now() + 9e6}, "temperature": 1}`);
    await plant.row('bridge', at(1), normal);
    await plant.row('pump-1', at(15), normal);
    await eventually(
      'the last row',
      async () => ((await gateway.metric('anomalyd_messages_received_total')) ?? 0) >= 52,
    );
    expect(await rejected('not-json')).toBe(1);
    expect(await rejected('no-time')).toBe(1);
    expect(await rejected('bad-time')).toBe(1);
    expect(await rejected('not-a-number')).toBe(1);
    expect(await rejected('infinite')).toBe(1);
    expect(await rejected('future')).toBeGreaterThanOrEqual(1);
    expect(await rejected('asset-name')).toBeGreaterThanOrEqual(1);
    expect(await rejected('null')).toBe(45);
    await eventually('severity of all three', async () => {
      const severities = await Promise.all(
        ['pump-1', 'pump-2', 'pump-3'].map((a) => gateway.metric(`anomalyd_severity{asset="${a}",bundle="pumps"}`)),
      );
      return severities.every((severity) => severity !== undefined && severity < 1);
    });
    expect(await gateway.metric('anomalyd_severity{asset="pump-3",bundle="pumps"}')).toBe(0);
    expect(await gateway.metric('anomalyd_assets{bundle="pumps"}')).toBe(3);
    expect(await program.end()).toBe(0);
  });

  it('takes a good config on SIGHUP and keeps memory, refuses a bad one and says why', async () => {
    const program = run();
    await ready(gateway, program);
    for (let i = 0; i < 10; i++) await plant.row('pump-1', at(i), normal);
    await eventually(
      'steady',
      async () => (await gateway.metric('anomalyd_assets_by_mode{bundle="pumps",mode="steady"}')) === 1,
    );
    gateway.write({ inputs: [{ topic: 'plant/{asset}/telemetry', tine: '$.time' }] });
    program.child.kill('SIGHUP');
    await eventually('the refusal', () => program.stderr().includes('config not reloaded'));
    expect(program.stderr()).toMatch(/config\.yaml:\d+.*tine/);
    expect(await gateway.metric('anomalyd_config_reload_success')).toBe(0);
    gateway.write({ bundles: [{ name: 'pumps', path: 'nowhere' }] });
    program.child.kill('SIGHUP');
    await eventually('the second refusal', () => program.stderr().includes('nowhere/manifest.json'));
    await plant.row('pump-1', at(10), normal);
    await eventually(
      'a frame',
      async () => (await gateway.metric('anomalyd_frames_scored_total{bundle="pumps"}')) === 11,
    );

    const inputs = [...(gateway.config.inputs as object[]), { topic: 'other/{asset}', time: '$.time' }];
    gateway.write({ inputs });
    program.child.kill('SIGHUP');
    await eventually('the reload', () => program.stderr().includes('config reloaded'));
    expect(await gateway.metric('anomalyd_config_reload_success')).toBe(1);
    await plant.row('pump-1', at(11), normal);
    await plant.send('other/pump-9', JSON.stringify({ time: at(0), temperature: 0, pressure: 0, flow: 0 }));
    await eventually('both', async () => (await gateway.metric('anomalyd_frames_scored_total{bundle="pumps"}')) === 13);
    // No warm-up anew: the worker kept what it knew of the asset.
    expect(await gateway.metric('anomalyd_assets_by_mode{bundle="pumps",mode="steady"}')).toBe(1);
    expect(await gateway.metric('anomalyd_assets_by_mode{bundle="pumps",mode="warm-up"}')).toBe(1);
    expect(await program.end()).toBe(0);
  });

  it('acknowledges on request', async () => {
    const program = run();
    await ready(gateway, program);
    for (let i = 0; i < 20; i++) await plant.row('pump-1', at(i), i < 10 ? normal : broken);
    await eventually('the alarm', () => plant.newest('pump-1/alarm/machine-anomaly'));
    await plant.send(`${base}/bridge/request/alarm/ack`, '{"asset": "pump-1", "transaction": "t1", "by": "ann"}');
    const answer = await eventually('the answer', () => plant.newest('bridge/response/alarm/ack'));
    expect(answer).toMatchObject({ status: 'ok', transaction: 't1' });
    await eventually(
      'acknowledged',
      () => plant.newest<AlarmMessage>('pump-1/alarm/machine-anomaly')?.state === 'acknowledged',
    );
    expect(await program.end()).toBe(0);
  });

  it('ends with 78 where another is at work with the same state folder, and does the other no harm', async () => {
    const first = run();
    await ready(gateway, first);
    const second = run();
    expect(await second.ended).toBe(78);
    expect(second.stderr()).toContain('/state: another anomalyd is at work with this state folder. Stop that one');
    await ready(gateway, first);
    expect(await first.end()).toBe(0);
  });

  it('ends with 78 and one paragraph for what a user can mend', async () => {
    gateway.write({ bundles: [{ path: 'nowhere' }] });
    const program = run();
    expect(await program.ended).toBe(78);
    expect(program.stderr().trim().split('\n').at(-1)).toMatch(/^anomalyd: .*nowhere\/manifest\.json: .*no such file/);
    expect(program.stderr()).not.toContain('    at ');
  });
});
