import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../../model/clock.js';
import { Random } from '../../../model/random.js';
import { baselines } from '../../../training/evaluate/baselines.js';
import { type Evaluation, evaluate, methods } from '../../../training/evaluate/evaluate.js';
import { pageOf } from '../../../training/evaluate/page.js';
import { jsonOf, tableOf } from '../../../training/evaluate/report.js';
import { silent } from '../../../training/progress.js';
import type { Series } from '../../../training/sets/series.js';

const channels = ['Current', 'Pressure', 'Flow'];

/** A file in SKAB's layout: a fault in two signals from row 500 to 700. */
function skabFile(seed: number): string {
  const random = new Random('skab', seed);
  const lines = [`datetime;${channels.join(';')};anomaly;changepoint`];
  for (let row = 0; row < 900; row++) {
    const fault = row >= 500 && row < 700 ? 12 : 0;
    const values = [random.normal(2, 0.5), random.normal() + fault, 30 + random.normal(0, 0.2) - fault / 4];
    const time = new Date(Date.UTC(2020, 1, 8, 13, 0, row)).toISOString().slice(0, 19).replace('T', ' ');
    lines.push(`${time};${values.map((v) => v.toFixed(4)).join(';')};${fault > 0 ? '1.0' : '0.0'};0.0`);
  }
  return `${lines.join('\n')}\n`;
}

describe('evaluate', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'anomalyd-test-evaluate-'));
  let evaluation: Evaluation;
  beforeAll(async () => {
    mkdirSync(path.join(folder, 'other'));
    for (const n of [1, 2]) writeFileSync(path.join(folder, 'other', `${n}.csv`), skabFile(n));
    evaluation = await evaluate({
      set: 'skab',
      folder,
      seeds: 2,
      falseAlarmsPerAssetWeek: 1,
      tensorFlow: () => Promise.reject(new Error('no network was asked for')),
      progress: silent,
      clock: systemClock,
    });
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it('finds what is plain, beside baselines that know no better', () => {
    const { anomalyd, random, alwaysOn } = evaluation.summary;
    expect(evaluation.files).toBe(2);
    expect(anomalyd.f1).toBeGreaterThan(0.95);
    expect(anomalyd).toMatchObject({ events: 2, eventsFound: 2, falseAlarmsPerNormalHour: 0, seeds: 2 });
    expect(anomalyd.medianDelayS).toBeLessThan(5);
    expect(random.far).toBeGreaterThan(40);
    // 200 of 500 rows are anomalous.
    expect(alwaysOn).toMatchObject({ f1: 200 / (200 + 300 / 2), far: 100, mar: 0 });
  });

  it('tells it as JSON of one shape', () => {
    const document = JSON.parse(jsonOf(evaluation));
    expect(Object.keys(document)).toEqual(['set', 'files', 'summary', 'perFile']);
    expect(Object.keys(document.summary)).toEqual([...methods]);
    expect(Object.keys(document.summary.pca)).toEqual(
      'f1 far mar vusPr aucPr events eventsFound falseAlarmsPerNormalHour medianDelayS seeds'.split(' '),
    );
    expect(document.perFile[0]).toMatchObject({ file: 'other/1', rows: 500, chain: { scoring: 'tracking' } });
  });

  it('tells it as a table and as a page that loads nothing', async () => {
    expect(tableOf(evaluation)).toMatch(/^method +F1 .*\nanomalyd +[\d.]+/);
    const page = await pageOf(evaluation);
    expect(page).toContain('new uPlot');
    expect(page).not.toMatch(/(src|href)="?https?:/);
  });
});

describe('baselines', () => {
  const random = new Random('baseline');
  const rows = 800;
  const series: Series = {
    name: 'one',
    channels: ['a', 'b'],
    periodMs: 1000,
    rows,
    values: Float64Array.from({ length: rows * 2 }, (_, i) => random.normal() + (i >= 1400 ? 30 : 0)),
    fitRows: 400,
    labels: Uint8Array.from({ length: rows }, (_, i) => (i >= 700 ? 1 : 0)),
    timesS: Float64Array.from({ length: rows }, (_, i) => i),
  };

  it.each(['pca', 'zscore'] as const)('%s finds a large shift and is calm before it', (name) => {
    const { alarms } = baselines[name](series, 1, Math.log(604_800));
    expect(alarms.subarray(300).every((alarm) => alarm === 1)).toBe(true);
    expect(alarms.subarray(0, 300).reduce((a, b) => a + b, 0)).toBeLessThan(3);
  });

  it('are the same for the same seed', () => {
    expect(baselines.random(series, 1)).toEqual(baselines.random(series, 1));
    expect(baselines.random(series, 1)).not.toEqual(baselines.random(series, 2));
  });
});
