/** Pumps that rest at times, learned and replayed as on a gateway: with and without a rule that says when they are off. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { alarmConfigSchema } from '../../daemon/alarm/config.js';
import { alignmentSchema } from '../../daemon/config.js';
import { Replay } from '../../daemon/replay.js';
import { loadBundle } from '../../model/bundle.js';
import { ManualClock } from '../../model/clock.js';
import { modeOf } from '../../model/modes.js';
import { reasonOf } from '../../model/reason.js';
import { parseFaults } from '../../simulator/fault-spec.js';
import { fleet, type PlantOptions, simulate } from '../../simulator/plant.js';
import { writeRecording } from '../../simulator/record.js';
import { trainConfigSchema } from '../../training/config.js';
import { fit } from '../../training/fit.js';
import { silent } from '../../training/progress.js';
import { loadTensorFlow } from '../../training/tensorflow/load.js';

const folder = mkdtempSync(join(tmpdir(), 'modes-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const assets = fleet(4);
const plant: PlantOptions = { seed: 1, assets, rateHz: 0.5, startMs: Date.UTC(2026, 0, 5, 8), durationS: 9000 };
const duty = { runS: 600, restS: 240 };
const watched: PlantOptions = {
  ...plant,
  startMs: plant.startMs + 9_000_000,
  durationS: 7200,
  duty,
  scenario: parseFaults('pump-2:bearing-wear@60m+20m,pump-3:leak@70m+10m', assets, 7200),
};

async function learn(name: string, options: PlantOptions, modes?: unknown): Promise<string> {
  await writeRecording(simulate(options), join(folder, `${name}.csv`), 'csv');
  const output = join(folder, name);
  await fit({
    config: trainConfigSchema.parse({ data: { files: `${name}.csv` }, detectors: ['pca', 'var'], modes }),
    directory: folder,
    output,
    tensorFlow: () => loadTensorFlow({ choice: 'wasm' }),
    progress: silent,
    clock: new ManualClock(0),
  });
  return output;
}

interface Seen {
  /** Alarms raised, `pump-1 900`: seconds from the start. */
  readonly raised: { asset: string; atS: number; mode: string | null }[];
  /** Frames by asset. */
  readonly frames: Map<string, { mode: string; reason: string; severity: number }[]>;
}

async function watch(directory: string): Promise<Seen> {
  const bundle = await loadBundle(directory);
  const raised: Seen['raised'] = [];
  const frames: Seen['frames'] = new Map(assets.map((asset) => [asset, []]));
  const engine = await Replay.open({
    bundle,
    alignment: alignmentSchema.parse({}),
    alarms: alarmConfigSchema.parse({}),
    gateway: 'modes',
    onResults: (results, names) => {
      for (let i = 0; i < results.n; i++)
        frames.get(names[results.slot[i] ?? -1] ?? '')?.push({
          mode: modeOf(bundle.manifest.modes, results.mode[i]),
          reason: reasonOf(bundle.manifest, results, i),
          severity: results.severity[i] ?? -1,
        });
    },
    onAlarm: ({ message: { asset, type, mode, startsAt }, transition }) => {
      if (transition?.kind !== 'raised' || type !== 'machine-anomaly') return;
      raised.push({ asset, atS: (Date.parse(startsAt ?? '') - watched.startMs) / 1000, mode });
    },
  });
  for (const { asset, timeMs, values } of simulate(watched)) {
    const known = Object.entries(values).filter((entry): entry is [string, number] => entry[1] !== null);
    await engine.rows([{ asset, timeMs, values: Object.fromEntries(known) }]);
  }
  await engine.finish();
  return { raised, frames };
}

/** How often a pump went from rest to run. */
function starts(frames: readonly { mode: string }[]): number {
  return frames.filter(({ mode }, i) => mode === 'start-up' && frames[i - 1]?.mode === 'off').length;
}

describe('pumps that rest', () => {
  let seen: Seen;
  let blind: Seen;
  beforeAll(async () => {
    seen = await watch(await learn('with', { ...plant, duty }, { off: 'current < 1' }));
    blind = await watch(await learn('without', plant));
  }, 120_000);

  it('with a rule there is no false alarm at any start, and every fault is found', () => {
    const total = assets.reduce((sum, asset) => sum + starts(seen.frames.get(asset) ?? []), 0);
    expect(total).toBeGreaterThan(20);
    const faulty = (asset: string, atS: number) =>
      (asset === 'pump-2' && atS > 3600) || (asset === 'pump-3' && atS > 4200);
    expect(seen.raised.filter(({ asset, atS }) => !faulty(asset, atS))).toEqual([]);
    expect(new Set(seen.raised.map(({ asset }) => asset))).toEqual(new Set(['pump-2', 'pump-3']));
    expect(new Set(seen.raised.map(({ mode }) => mode))).toEqual(new Set(['steady']));
  });

  it('without one, machines that never rested in the recording are in alarm from their first rest on', () => {
    expect(new Set(blind.raised.filter(({ atS }) => atS < 3600).map(({ asset }) => asset))).toEqual(new Set(assets));
  });

  it('every frame says its mode and why; what is not judged has severity 0', () => {
    const all = [...seen.frames.values()].flat();
    expect(new Set(all.map(({ mode }) => mode))).toEqual(new Set(['steady', 'off', 'start-up']));
    for (const { mode, reason, severity } of all) {
      if (mode !== 'steady') expect(severity).toBe(0);
      expect(reason).toMatch(
        {
          off: /^off: current < 1$/,
          'start-up': /^starts up: off less than 60 s ago$/,
          steady: /^(not )?as learned/,
        }[mode] ?? /^$/,
      );
    }
  });
});
