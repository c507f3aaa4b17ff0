import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadBundle } from '../../../model/bundle.js';
import { ManualClock } from '../../../model/clock.js';
import { Random } from '../../../model/random.js';
import { parseYamlConfig } from '../../../model/yaml.js';
import { trainConfigSchema } from '../../../training/config.js';
import { fit } from '../../../training/fit.js';
import { silent } from '../../../training/progress.js';
import { allParts, readLearned, readStretches, type Stretch } from '../../../training/report/frames.js';
import { principalPlane } from '../../../training/report/latent.js';
import { trainingReport } from '../../../training/report/report.js';
import { loadTensorFlow } from '../../../training/tensorflow/load.js';
import { readTrainingLog } from '../../../training/training-log.js';

const folder = mkdtempSync(join(tmpdir(), 'report-'));
afterAll(() => rmSync(folder, { recursive: true }));
const browserPath = '/usr/bin/chromium';

/** Two signals that follow one load, one that does not, and a name that HTML must not take for its own. */
function record(): string {
  const random = new Random('report');
  const rows = Array.from({ length: 1500 }, (_, i) => {
    const load = Math.sin(i / 9);
    const values = [10 + load, 50 + 5 * load, 3].map((value) => (value + random.normal(0, 0.1)).toFixed(3));
    return [Date.UTC(2024, 0, 1) + 1000 * i, 'a<b', ...values].join(',');
  });
  return `time,asset,flow,power,level\n${rows.join('\n')}\n`;
}

describe('report', () => {
  const recording = join(folder, 'normal.csv');
  const bundle = join(folder, 'bundle');
  beforeAll(async () => {
    writeFileSync(recording, record());
    const yaml = `
data: {files: normal.csv}
detectors:
  - pca
  - {recipe: dense-ae, hidden: [8], window: 4, epochs: 4, batch: 64, learningRate: 0.01}
`;
    await fit({
      config: parseYamlConfig(yaml, 'train.yaml', trainConfigSchema),
      directory: folder,
      output: bundle,
      tensorFlow: () => loadTensorFlow({ choice: 'wasm' }),
      progress: silent,
      clock: new ManualClock(Date.UTC(2024, 5, 1)),
    });
  });

  it('tells of the training alone where the recordings are gone, and says so', async () => {
    const elsewhere = join(folder, 'elsewhere', 'bundle');
    cpSync(bundle, elsewhere, { recursive: true });
    const { page, missing } = await trainingReport({ bundle: elsewhere });
    expect(page).toContain('Model card');
    expect(page).toContain('dense-ae: loss by epoch');
    expect(page).not.toContain('Caught and missed');
    expect(missing).toMatch(/elsewhere.normal\.csv: There is no such file.*with --data/);
    expect(page).toContain('There is no such file');
  });

  it('reads recordings as `fit` did, and others of the same make: by their own columns, zone and words, without what is labelled', async () => {
    const own = join(folder, 'own');
    mkdirSync(own);
    const local = record()
      .split('\n')
      .slice(1, -1)
      .map((line, i) => {
        const [time, , flow, , level] = line.split(',');
        const clock = new Date(Number(time)).toISOString().slice(0, -1).replace('T', ' ');
        return [clock, flow, i % 50 === 0 ? 'nix' : level, i >= 300 && i < 400 ? 1 : 0].join(';');
      });
    const text = ['when;FT-101;"Level (m)";bad', ...local].join('\n');
    for (const name of ['a.csv', 'b.csv']) writeFileSync(join(own, name), `${text}\n`);
    const yaml = `
data: {files: a.csv, timeColumn: when, timeZone: Europe/Berlin, missing: [nix], labelColumn: bad, asset: mill}
signals: [{name: flow, column: FT-101}, {name: level, column: Level (m)}]
detectors: [pca]
`;
    const clock = new ManualClock(0);
    const output = join(own, 'deep', 'bundle');
    const config = parseYamlConfig(yaml, 'train.yaml', trainConfigSchema);
    await fit({ config, directory: own, output, tensorFlow: () => loadTensorFlow(), progress: silent, clock });

    const { manifest, dir } = await loadBundle(output);
    const log = await readTrainingLog(dir);
    const counts = (stretches: readonly Stretch[]) =>
      Object.fromEntries(
        allParts.map((part) => [part, stretches.flatMap((one) => one.part).filter((one) => one === part).length]),
      );
    const learned = await readLearned(dir, manifest, log);
    expect(counts(learned)).toMatchObject(manifest.training!.frames);
    expect(learned.map(({ asset }) => asset)).toEqual(['mill', 'mill']);
    expect(learned[0]!.timesMs[0]).toBe(Date.UTC(2023, 11, 31, 23));
    expect(Number.isNaN(learned[0]!.values[1])).toBe(true);

    const [other] = await readStretches([join(own, 'b.csv')], manifest, log);
    expect(other).toMatchObject({ asset: 'b', timesMs: { length: 1500 } });
    expect(other!.timesMs[0]).toBe(learned[0]!.timesMs[0]);

    const { page, missing } = await trainingReport({ bundle: output, injections: { lead: 40, fault: 80, places: 1 } });
    expect(missing).toBeUndefined();
    expect(page).toContain('Caught and missed');
  });

  it.skipIf(!existsSync(browserPath))(
    'opens in a browser without errors or requests, every chart drawn (skipped where there is no /usr/bin/chromium)',
    async () => {
      const injections = { lead: 40, fault: 80, places: 2 };
      const { page } = await trainingReport({ bundle, injections });
      const file = join(folder, 'report.html');
      writeFileSync(file, page);
      const browser = await chromium.launch({
        executablePath: browserPath,
        args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--no-first-run'],
      });
      try {
        const tab = await browser.newPage({ viewport: { width: 1000, height: 800 } });
        const problems: string[] = [];
        tab.on('pageerror', ({ message }) => problems.push(message));
        tab.on('console', (message) => problems.push(message.text()));
        tab.on('request', (request) => {
          if (request.url() !== `file://${file}` && !request.url().startsWith('data:')) problems.push(request.url());
        });
        await tab.goto(`file://${file}`);
        expect(problems).toEqual([]);

        // A canvas on which nothing was drawn has one colour.
        const seen = await tab.evaluate(() => {
          // biome-ignore lint/suspicious/noExplicitAny: the browser's own
          const document = (globalThis as any).document;
          const charts = [...document.querySelectorAll('.chart')];
          return {
            drawn: Number(document.body.dataset.drawn),
            blank: charts
              .filter((chart) => {
                const canvas = chart.querySelector('canvas');
                if (!canvas) return true;
                const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
                const colours = new Set();
                for (let i = 0; i < data.length; i += 4) if (data[i + 3] > 0) colours.add(`${data[i]},${data[i + 1]}`);
                return colours.size < 4;
              })
              .map((chart) => chart.id),
            charts: charts.length,
            headings: [...document.querySelectorAll('h2')].map((heading) => heading.textContent),
          };
        });
        // 1 loss; 3 signals and severity; 3 expected; 2 detectors' residuals, scores and planes.
        expect(seen).toMatchObject({ charts: 14, drawn: 14, blank: [] });
        expect(seen.headings).toEqual([
          'Model card',
          'Learning',
          'Caught and missed',
          'Data',
          'Forecast and reconstruction',
          'Residuals by signal',
          'Scores, tail and alarm level',
          'Latent plane',
        ]);
        expect(await tab.textContent('#data ~ h3')).toBe('a<b: flow');

        const rows = await tab.locator('section:has(#faults) tbody tr').allTextContents();
        expect(rows).toHaveLength(5 * 3);
        // A step of 8 spreads of a signal that follows the load is caught wherever it is tried.
        const cells = await tab.locator('section:has(#faults) tbody tr:first-child td').allTextContents();
        expect(cells[4]).toMatch(/^(1\/1|2\/2) after \d+/);
      } finally {
        await browser.close();
      }
    },
  );

  it('refuses recordings of other signals', async () => {
    const other = join(folder, 'other.ndjson');
    writeFileSync(other, '{"time": 1717243200000, "asset": "x", "values": {"speed": 1}}\n');
    await expect(trainingReport({ bundle, recordings: [other] })).rejects.toThrow(/no readings of flow, power, level/);
  });
});

describe('principalPlane', () => {
  it('finds the directions of most variance and what they explain', () => {
    const random = new Random('plane');
    const rows = Float32Array.from({ length: 4000 }, (_, i) => random.normal(0, [3, 1, 0.01, 2][i % 4]));
    const plane = principalPlane(rows, 4);
    expect(plane.explained[0]).toBeCloseTo(9 / 14, 1);
    expect(plane.explained[1]).toBeCloseTo(4 / 14, 1);
    const [[x = 0, y = 0] = []] = plane.project(Float32Array.of(5, 0, 0, 0));
    expect(Math.abs(x)).toBeCloseTo(5, 0);
    expect(Math.abs(y)).toBeLessThan(0.6);
  });
});
