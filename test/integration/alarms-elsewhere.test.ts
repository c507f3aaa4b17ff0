/** Alarms end to end: those who listen by other conventions. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AlarmTrial, broken, normal } from '../fixtures/alarm-trial.js';
import { startAlertmanager } from '../fixtures/alertmanager.js';
import { eventually } from '../fixtures/program.js';
import { has, real } from '../fixtures/tools.js';

describe.skipIf(!has('mosquitto'))(real('alarms for other systems', 'mosquitto'), () => {
  let trial: AlarmTrial;
  beforeEach(async () => {
    trial = await AlarmTrial.begin();
  });
  afterEach(() => trial.end());

  it('are announced to Home Assistant, anew when it comes up, and taken back when that is switched off', async () => {
    trial.gateway.write({ publish: { homeAssistant: { discovery: true } } });
    const found: { topic: string; payload: string }[] = [];
    trial.plant.client.on('message', (topic, payload) => {
      if (topic.startsWith('homeassistant/')) found.push({ topic, payload: payload.toString() });
    });
    await trial.plant.client.subscribeAsync('homeassistant/#');
    const program = await trial.run();
    await trial.feed(3, normal);
    const configs = () => found.filter(({ topic }) => topic.endsWith('/config'));
    await eventually('discovery of asset and gateway', () => new Set(configs().map(({ topic }) => topic)).size === 4);
    for (const { payload } of configs()) {
      const config = JSON.parse(payload) as { state_topic: string; availability: unknown[] };
      expect(config).toMatchObject({ device_class: 'problem', origin: { name: 'anomalyd' } });
      expect(config.state_topic).toMatch(/^anomalyd\/gw\/(pump-1|bridge)\/alarm\/[a-z-]+$/);
    }
    found.length = 0;
    await trial.plant.send('homeassistant/status', 'offline');
    await trial.plant.send('homeassistant/status', 'online');
    await eventually('discovery again', () => configs().length === 4);
    trial.gateway.write({});
    program.child.kill('SIGHUP');
    await eventually('taken back', () => configs().filter(({ payload }) => payload === '').length === 4);
  });

  it.skipIf(!has('prometheus-alertmanager'))(
    real('go to a real Alertmanager, with their identity, and end there', 'prometheus-alertmanager'),
    async () => {
      const alertmanager = await startAlertmanager();
      try {
        trial.gateway.write({
          alarms: { offDelayS: 5 },
          publish: { alertmanager: { url: alertmanager.url, repeatS: 5 } },
        });
        const first = await trial.run();
        const { id } = await trial.raise();
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
        await trial.run();
        await trial.ask('alarm/ack', { id });
        expect(await alertmanager.alerts()).toHaveLength(1);
        await trial.feed(60, normal);
        await eventually('no alert', async () => (await alertmanager.alerts()).length === 0);
        expect(await trial.gateway.metric('anomalyd_alertmanager_failures_total')).toBe(0);
        await alertmanager.stop();
        await trial.feed(10, broken);
        await eventually(
          'a failure',
          async () => ((await trial.gateway.metric('anomalyd_alertmanager_failures_total')) ?? 0) > 0,
        );
        expect(trial.programs.at(-1)?.stderr()).toContain('Alertmanager does not take alarms');
      } finally {
        await alertmanager.stop();
      }
    },
    60_000,
  );
});
