/** `anomalyd run` against a real mosquitto: readings in, alarms out, and what happens when things break. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AlarmMessage, EventMessage } from '../../daemon/message/alarm.js';
import { type Gateway, joinPlant, makeGateway, type Plant, ready } from '../fixtures/gateway.js';
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
    expect(plant.newest('bridge/state')).toEqual({ state: 'online' });
    for (let i = 0; i < 20; i++) await plant.row('pump-1', at(i), normal);
    for (let i = 20; i < 30; i++) await plant.row('pump-1', at(i), broken);
    const alarm = await eventually('the alarm', () => plant.newest<AlarmMessage>('pump-1/alarm/machine-anomaly'));
    expect(alarm).toMatchObject({ asset: 'pump-1', type: 'machine-anomaly', state: 'active', mode: 'steady' });
    expect(alarm?.startsAt).toBe(new Date(Math.round(at(20) / 1000) * 1000).toISOString());
    expect(alarm?.diagnostics[0]).toMatchObject({ signal: 'temperature', direction: 'above' });
    const event = await eventually('the alert', () => plant.newest<EventMessage>('pump-1/event'));
    expect(event).toMatchObject({ seq: 1, event: 'raised', state: 'active' });
    expect(await gateway.metric('anomalyd_alerts_total{type="machine-anomaly",event="raised"}')).toBe(1);
    for (let i = 30; i < 90; i++) await plant.row('pump-1', at(i), normal);
    await eventually('the end of the alarm', () => plant.newest('pump-1/alarm/machine-anomaly') === null);
    await eventually(
      'all frames',
      async () => (await gateway.metric('anomalyd_frames_scored_total{bundle="pumps"}')) === 90,
    );
    expect(await program.end()).toBe(0);
    expect(plant.newest('bridge/state')).toEqual({ state: 'offline' });
  });
});
