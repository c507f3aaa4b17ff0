/** Replay: the daemon's path over rows, with alarms; deterministic, also where many frames are set free at once. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Writable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AlarmChange } from '../../daemon/alarm/alarms.js';
import { alarmConfigSchema } from '../../daemon/alarm/config.js';
import { replay } from '../../daemon/commands/replay.js';
import { alignmentSchema } from '../../daemon/config.js';
import { Replay } from '../../daemon/replay.js';
import { loadBundle, writeBundle } from '../../model/bundle.js';
import { systemClock } from '../../model/clock.js';
import { UserError } from '../../model/errors.js';
import { channelNames, makeBundle } from '../fixtures/bundle.js';

let dir: string;
let bundle: string;
beforeAll(async () => {
  dir = mkdtempSync(path.join(tmpdir(), 'anomalyd-replay-'));
  bundle = path.join(dir, 'bundle');
  const { manifest, files } = makeBundle();
  await writeBundle(bundle, manifest, files);
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const start = Date.UTC(2024, 5, 1);
const values = (a: number, b = 0, c = 0) => ({ temperature: a, pressure: b, flow: c });

async function run(rows: Iterable<{ asset: string; timeMs: number; values: Record<string, number> }>) {
  const severities: [string, number, number][] = [];
  const changes: AlarmChange[] = [];
  const engine = await Replay.open({
    bundle: await loadBundle(bundle),
    alignment: alignmentSchema.parse({}),
    alarms: alarmConfigSchema.parse({ offDelayS: 5 }),
    gateway: 'replay',
    onResults: (results, assets) => {
      for (let i = 0; i < results.n; i++)
        severities.push([assets[results.slot[i] ?? -1] ?? '?', results.timeMs[i] ?? 0, results.severity[i] ?? -1]);
    },
    onAlarm: (change) => changes.push(change),
  });
  await engine.rows(rows);
  await engine.finish();
  return { severities, changes, counts: engine.counts };
}

function* rows(assets: number, seconds: number, brokenFrom = Number.POSITIVE_INFINITY) {
  for (let s = 0; s < seconds; s++)
    for (let a = 0; a < assets; a++)
      yield {
        asset: `pump-${a}`,
        timeMs: start + s * 1000,
        values: values(a === 1 && s >= brokenFrom && s < brokenFrom + 10 ? 40 : 0.1 * ((s * 7 + a) % 5)),
      };
}

describe('Replay', () => {
  it('raises the alarm of the broken machine and of no other, by event time', async () => {
    const { changes, severities, counts } = await run(rows(3, 120, 50));
    expect(counts).toEqual({ rows: 360, frames: 360, rejected: {} });
    expect(severities).toHaveLength(360);
    const alerts = changes.filter(({ transition }) => transition?.alert === true);
    expect(alerts.map(({ message, transition }) => [message.asset, message.type, transition?.kind])).toEqual([
      ['pump-1', 'machine-anomaly', 'raised'],
      ['pump-1', 'machine-anomaly', 'cleared'],
    ]);
    expect(alerts[0]?.message.startsAt).toBe(new Date(start + 50_000).toISOString());
  });

  it('gives the same twice, and each asset the same as alone', async () => {
    const together = await run(rows(3, 60, 30));
    expect(await run(rows(3, 60, 30))).toEqual(together);
    const alone = await run([...rows(3, 60, 30)].filter(({ asset }) => asset === 'pump-1'));
    expect(alone.severities).toEqual(together.severities.filter(([asset]) => asset === 'pump-1'));
  });

  it('loses no frame where more are set free at once than the ring holds', async () => {
    const assets = 3000;
    // Only two of three signals: every frame waits for its lateness or the end.
    const incomplete = [...rows(assets, 3)].map((row) => ({ ...row, values: { temperature: 1, flow: 1 } }));
    const { counts, severities } = await run(incomplete);
    expect(counts.frames).toBe(3 * assets);
    expect(severities).toHaveLength(3 * assets);
    for (const asset of ['pump-0', 'pump-2999'])
      expect(severities.filter(([name]) => name === asset).map(([, timeMs]) => timeMs)).toEqual(
        [0, 1000, 2000].map((ms) => start + ms),
      );
  });

  it('counts what alignment refuses', async () => {
    const { counts } = await run([
      { asset: 'a', timeMs: start, values: values(0) },
      { asset: 'a', timeMs: start, values: values(0) },
      { asset: 'a/b', timeMs: start, values: values(0) },
    ]);
    expect(counts.rejected).toEqual({ duplicate: 3, 'asset-name': 1 });
  });
});

describe('anomalyd replay', () => {
  const silent = () => new Writable({ write: (_chunk, _encoding, done) => done() }) as unknown as NodeJS.WriteStream;
  const input = () => {
    const file = path.join(dir, 'pump-1.csv');
    const lines = [...rows(2, 90, 40)]
      .filter(({ asset }) => asset === 'pump-1')
      .map((row) => [new Date(row.timeMs).toISOString(), ...channelNames.map((name) => row.values[name as 'flow'])]);
    writeFileSync(file, [`time,${channelNames.join(',')}`, ...lines.map((line) => line.join(','))].join('\n'));
    return file;
  };
  const command = (out: string) => ({
    bundle,
    input: [input()],
    scores: path.join(dir, out),
    alerts: path.join(dir, 'alerts.ndjson'),
    recording: {},
  });

  it('writes scores as CSV and as NDJSON, and alerts as they would be published', async () => {
    await replay(command('scores.csv'), silent(), systemClock);
    await replay(command('scores.ndjson'), silent(), systemClock);
    const csv = readFileSync(path.join(dir, 'scores.csv'), 'utf8').trim().split('\n');
    const ndjson = readFileSync(path.join(dir, 'scores.ndjson'), 'utf8').trim().split('\n');
    expect(csv).toHaveLength(91);
    expect(ndjson).toHaveLength(90);
    const header = csv[0]?.split(',') ?? [];
    const cells = csv[45]?.split(',') ?? [];
    const cell = (name: string) => cells[header.indexOf(name)];
    const row = JSON.parse(ndjson[44] ?? '') as Record<string, Record<string, number>>;
    expect(row).toMatchObject({ time: new Date(start + 44_000).toISOString(), asset: 'pump-1', mode: 'steady' });
    expect(row.actual).toEqual({ temperature: 40, pressure: 0, flow: 0 });
    expect(Number(cell('severity'))).toBe(row.severity);
    expect(Number(cell('severity'))).toBeGreaterThan(1);
    expect(Number(cell('expected.temperature'))).toBe(row.expected?.temperature);
    expect(Number(cell('contribution.temperature'))).toBeGreaterThan(0.9);
    expect(Number(cell('detector.average'))).toBe(row.detectors?.average);
    expect(cell('health.temperature')).toBe('pass');
    const alerts = readFileSync(path.join(dir, 'alerts.ndjson'), 'utf8').trim().split('\n');
    expect(alerts.map((line) => JSON.parse(line) as object)).toMatchObject([
      { seq: 1, event: 'raised', asset: 'pump-1' },
    ]);
  });

  it('writes the same bytes twice, whichever thread scores', async () => {
    await replay(command('one.csv'), silent(), systemClock);
    const thread = new URL('../../dist/daemon/replay-thread.js', import.meta.url);
    await replay(command('two.csv'), silent(), systemClock, thread);
    expect(readFileSync(path.join(dir, 'two.csv'), 'utf8')).toBe(readFileSync(path.join(dir, 'one.csv'), 'utf8'));
  });

  it('says what is wrong with its files', async () => {
    await expect(replay(command('scores.xlsx'), silent(), systemClock)).rejects.toThrow(UserError);
    await expect(replay(command('no/such/scores.csv'), silent(), systemClock)).rejects.toThrow(/can't be written/);
    const missing = { ...command('scores.csv'), input: [path.join(dir, 'nothing.csv')] };
    await expect(replay(missing, silent(), systemClock)).rejects.toThrow(/nothing\.csv/);
  });
});
