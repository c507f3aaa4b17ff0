/** Alarms end to end: plants and assets that fall silent, sensors that do, and inputs. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AlarmMessage } from '../../daemon/message/alarm.js';
import type { HealthMessage } from '../../daemon/message/bridge.js';
import { problems } from '../daemon/message/schemas.js';
import { AlarmTrial, machine, normal } from '../fixtures/alarm-trial.js';
import { eventually } from '../fixtures/program.js';
import { has, real } from '../fixtures/tools.js';

describe.skipIf(!has('mosquitto'))(real('alarms of what is silent', 'mosquitto'), () => {
  let trial: AlarmTrial;
  beforeEach(async () => {
    trial = await AlarmTrial.begin();
  });
  afterEach(() => trial.end());

  it('tell of a plant that falls silent once, and of an asset that stays away when the others are back', async () => {
    trial.gateway.write({ alarms: { staleAfterS: 4 } });
    const program = await trial.run();
    const assets = ['pump-1', 'pump-2', 'pump-3', 'pump-4', 'pump-5'];
    const beat = async (speaking: readonly string[]) => {
      for (const asset of speaking) await trial.plant.row(asset, Date.now(), normal);
      await sleep(200);
    };
    /** The others go on until it has come. */
    const beatUntil = <T>(what: string, speaking: readonly string[], probe: () => T | undefined | false) =>
      eventually(what, async () => {
        await beat(speaking);
        return probe();
      });
    for (let i = 0; i < 10; i++) await beat(assets);
    const gone = await eventually('the alarm of the gateway', () =>
      trial.plant.newest<AlarmMessage>('bridge/alarm/data-stale'),
    );
    expect(gone).toMatchObject({ asset: 'bridge', state: 'active', reason: 'no data from any asset' });
    expect(problems('alarm', gone)).toEqual([]);
    await eventually('offline', () =>
      assets.every((asset) => trial.plant.newest<{ state: string }>(`${asset}/availability`)?.state === 'offline'),
    );
    await sleep(1500);
    for (const asset of assets) expect(trial.plant.newest(`${asset}/alarm/data-stale`)).toBeUndefined();
    expect(await trial.gateway.metric('anomalyd_plant_silent')).toBe(1);
    const others = assets.slice(0, 4);
    const away = await beatUntil('the one that stays away', others, () =>
      trial.plant.newest<AlarmMessage>('pump-5/alarm/data-stale'),
    );
    expect(trial.plant.newest('bridge/alarm/data-stale')).toBeNull();
    expect(trial.events('bridge').map(({ event }) => event)).toEqual(['raised', 'cleared']);
    expect(away).toMatchObject({ asset: 'pump-5', state: 'active' });
    for (const asset of others) expect(trial.plant.newest(`${asset}/alarm/data-stale`)).toBeUndefined();

    // Who vanished while nobody watched is missed after a restart too, until it is removed.
    await program.end('SIGKILL');
    trial.plant.heard.length = 0;
    await trial.run();
    expect((await trial.ask('asset/remove', { asset: 'pump-1' })).error).toMatch(/is heard, or was lately/);
    const missed = await beatUntil('the one that is missed', ['pump-1', 'pump-2', 'pump-3'], () =>
      trial.plant.newest<AlarmMessage>('pump-4/alarm/data-stale'),
    );
    expect(missed).toMatchObject({ asset: 'pump-4', state: 'active' });
    expect(await trial.ask('asset/remove', { asset: 'pump-4' })).toMatchObject({ status: 'ok' });
    await eventually('nothing left of it', () => trial.plant.newest('pump-4/alarm/data-stale') === null);
    expect(trial.plant.newest('pump-4/availability')).toBeNull();
    expect((await trial.ask('asset/remove', { asset: 'pump-4' })).error).toMatch(/unknown asset/);
    await beatUntil(
      'it is new',
      ['pump-4'],
      () => trial.plant.newest<{ state: string }>('pump-4/availability')?.state === 'online',
    );
  }, 60_000);

  it('name the sensor that a verdict was reached without', async () => {
    await trial.run();
    await trial.feed(10, normal);
    await trial.feed(30, [normal[0] ?? 0, normal[1] ?? 0, null]);
    await trial.feed(10, [40, 30, null]);
    const alarm = await eventually('the alarm', () => {
      const newest = trial.plant.newest<AlarmMessage>(machine);
      return newest?.suspect?.verdict === 'sensor' && newest;
    });
    expect(alarm).toMatchObject({
      suspect: { signals: ['flow'] },
      signals: [{ signal: 'flow', fault: 'missing', masked: true }],
    });
    expect(alarm?.reason).toContain('judged without flow, which gives no readings');
  });

  it('say in bridge/health which inputs are heard and which subscriptions are refused', async () => {
    await trial.run();
    const health = await eventually('health', () => trial.plant.newest<HealthMessage>('bridge/health'));
    expect(problems('bridge-health', health)).toEqual([]);
    expect(health?.anomalyd).toMatchObject({
      silent: false,
      refused: [],
      inputs: [{ topic: 'plant/{asset}/telemetry', messages: 0, last: null, silent: false }],
    });
    await trial.feed(3, normal);
    await eventually(
      'counted',
      async () => (await trial.gateway.metric('anomalyd_input_messages_total{input="plant/{asset}/telemetry"}')) === 3,
    );
  });
});
