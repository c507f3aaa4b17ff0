import { existsSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { runsOf } from '../../../training/measures/runs.js';
import { loadNab } from '../../../training/sets/nab.js';
import { loadNasa } from '../../../training/sets/nasa.js';
import { loadSkab, loadSkabNormal } from '../../../training/sets/skab.js';
import { loadSmd } from '../../../training/sets/smd.js';
import { loadTep } from '../../../training/sets/tep.js';

const data = resolve('../shared/data');
const published = existsSync(data) ? it : it.skip;

function folder(files: Record<string, string | Buffer>): string {
  const root = mkdtempSync(join(tmpdir(), 'sets-'));
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(join(root, path, '..'), { recursive: true });
    writeFileSync(join(root, path), content);
  }
  return root;
}

describe('data sets in their published layout', () => {
  it('SKAB: channels, times, labels', () => {
    const root = folder({
      'valve1/10.csv': 'datetime;A;Volume Flow;anomaly;changepoint\n2020-03-01 10:00:00;1;2;0.0;0.0\n',
      'valve1/2.csv':
        'datetime;A;Volume Flow;anomaly;changepoint\n2020-03-01 10:00:00;1;2;0.0;0.0\n2020-03-01 10:00:02;3;4;1.0;1.0\n',
    });
    const [two, ten] = loadSkab(root);
    expect([two!.name, ten!.name]).toEqual(['valve1/2', 'valve1/10']);
    expect(two).toMatchObject({ channels: ['A', 'Volume_Flow'], rows: 2, fitRows: 400 });
    expect([...two!.values]).toEqual([1, 2, 3, 4]);
    expect([...two!.labels]).toEqual([0, 1]);
    expect(two!.timesS[1]! - two!.timesS[0]!).toBe(2);
  });

  it('SKAB: any folder of its files, and the recording without anomalies in pieces', () => {
    const header = 'datetime;A;B';
    const row = (i: number) => new Date(1e12 + 1000 * i).toISOString().slice(0, 19).replace('T', ' ');
    const root = folder({
      '0.csv': `${header};anomaly;changepoint\n${row(0)};1;2;1.0;0.0\n`,
      'anomaly-free/anomaly-free.csv': [header, ...Array.from({ length: 2400 }, (_, i) => `${row(i)};${i};0`)].join(
        '\n',
      ),
    });
    expect(loadSkab(root)).toMatchObject([{ name: '0', rows: 1, channels: ['A', 'B'], labels: Uint8Array.of(1) }]);
    const pieces = loadSkabNormal(root);
    expect(pieces.map(({ rows, fitRows, values }) => [rows, fitRows, values[0]])).toEqual([
      [1150, 400, 0],
      [1150, 400, 1150],
    ]);
    expect(pieces.every(({ labels }) => !labels.includes(1))).toBe(true);
    expect(() => loadSkab(join(root, 'anomaly-free'))).toThrow(/holds none of valve1/);
    expect(loadSkabNormal(folder({ '0.csv': '' }))).toEqual([]);
  });

  it('SMD and SMAP: train, then test with its labels, gzipped or not', () => {
    const root = folder({
      'm/train.csv.gz': gzipSync('1,2\n3,4\n'),
      'm/test.csv': '5,6\n7,8\n',
      'm/label.csv': '0\n1\n',
    });
    const [series] = loadSmd(root);
    expect(series).toMatchObject({ name: 'm', rows: 4, fitRows: 2, channels: ['v1', 'v2'] });
    expect([...series!.labels]).toEqual([0, 0, 0, 1]);
    expect([...series!.values]).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    const [channel] = loadNasa(root);
    expect(channel).toMatchObject({ name: 'm', rows: 4, fitRows: 2, channels: ['v1'] });
    expect([...channel!.values]).toEqual([1, 3, 5, 7]);
    const [alone] = loadSmd(join(root, 'm'));
    expect(alone).toEqual({ ...series, name: 'm' });
    const published = folder({
      'ServerMachineDataset/train/m.txt': '1,2\n3,4\n',
      'ServerMachineDataset/test/m.txt': '5,6\n7,8\n',
      'ServerMachineDataset/test_label/m.txt': '0\n1\n',
    });
    expect(loadSmd(published)).toEqual([series]);
  });

  it.each([
    [
      'a word among numbers',
      { 'm/train.csv': '1,2\n3,x\n', 'm/test.csv': '1,2', 'm/label.csv': '0' },
      /train\.csv:2: "x" is not a number/,
    ],
    [
      'a ragged row',
      { 'm/train.csv': '1,2\n3\n', 'm/test.csv': '1,2', 'm/label.csv': '0' },
      /train\.csv:2: has 1 columns/,
    ],
    [
      'labels of another length',
      { 'm/train.csv': '1,2\n', 'm/test.csv': '1,2', 'm/label.csv': '0\n0' },
      /label\.csv: has 2 rows for 1/,
    ],
    ['a missing file', { 'm/train.csv': '1,2\n', 'm/label.csv': '0\n0' }, /test\.csv: does not exist/],
    ['nothing at all', { 'readme.txt': '' }, /holds none of machine/],
  ])('says what is wrong: %s', (_, files, message) => {
    expect(() => loadSmd(folder(files))).toThrow(message);
  });

  it('says so when the folder is none', () => {
    expect(() => loadSkab('/does/not/exist')).toThrow(/is not a folder/);
  });
});

describe('published data (beside the checkout; skipped where it is not)', () => {
  published(
    'SKAB has one event a file but for the contaminated one (needs the public sets beside the checkout)',
    () => {
      const files = loadSkab(join(data, 'skab'));
      expect(files.length).toBeGreaterThan(0);
      for (const { name, labels, channels } of files) {
        expect(channels).toHaveLength(8);
        if (name !== 'other/2')
          expect(
            labels.subarray(0, 400).some((y) => y === 1),
            name,
          ).toBe(false);
      }
    },
  );

  published(
    'SMD, SMAP, TEP and NAB load with labels only in the judged part (needs the public sets beside the checkout)',
    () => {
      for (const [files, columns] of [
        [loadSmd(join(data, 'smd')), 38],
        // One column of telemetry; commands are not judged.
        [loadNasa(join(data, 'nasa')), 1],
        [loadTep(join(data, 'tep')), 52],
        [loadNab(join(data, 'nab')), 1],
      ] as const) {
        expect(files.length).toBeGreaterThan(0);
        for (const { channels, values, rows, labels, fitRows } of files) {
          expect(channels).toHaveLength(columns);
          expect(values).toHaveLength(rows * columns);
          expect(runsOf(labels).every(({ start }) => start >= fitRows)).toBe(true);
        }
      }
    },
  );
});
