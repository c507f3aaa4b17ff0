/** Alarms end to end: they live through kills, reloads and calibration. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AlarmMessage } from '../../daemon/message/alarm.js';
import type { Response } from '../../daemon/message/request.js';
import { problems } from '../daemon/message/schemas.js';
import { AlarmTrial, broken, machine, normal } from '../fixtures/alarm-trial.js';
import { base } from '../fixtures/gateway.js';
import { eventually } from '../fixtures/program.js';
import { has, real } from '../fixtures/tools.js';

describe.skipIf(!has('mosquitto'))(real('alarms of the daemon live through change and', 'mosquitto'), () => {
  let trial: AlarmTrial;
  beforeEach(async () => {
    trial = await AlarmTrial.begin();
  });
  afterEach(() => trial.end());

  it('keep id and retained state over kill -9, and refuse a request that the broker had kept', async () => {
    await trial.plant.send(`${base}/bridge/request/alarm/unshelve`, '{"asset":"pump-1"}', true);
    const first = await trial.run();
    const answer = await eventually('a refusal', () => trial.plant.newest<Response>('bridge/response/alarm/unshelve'));
    expect(answer?.error).toMatch(/published retained/);
    await trial.plant.send(`${base}/bridge/request/alarm/unshelve`, '', true);
    const alarm = await trial.raise();
    await trial.ask('alarm/shelve', { id: alarm.id, duration: 3600 });
    await eventually('shelved', () => trial.state() === 'shelved');
    await first.end('SIGKILL');
    await eventually('the will', () => trial.plant.newest<{ state: string }>('bridge/state')?.state === 'offline');
    trial.plant.heard.length = 0;
    await trial.run();
    const again = await eventually('the alarm again', () => trial.plant.newest<AlarmMessage>(machine));
    expect(again).toMatchObject({ id: alarm.id, state: 'shelved', startsAt: alarm.startsAt });
    await trial.ask('alarm/unshelve', { id: alarm.id });
    await eventually('unshelved', () => trial.state() === 'active');
    await trial.feed(60, normal);
    await eventually('the end', () => trial.plant.newest(machine) === null);
    await trial.settled();
    expect(trial.events().at(-1)).toMatchObject({ event: 'cleared', id: alarm.id });
  });

  it('live through reloads with other settings: none is lost, none told twice', async () => {
    const program = await trial.run();
    const alarm = await trial.raise();
    const settings = [
      { offDelayS: 5, onDelayS: 60 },
      { offDelayS: 5, highAt: 3, criticalAt: 900, latch: true },
      { offDelayS: 5, flapWindowS: 0, acknowledge: 'required', overrides: [{ assets: 'pump-*', refreshS: 1 }] },
    ];
    for (const [i, alarms] of settings.entries()) {
      trial.gateway.write({ alarms });
      program.child.kill('SIGHUP');
      await eventually(`reload ${i + 1}`, () => program.stderr().split('config reloaded').length > i + 1);
      await trial.feed(3, broken);
      await trial.settled();
      expect(trial.plant.newest<AlarmMessage>(machine)?.id).toBe(alarm.id);
    }
    expect(
      trial
        .events()
        .map(({ event }) => event)
        .filter((event) => event !== 'escalated'),
    ).toEqual(['raised']);
    // The last settings are in force: it waits for its acknowledgement.
    await trial.feed(60, normal);
    await eventually('cleared', () => trial.state() === 'cleared-unacknowledged');
    await trial.ask('alarm/ack', { id: alarm.id });
    await eventually('the end', () => trial.plant.newest(machine) === null);
    await trial.settled();
    const ids = new Set(trial.events().map(({ id }) => id));
    expect([...ids]).toEqual([alarm.id]);
    const kinds = trial.events().map(({ event }) => event);
    expect(kinds.filter((kind) => kind === 'raised' || kind === 'cleared')).toEqual(['raised', 'cleared']);
  });

  it('calibrate the level of an asset anew, keep it over kill -9, and take it back', async () => {
    trial.startMs = Date.now() - 4_500_000;
    const first = await trial.run();
    const noise = (i: number, c: number) => 0.6 * Math.sin(i * 12.9898 + c * 78.233);
    for (let i = 0; i < 4000; i++) await trial.feed(1, [noise(i, 0), noise(i, 1), noise(i, 2)]);
    await trial.settled();
    const answer = await trial.ask('asset/rebaseline', { asset: 'pump-1', by: 'kim', comment: 'new bearing' });
    expect(answer).toMatchObject({ status: 'ok' });
    expect(problems('response-rebaseline', answer.data)).toEqual([]);
    const { levels } = answer.data as { levels: { before: number; after: number }[] };
    expect(levels[0]?.before).toBe(1);
    const { after } = levels[0]!;
    expect(after).not.toBe(1);
    const series = 'anomalyd_alarm_level_ratio{asset="pump-1",bundle="pumps"}';
    expect(await trial.gateway.metric(series)).toBe(after);
    await first.end('SIGKILL');
    await trial.run();
    await trial.feed(5, normal);
    await eventually('the level again', async () => (await trial.gateway.metric(series)) === after);
    expect(await trial.ask('asset/rebaseline', { asset: 'pump-1', undo: true })).toMatchObject({
      data: { levels: [{ before: after, after: 1 }] },
    });
    expect(await trial.gateway.metric(series)).toBeUndefined();
    const audit = readFileSync(path.join(trial.gateway.dir, 'state/audit/audit.ndjson'), 'utf8');
    expect(audit).toContain('"command":"asset/rebaseline"');
    expect(audit).toContain('new bearing');
  }, 60_000);
});
