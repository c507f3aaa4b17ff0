/**
 * `npm run bench:budget -- --seed N`: is the alarm budget kept? Learns from two weeks of 50 healthy pumps, then watches them for eight weeks, a frame a minute;
 * counts alarms as people would see them, at budgets of 1, 5 and 20 a machine and week. The last line is JSON. With `--other` it watches 50 other pumps of the same
 * make instead, which nobody has learned.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import type { Bundle } from '../../model/bundle.js';
import { weekMs } from '../../model/duration.js';
import { levelOf } from '../../model/level.js';
import { BundleRuntime } from '../../model/runtime.js';
import { fleet, simulate } from '../../simulator/plant.js';
import { signalNames } from '../../simulator/signals.js';
import { progressOn } from '../../training/progress.js';
import { learn } from './plant/learned.js';

const { values: flags } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    weeks: { type: 'string', default: '8' },
    recipes: { type: 'string', default: 'pca,var' },
    other: { type: 'boolean', default: false },
  },
});
const seed = Number(flags.seed);
const weeks = Number(flags.weeks);
const periodMs = 60_000;
const watched = 50;
const learned = { assets: watched, weeks: 2 };
const budgets = [1, 5, 20];
/** An alarm ends when severity has been below this for so many frames. */
const clearAt = 0.8;
const clearFrames = 10;
const startMs = Date.UTC(2024, 0, 1);

const dir = await mkdtemp(path.join(tmpdir(), 'anomalyd-budget-'));
try {
  const bundle = await learn({
    seed,
    assets: fleet(learned.assets),
    startMs,
    durationS: (learned.weeks * weekMs) / 1000,
    periodMs,
    detectors: flags.recipes.split(','),
    dir,
    progress: progressOn(process.stderr),
  });
  const counts = await watch(bundle);
  const budget = budgets.map((perWeek, i) => {
    const measured = (counts[i] as number) / (watched * weeks);
    return { perWeek, measured: Number(measured.toFixed(3)), ratio: Number((measured / perWeek).toFixed(3)) };
  });
  console.log(JSON.stringify({ budget }));
} finally {
  await rm(dir, { recursive: true, force: true });
}

/** Alarms at each budget. */
async function watch(bundle: Bundle): Promise<number[]> {
  const { manifest } = bundle;
  const runtime = await BundleRuntime.open(bundle);
  const levels = budgets.map((perWeek) => levelOf(manifest, perWeek) / runtime.alarmLevel);
  const alarms = budgets.map(() => 0);
  const on = budgets.map(() => new Uint8Array(watched));
  const quiet = budgets.map(() => new Uint32Array(watched));
  const slots = new Map(fleet(watched).map((asset, i) => [asset, i]));
  const C = signalNames.length;
  const frame = new Float32Array(watched * C).fill(Number.NaN);
  const batch = {
    n: watched,
    slot: Int32Array.from({ length: watched }, (_, i) => i),
    timeMs: new Float64Array(watched),
    reset: new Uint8Array(watched),
    values: frame,
  };
  const score = async (timeMs: number): Promise<void> => {
    batch.timeMs.fill(timeMs);
    const { severity } = await runtime.score(batch);
    for (let slot = 0; slot < watched; slot++)
      for (const [i, level] of levels.entries()) {
        const ratio = (severity[slot] as number) / level;
        const [state, calm] = [on[i] as Uint8Array, quiet[i] as Uint32Array];
        if (state[slot] === 0) {
          if (ratio >= 1) {
            state[slot] = 1;
            calm[slot] = 0;
            alarms[i] = (alarms[i] as number) + 1;
          }
        } else {
          calm[slot] = ratio < clearAt ? (calm[slot] as number) + 1 : 0;
          if ((calm[slot] as number) >= clearFrames) state[slot] = 0;
        }
      }
    frame.fill(Number.NaN);
  };
  let nowMs = Number.NaN;
  // The weeks after those that were learned from.
  for (const { asset, timeMs, values } of rows(
    flags.other ? seed + 1000 : seed,
    watched,
    startMs + learned.weeks * weekMs,
    weeks,
  )) {
    if (timeMs !== nowMs) {
      if (!Number.isNaN(nowMs)) await score(nowMs);
      nowMs = timeMs;
    }
    const at = (slots.get(asset) as number) * C;
    for (const [c, name] of signalNames.entries()) frame[at + c] = values[name] ?? Number.NaN;
  }
  await score(nowMs);
  await runtime.close();
  return alarms;
}

function rows(plant: number, assets: number, fromMs: number, duration: number) {
  return simulate({
    seed: plant,
    assets: fleet(assets),
    rateHz: 1000 / periodMs,
    startMs: fromMs,
    durationS: (duration * weekMs) / 1000,
  });
}
