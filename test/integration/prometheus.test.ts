/** Every documented metric, scraped by a real Prometheus from a running gateway; and the text before promtool's eyes. */
import { spawnSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { metricTable } from '../../daemon/metrics-table.js';
import { eventually } from '../fixtures/program.js';
import { type Scene, startScene } from '../fixtures/scene.js';
import { has, real } from '../fixtures/tools.js';

describe.skipIf(!has('mosquitto', 'prometheus', 'promtool'))(
  real('metrics in Prometheus', 'mosquitto', 'prometheus', 'promtool'),
  () => {
    let scene: Scene;

    beforeAll(async () => {
      scene = await startScene();
      const { plant, gateway, prometheus } = scene;
      // The newest frame is of now, so that a scrape finds it before the asset counts as without data.
      const start = Date.now() - 29_000;
      for (let i = 0; i < 30; i++)
        for (const asset of ['pump-1', 'pump-2']) await plant.row(asset, start + i * 1000, [i > 26 ? 30 : 0, 0, 0]);
      await plant.send('plant/pump-1/telemetry', 'nonsense');
      await eventually(
        'frames',
        async () => (await gateway.metric('anomalyd_frames_scored_total{bundle="pumps"}')) === 60,
        undefined,
        async () =>
          (await gateway.page('/metrics')).text.match(/^anomalyd_(frames|readings)_\w+_total.*/gm)?.join('\n'),
      );
      await eventually('a scrape of all that', async () => {
        const [sample] = await prometheus.query('anomalyd_frames_scored_total >= 60');
        const [rejected] = await prometheus.query('anomalyd_readings_rejected_total{reason="not-json"} >= 1');
        return sample !== undefined && rejected !== undefined;
      });
    });
    afterAll(async () => {
      await scene?.stop();
    });

    // These exist only after a rebaseline or with Alertmanager configured: test/integration/alarms.test.ts reads them there.
    const elsewhere = ['alarm_level_ratio', 'alertmanager_pushes_total', 'alertmanager_failures_total'];
    it.each(metricTable.filter(({ name }) => !elsewhere.includes(name.replace('anomalyd_', ''))))(
      '$name',
      async ({ name, type, labels }) => {
        const found = await scene.prometheus.query(type === 'histogram' ? `${name}_count` : name);
        expect(found).not.toEqual([]);
        for (const label of labels) expect(found[0]?.metric).toHaveProperty(label);
      },
    );

    it('answers what people ask', async () => {
      const value = async (expression: string) => Number((await scene.prometheus.query(expression))[0]?.value[1]);
      expect(await value('max_over_time(anomalyd_severity{asset="pump-1"}[5m])')).toBeGreaterThan(1);
      expect(await value('anomalyd_alarms_active{type="machine-anomaly"} > 0')).toBeGreaterThanOrEqual(1);
      expect(await value('anomalyd_readings_rejected_total{reason="not-json"}')).toBe(1);
      expect(await value('sum(anomalyd_frames_dropped_total)')).toBe(0);
      expect(await value('max_over_time(anomalyd_signal_actual{asset="pump-2",signal="temperature"}[5m])')).toBe(30);
      expect(await value('anomalyd_readings_received_total')).toBe(180);
      expect(await value('count(process_resident_memory_bytes)')).toBe(1);
    });

    it('passes promtool check metrics', async () => {
      const { text } = await scene.gateway.page('/metrics');
      const { status, stdout, stderr } = spawnSync('promtool', ['check', 'metrics'], { input: text, encoding: 'utf8' });
      expect(`${stdout}${stderr}`).toBe('');
      expect(status).toBe(0);
    });
  },
);
