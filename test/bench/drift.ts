/**
 * `npm run bench:drift -- --seed N`: do alarm levels that follow each machine (`bundles[].levelDrift`) keep the budget of machines that drift, and let no growing fault pass? Learns from
 * two weeks of 50 healthy pumps, then watches for twelve weeks, a frame a minute, three dozen of them: a third stays as it was, a third settles within weeks at another normal (a little wear of some
 * kind, which goes no further), a third gets a fault that grows over three weeks. The same scores go through levels and alarms twice, with levels that stand still and with such that
 * follow. The last line is JSON.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import type { Bundle } from '../../model/bundle.js';
import { weekMs } from '../../model/duration.js';
import type { ResultBatch } from '../../model/frames.js';
import { levelOf } from '../../model/level.js';
import { Random } from '../../model/random.js';
import { BundleRuntime } from '../../model/runtime.js';
import { machineFaultNames } from '../../simulator/machine-faults.js';
import { fleet, simulate } from '../../simulator/plant.js';
import type { MachineFault } from '../../simulator/scenario.js';
import { signalNames } from '../../simulator/signals.js';
import { progressOn } from '../../training/progress.js';
import { Following } from './drift/following.js';
import { learn } from './plant/learned.js';

const { values: flags } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    weeks: { type: 'string', default: '12' },
    each: { type: 'string', default: '12' },
    verbose: { type: 'boolean', default: false },
  },
});
const seed = Number(flags.seed);
const weeks = Number(flags.weeks);
const each = Number(flags.each);
const groups = ['steady', 'settling', 'growing'] as const;
const periodMs = 60_000;
const learned = { assets: 50, weeks: 2 };
/** Levels move after a week and a day, so what comes before says nothing. */
const firstWeek = 2;
/** Factor that levels may follow by, as docs/tune-false-alarms.md proposes it. */
const reach = 1.3;
const budget = 1;
const weekS = weekMs / 1000;
const startMs = Date.UTC(2024, 0, 1);
const fromMs = startMs + learned.weeks * weekMs;
const names = fleet(groups.length * each);
const groupOf = (slot: number) => groups[Math.floor(slot / each)] as (typeof groups)[number];
const courses = names.flatMap((asset, slot) => courseOf(asset, slot));

const dir = await mkdtemp(path.join(tmpdir(), 'anomalyd-drift-'));
try {
  const bundle = await learn({
    seed,
    assets: fleet(learned.assets),
    startMs,
    durationS: learned.weeks * weekS,
    periodMs,
    detectors: ['pca', 'var'],
    dir,
    progress: progressOn(process.stderr),
  });
  const [still, follows] = await watch(bundle);
  console.log(JSON.stringify({ drift: { still: told(still), follows: told(follows) } }));
} finally {
  await rm(dir, { recursive: true, force: true });
}

/** What happens to a pump. */
function courseOf(asset: string, slot: number): MachineFault[] {
  const random = new Random(seed, asset, 'drift');
  const fault = machineFaultNames[slot % machineFaultNames.length] as MachineFault['fault'];
  const endS = weeks * weekS;
  const common = { kind: 'machine', asset, fault, endS } as const;
  if (groupOf(slot) === 'settling')
    return [{ ...common, startS: 0, growthS: 3 * weekS, severity: random.uniform(0.01, 0.06) }];
  if (groupOf(slot) === 'growing')
    return [{ ...common, startS: random.uniform(4, 6) * weekS, growthS: 3 * weekS, severity: 1 }];
  return [];
}

async function watch(bundle: Bundle): Promise<[Following, Following]> {
  const runtime = await BundleRuntime.open(bundle);
  const facts = {
    names,
    channels: bundle.manifest.channels,
    periodMs,
    budget,
    level: levelOf(bundle.manifest, budget),
  };
  const both = [new Following({ ...facts, reach: 1 }), new Following({ ...facts, reach })] as const;
  const C = signalNames.length;
  const n = names.length;
  const values = new Float32Array(n * C).fill(Number.NaN);
  const slots = new Map(names.map((asset, slot) => [asset, slot]));
  const slot = Int32Array.from({ length: n }, (_, i) => i);
  let nowMs = Number.NaN;
  const score = async () => {
    const timeMs = new Float64Array(n).fill(nowMs);
    const batch: ResultBatch = await runtime.score({ n, slot, timeMs, reset: new Uint8Array(n), values });
    for (const one of both) one.results(batch, nowMs);
    values.fill(Number.NaN);
  };
  const plant = { seed, assets: names, rateHz: 1000 / periodMs, startMs: fromMs, durationS: weeks * weekS };
  for (const message of simulate({ ...plant, scenario: courses })) {
    if (message.timeMs !== nowMs) {
      if (!Number.isNaN(nowMs)) await score();
      nowMs = message.timeMs;
    }
    const at = (slots.get(message.asset) as number) * C;
    for (const [c, name] of signalNames.entries()) values[at + c] = message.values[name] ?? Number.NaN;
  }
  await score();
  await runtime.close();
  return [both[0], both[1]];
}

/** Alarms an asset-week of those that are healthy, and when the faults of the others were found. */
function told(one: Following) {
  const begin = fromMs + firstWeek * weekMs;
  const levels = one.levels();
  const perWeek = names.map(
    (_, slot) =>
      one.raised.filter((alarm) => alarm.slot === slot && alarm.timeMs >= begin).length / (weeks - firstWeek),
  );
  const healthy = (group: string) => {
    const rates = perWeek.filter((_, slot) => groupOf(slot) === group);
    const mean = rates.reduce((sum, rate) => sum + rate, 0) / rates.length;
    return { perWeek: rounded(mean), machinesOverTwiceBudget: rates.filter((rate) => rate > 2 * budget).length };
  };
  const delays = courses
    .filter(({ asset }) => groupOf(names.indexOf(asset)) === 'growing')
    .map(({ asset, startS }) => {
      const sinceMs = fromMs + startS * 1000;
      const found = one.raised.find(({ slot, timeMs }) => names[slot] === asset && timeMs >= sinceMs);
      return ((found?.timeMs ?? Number.POSITIVE_INFINITY) - sinceMs) / 86_400_000;
    })
    .sort((a, b) => a - b);
  if (flags.verbose)
    for (const [slot, name] of names.entries()) {
      const course = courses.find(({ asset }) => asset === name);
      const what = course === undefined ? '' : ` ${course.fault} to ${course.severity.toFixed(3)}`;
      console.error(
        `${name} ${groupOf(slot)}${what}: ${perWeek[slot]?.toFixed(1)} alarms a week, level ${levels[slot]?.toFixed(2)}`,
      );
    }
  return {
    steady: healthy('steady'),
    settling: healthy('settling'),
    growing: {
      faults: delays.length,
      found: delays.filter(Number.isFinite).length,
      medianDelayDays: rounded(delays[Math.floor(delays.length / 2)] as number),
      mostDelayDays: rounded(delays.at(-1) as number),
    },
    levels: [Math.min(...levels), Math.max(...levels)].map(rounded),
  };
}

function rounded(value: number): number {
  return Number(value.toFixed(2));
}
