/** The dashboards: current, whole, and every expression of theirs finds data in a real Prometheus that scrapes a running daemon. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dashboardFiles, expressions } from '../../deploy/grafana/dashboards.js';
import { eventually } from '../fixtures/program.js';
import { type Scene, startScene } from '../fixtures/scene.js';
import { has, real } from '../fixtures/tools.js';

const folder = path.resolve(import.meta.dirname, '../../deploy/grafana/dashboards');
interface Panel {
  readonly id: number;
  readonly title: string;
  readonly description: string;
  readonly gridPos: { readonly x: number; readonly w: number };
  readonly targets: readonly { readonly refId: string; readonly expr: string }[];
}

describe('dashboards', () => {
  it('are what the code makes (npm run docs:grafana)', () => {
    const files = dashboardFiles();
    expect(
      readdirSync(folder)
        .filter((name) => name.endsWith('.json'))
        .sort(),
    ).toEqual([...files.keys()].sort());
    for (const [name, text] of files) expect(readFileSync(path.join(folder, name), 'utf8')).toBe(text);
  });

  it('have panels with ids, descriptions and queries, and links that lead to one another', () => {
    const boards = [...dashboardFiles().values()].map((text) => JSON.parse(text) as { uid: string; panels: Panel[] });
    for (const { panels } of boards) {
      expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
      for (const { description, targets, gridPos } of panels) {
        expect(description).toMatch(/\w.*\.$/);
        expect(targets.every(({ refId, expr }) => refId !== '' && expr !== '')).toBe(true);
        expect(gridPos.x + gridPos.w).toBeLessThanOrEqual(24);
      }
    }
    const links = [...[...dashboardFiles().values()].join('\n').matchAll(/"\/d\/([\w-]+)/g)].map(([, uid]) => uid);
    expect(links).not.toEqual([]);
    for (const uid of links) expect(boards.map((board) => board.uid)).toContain(uid);
    expect(existsSync(path.join(folder, '../provisioning/dashboards/anomalyd.yml'))).toBe(true);
  });
});

describe.skipIf(!has('mosquitto', 'prometheus'))(
  real('expressions of the dashboards', 'mosquitto', 'prometheus'),
  () => {
    let scene: Scene;
    let feeding: NodeJS.Timeout;

    beforeAll(async () => {
      scene = await startScene();
      const { plant, prometheus } = scene;
      // A rate needs two scrapes with something between; the marks need an asset above the threshold.
      // The fixture's detectors forget a level quickly: what is strange must go on swinging.
      const row = (timeMs: number, swing = 1) => {
        const sign = Math.round(timeMs / 1000) % 4 < 2 ? 1 : -1;
        return plant.row('pump-1', timeMs, [
          swing * sign * 60 + Math.sin(timeMs),
          Math.sin(2 * timeMs) / 10,
          Math.sin(3 * timeMs) / 10,
        ]);
      };
      const now = Date.now();
      for (let i = 60; i > 0; i--) await row(now - i * 1000, i < 10 ? 1 : 0);
      feeding = setInterval(() => void row(Date.now()), 1000);
      const finds = (expr: string) => eventually(expr, async () => (await prometheus.query(expr)).length > 0);
      await finds('anomalyd_severity >= 1');
      await finds('rate(anomalyd_latency_seconds_count[10s]) > 0');
    });
    afterAll(async () => {
      clearInterval(feeding);
      await scene?.stop();
    });

    it.each(expressions())('$where: $expr', async ({ expr }) => {
      const asked = expr
        .replaceAll('$__rate_interval', '10s')
        .replaceAll('$instance', '.*')
        .replaceAll('$asset', 'pump-1')
        .replaceAll('$signal', 'temperature');
      expect(asked).not.toContain('$');
      const found = await scene.prometheus.query(asked);
      expect(found).not.toEqual([]);
      expect(found.some(({ value }) => value[1] !== 'NaN')).toBe(true);
    });
  },
);
