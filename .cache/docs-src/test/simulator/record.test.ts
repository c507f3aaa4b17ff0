import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { UserError } from '../../model/errors.js';
import { fleet, simulate } from '../../simulator/plant.js';
import { recordingLines, writeRecording } from '../../simulator/record.js';
import type { Fault } from '../../simulator/scenario.js';

const folder = mkdtempSync(path.join(tmpdir(), 'anomalyd-record-'));
afterAll(() => rmSync(folder, { recursive: true }));

const scenario: Fault[] = [
  { asset: 'pump-1', kind: 'sensor', fault: 'drop-out', signal: 'flow', startS: 2, growthS: 0, severity: 1, endS: 5 },
];
const plant = { seed: 1, assets: fleet(2), rateHz: 1, startMs: Date.UTC(2026, 0, 5, 8), durationS: 10, scenario };

it('writes NDJSON rows with time, asset and values; a missing value is null', async () => {
  const file = path.join(folder, 'run.ndjson');
  expect(await writeRecording(simulate(plant), file, 'ndjson')).toBe(20);
  const rows = readFileSync(file, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(rows).toEqual([...simulate(plant)].map(({ timeMs, asset, values }) => ({ time: timeMs, asset, values })));
  expect(rows.filter(({ values }) => values.flow === null)).toHaveLength(3);
});

it('writes CSV with a column a signal; a missing value is empty', () => {
  const lines = [...recordingLines(simulate(plant), 'csv')];
  expect(lines[0]).toBe('time,asset,temperature,pressure,flow,current,vibration\n');
  expect(lines[1]).toMatch(/^2026-01-05T08:00:00\.000Z,pump-[12],[\d.]+,[\d.]+,[\d.]+,[\d.]+,[\d.]+\n$/);
  expect(lines).toHaveLength(21);
  expect(lines.filter((line) => line.includes(',,'))).toHaveLength(3);
});

it('says which file it can not write', async () => {
  const file = path.join(folder, 'nowhere', 'run.csv');
  const attempt = writeRecording(simulate(plant), file, 'csv');
  await expect(attempt).rejects.toThrow(UserError);
  await expect(attempt).rejects.toThrow(/nowhere\/run\.csv: can't write the recording: ENOENT.*writable/);
});
