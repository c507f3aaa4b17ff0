import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { Random } from '../../model/random.js';
import { parseYamlConfig } from '../../model/yaml.js';
import { trainConfigSchema } from '../../training/config.js';
import { loadFrames } from '../../training/data.js';
import { roundPeriod } from '../../training/recordings.js';
import { countFrames } from '../../training/split.js';

const folder = mkdtempSync(join(tmpdir(), 'data-'));
afterAll(() => rmSync(folder, { recursive: true }));

const random = new Random('data');

/** A CSV of `rows` seconds; `extra` adds columns. */
function csv(name: string, rows: number, extra: Record<string, (i: number) => number | string> = {}): void {
  const columns = Object.entries(extra);
  const lines = Array.from({ length: rows }, (_, i) =>
    [
      new Date(Date.UTC(2024, 0, 1) + i * 1000).toISOString(),
      (50 + random.normal()).toFixed(3),
      (3 + 0.1 * random.normal()).toFixed(4),
      ...columns.map(([, cell]) => cell(i)),
    ].join(','),
  );
  const header = ['time', 'temperature', 'flow rate', ...columns.map(([column]) => column)].join(',');
  writeFileSync(join(folder, name), `${header}\n${lines.join('\n')}\n`);
}

csv('a.csv', 1000);
csv('b.csv', 600, { anomaly: (i) => (i >= 100 && i < 110 ? 1 : 0), level: () => 7 });
csv('short.csv', 60);

const load = (yaml: string, span = 32) =>
  loadFrames(parseYamlConfig(yaml, 'train.yaml', trainConfigSchema), folder, 'train.yaml', span);

describe('loadFrames', () => {
  it('needs no more than files: signals, period and hold come from the data, machines from the names', async () => {
    const frames = await load('data: {files: [a.csv, "[b].csv"]}');
    expect(frames.signals.map(({ name }) => name)).toEqual(['temperature', 'flow_rate', 'level']);
    expect(frames).toMatchObject({ periodMs: 1000, holdMs: 3000, assets: ['a', 'b'] });
    expect(frames.sources.map(({ file, frames }) => [file, frames])).toEqual([
      ['a.csv', 1000],
      ['b.csv', 600],
    ]);
    // Two gaps a machine, each of 2 % of its frames at most.
    expect(countFrames([...frames.fit, ...frames.validate, ...frames.calibrate])).toBe(1600 - 40 - 24);
    expect(frames.warnings.join('\n')).toMatch(/Not taken as signals, as their names say labels: anomaly/);
    expect(frames.warnings.join('\n')).toMatch(/level is missing in 6\d % of the frames/);
    expect(frames.warnings.join('\n')).toMatch(/Only 1600 frames/);
    expect(frames.warnings.join('\n')).toMatch(/learn from 1 of the 24 hours of a day/);
  });

  it('says which columns are no signals as they hold words', async () => {
    csv('words.csv', 1000, { machine: () => 'P-1' });
    const { signals, warnings } = await load('data: {files: [words.csv]}');
    expect(signals.map(({ name }) => name)).toEqual(['temperature', 'flow_rate']);
    expect(warnings.join('\n')).toMatch(/Not taken as signals, as they hold no numbers: machine\. .*assetColumn/);
  });

  it('takes rows in any order: the newest first, or one signal after the other', async () => {
    const [header, ...rows] = readFileSync(join(folder, 'a.csv'), 'utf8').trimEnd().split('\n');
    writeFileSync(join(folder, 'newest.csv'), `${[header, ...rows.toReversed()].join('\n')}\n`);
    const tall = ['temperature', 'flow rate'].flatMap((tag, k) =>
      rows.map((row) =>
        [tag, row.split(',')[0], row.split(',')[k + 1]].join(';').replaceAll('.', ',').replace(',000Z', 'Z'),
      ),
    );
    writeFileSync(join(folder, 'tall.csv'), `Tag;Timestamp;Value\n${tall.join('\n')}\n`);
    const [plain, newest, grouped] = await Promise.all(
      ['a.csv', 'newest.csv', 'tall.csv'].map((file) => load(`data: {files: ${file}, asset: a}`)),
    );
    for (const other of [newest, grouped]) {
      expect(other?.signals).toEqual(plain?.signals);
      expect(other?.fit.map(({ values }) => [...values])).toEqual(plain?.fit.map(({ values }) => [...values]));
    }
  });

  it('warns where each file may be a signal instead of a machine', async () => {
    for (const name of ['T', 'P'])
      writeFileSync(
        join(folder, `tag-${name}.csv`),
        `time,value\n${Array.from({ length: 900 }, (_, i) => `${i},${i % 7}`).join('\n')}\n`,
      );
    const warned = (await load('data: {files: "tag-*.csv"}')).warnings.join('\n');
    expect(warned).toContain('Each file is taken for a machine with one signal.');
    expect((await load('data: {files: tag-T.csv}')).warnings.join('\n')).not.toContain('Each file');
  });

  it('leaves out labelled rows and says so', async () => {
    const frames = await load(
      'data: {files: b.csv, labelColumn: anomaly}\nsignals: [temperature, {name: flow, column: flow rate, unit: m3/h}]',
    );
    expect(frames.warnings).toContain('b.csv: 10 rows are labelled as anomalies and were left out.');
    expect(frames.signals[1]).toEqual({ name: 'flow', column: 'flow rate', unit: 'm3/h' });
    const missing = [...frames.fit].flatMap(({ values }) => [...values]).filter(Number.isNaN).length;
    expect(missing).toBeLessThanOrEqual(2 * 10);
  });

  it('warns of rows that a column calls anomalous and that were learned all the same', async () => {
    const leak =
      'b.csv: 10 rows are not 0 in anomaly and were learned as normal; if they are known anomalies, leave them out with `labelColumn: anomaly`.';
    expect((await load('data: {files: b.csv}')).warnings).toContain(leak);
    const without = await load('data: {files: b.csv, rows: [200, 600]}');
    expect(without.warnings.join('\n')).not.toContain('learned as normal');
    const leftOut = await load('data: {files: b.csv, labelColumn: anomaly}');
    expect(leftOut.warnings.join('\n')).not.toContain('learned as normal');
  });

  it('takes the rows and times that are asked for', async () => {
    const rows = await load('data: {files: a.csv, rows: [100, 700]}');
    expect(rows.sources[0]?.frames).toBe(600);
    expect(rows.fit[0]?.timesMs[0]).toBe(Date.UTC(2024, 0, 1) + 100_000);
    const times = await load('data: {files: a.csv, from: 2024-01-01T00:05:00Z, to: 2024-01-01T00:10:00Z}');
    expect(times.sources[0]?.frames).toBe(300);
  });

  it('scales by the fitted part alone', async () => {
    csv('late.csv', 1000, { load: (i) => (i < 600 ? i % 7 : 1000) });
    const { scaler, warnings } = await load('data: {files: late.csv}');
    expect(scaler.center[2]).toBe(3);
    expect(warnings.join('\n')).toMatch(/load drifts: its median moves by \d/);
  });

  it('warns of constant signals', async () => {
    csv('constant.csv', 300, { level: () => 7 });
    const { warnings } = await load('data: {files: constant.csv}');
    expect(warnings).toContain('level never changes: any change of it will look strange.');
  });

  const errors: readonly [what: string, yaml: string, message: RegExp][] = [
    ['a file that is not there', 'data: {files: no.csv}', /no\.csv: There is no such file\./],
    [
      'a glob without files',
      'data: {files: "*.parquet"}',
      /^train\.yaml \(data\[0\]\.files\): no file matches \*\.parquet\./,
    ],
    [
      'a missing column',
      'data: {files: a.csv}\nsignals: [temperature, pressure]',
      /a\.csv:1: There is no signal column "pressure"\. The columns are "time", "temperature", "flow rate"\./,
    ],
    [
      'too little data',
      'data: {files: short.csv}',
      /short\.csv: too short: 60 frames of 1000 ms after alignment.* Training needs at least 150 frames/,
    ],
    ['a selection that leaves nothing', 'data: {files: a.csv, rows: [5000, 6000]}', /a\.csv: no rows to learn from\./],
  ];
  it.each(errors)('tells of %s', async (_, yaml, message) => {
    await expect(load(yaml)).rejects.toThrow(
      expect.objectContaining({ name: 'UserError', message: expect.stringMatching(message) }),
    );
  });
});

describe('roundPeriod', () => {
  it('takes jitter away and leaves odd periods alone', () => {
    expect([1003.2, 997, 100.2, 333.33, 1234, 0.5].map(roundPeriod)).toEqual([1000, 1000, 100, 333, 1234, 0.5]);
  });
});
