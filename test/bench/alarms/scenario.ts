/** A week of a plant from a seed: faults of machines, sensors and radios, odd spikes, people, broker and daemon. */
import { Random } from '../../../model/random.js';
import { machineFaultNames } from '../../../simulator/machine-faults.js';
import type { Fault as PlantFault } from '../../../simulator/scenario.js';
import { type SignalName, signalNames } from '../../../simulator/signals.js';
import type { Asked } from './life.js';

export const periodMs = 30_000;
export const weekFrames = (7 * 86_400_000) / periodMs;
const hour = 3_600_000 / periodMs;
const day = 24 * hour;

/** What goes wrong with an asset, by the kind of trouble; `hover` and `flap` are laid over the verdicts, all else happens to the plant. */
export const faultKinds = {
  machine: ['fault', 'intermittent', 'hover', 'flap'],
  sensor: ['missing', 'patchy', 'stuck', 'spikes', 'loose'],
  radio: ['silence', 'flaky'],
} as const;
export type Track = keyof typeof faultKinds;

export interface Trouble {
  readonly track: Track;
  readonly kind: (typeof faultKinds)[Track][number];
  /** First frame, and the one after the last. */
  readonly from: number;
  readonly to: number;
  /** Frames in which it is there; all of them where it does not come and go. */
  readonly on: readonly (readonly [from: number, to: number])[];
}

export interface Ask {
  readonly frame: number;
  readonly for: Asked;
  /** Null = all alarms of the asset. */
  readonly type: string | null;
  readonly durationS?: number;
}

export interface AssetWeek {
  readonly name: string;
  readonly troubles: readonly Trouble[];
  readonly plant: readonly PlantFault[];
  readonly spikes: ReadonlyMap<number, SignalName>;
  readonly asks: readonly Ask[];
  /** Severity to lay over that of the model; NaN = none. */
  readonly painted: Float32Array;
}

export function assetWeek(name: string, seed: number): AssetWeek {
  const random = new Random(seed, name, 'week');
  const painted = new Float32Array(weekFrames).fill(Number.NaN);
  const plant: PlantFault[] = [];
  const troubles: Trouble[] = [];
  const add = (track: Track, earliest: number, latest: number) => {
    const kinds = faultKinds[track];
    const kind = anyOf<string>(random, kinds) as Trouble['kind'];
    const from = between(random, earliest, latest);
    const to = Math.min(from + between(random, hour / 4, 8 * hour), weekFrames - hour);
    const comesAndGoes = ['intermittent', 'flap', 'loose', 'flaky'].includes(kind);
    const on = comesAndGoes ? pieces(random, from, to) : [[from, to] as const];
    const trouble = { track, kind, from, to, on };
    troubles.push(trouble);
    plant.push(...happensTo(name, trouble, random));
    if (kind === 'hover' || kind === 'flap') paint(trouble, random, painted);
  };
  for (const start of [0, 2, 4])
    if (random.chance(0.75)) add('machine', start * day + 2 * hour, start * day + 18 * hour);
  for (const start of [0.2, 3.5]) if (random.chance(0.75)) add('sensor', start * day, (start + 2.5) * day);
  if (random.chance(0.6)) add('radio', 0.5 * day, 6 * day);
  const spikes = new Map<number, SignalName>();
  for (let k = 0; k < 30; k++) spikes.set(between(random, 0, weekFrames), anyOf(random, signalNames));
  troubles.sort((a, b) => a.from - b.from);
  return { name, troubles, plant, spikes, painted, asks: people(troubles, random) };
}

/** Spans of a few minutes to three hours, with pauses of the same kind. */
function pieces(random: Random, from: number, to: number): [number, number][] {
  const found: [number, number][] = [];
  for (let at = from; at < to; ) {
    const end = Math.min(to, at + 1 + span(random));
    found.push([at, end]);
    at = end + 1 + span(random);
  }
  return found;
}

/** Short ones are the commonest: half are below a quarter of an hour. */
function span(random: Random): number {
  return Math.floor(3 * hour * random.uniform(0, 1) ** 3.6);
}

function happensTo(asset: string, { kind, on }: Trouble, random: Random): PlantFault[] {
  const s = (frames: number) => (frames * periodMs) / 1000;
  const fault = anyOf(random, machineFaultNames);
  const signal = anyOf(random, signalNames);
  const severity = random.uniform(0.15, 1);
  const grown = random.chance(0.5) ? 0 : random.uniform(0, 0.8);
  return on.flatMap(([from, to]): PlantFault[] => {
    const course = { asset, startS: s(from), endS: s(to), growthS: 0, severity: 1 };
    const sensor = { ...course, kind: 'sensor', signal } as const;
    switch (kind) {
      case 'fault':
        return [{ ...course, kind: 'machine', fault, severity, growthS: grown * s(to - from) }];
      case 'intermittent':
        return [{ ...course, kind: 'machine', fault, severity }];
      case 'missing':
      case 'loose':
        return [{ ...sensor, fault: 'drop-out' }];
      case 'patchy':
        return [{ ...sensor, fault: 'drop-out', severity: 0.2 + 0.5 * severity }];
      case 'stuck':
        return [{ ...sensor, fault: 'flat-line' }];
      case 'spikes':
        return [{ ...sensor, fault: 'spike' }];
      case 'silence':
      case 'flaky':
        return [{ ...course, kind: 'sensor', fault: 'gap' }];
      default:
        return [];
    }
  });
}

/** What no machine does so badly: severities around the threshold, and far jumps over it. */
function paint({ kind, on }: Trouble, random: Random, painted: Float32Array): void {
  const height = 1.1 + 5 * random.uniform(0, 1) ** 2;
  for (const [from, to] of on)
    for (let frame = from; frame < to; frame++)
      painted[frame] = kind === 'hover' ? random.uniform(0.7, 1.3) : height * random.uniform(0.9, 1.1);
}

/** What people do about it, or in spite of it; some of it twice, as a broker delivers it. */
function people(troubles: readonly Trouble[], random: Random): Ask[] {
  const asks: Ask[] = [];
  const types = ['machine-anomaly', 'sensor-fault', 'data-stale', null, null, null];
  for (const { from, to } of troubles) {
    const frame = Math.min(from + Math.floor(random.uniform(0, 1.5) * (to - from)), weekFrames - 1);
    const type = anyOf(random, types);
    const what = random.uniform(0, 1);
    const later = (frames: number) => Math.min(frame + Math.ceil(frames), weekFrames - 1);
    if (what < 0.35) asks.push({ frame, type, for: 'ack' });
    else if (what < 0.6) asks.push({ frame, type, for: 'shelve', durationS: Math.ceil(random.uniform(600, 15_000)) });
    else if (what < 0.8)
      asks.push(
        { frame, type, for: 'out-of-service' },
        { frame: later(random.uniform(0.5, 6) * hour), type, for: 'in-service' },
      );
    if (what > 0.4 && what < 0.5) asks.push({ frame: later(30), type, for: 'unshelve' });
    if (what > 0.3 && what < 0.4) asks.push({ frame: later(20), type, for: 'ack' });
  }
  return asks.sort((a, b) => a.frame - b.frame);
}

export function between(random: Random, low: number, high: number): number {
  return Math.floor(random.uniform(low, high));
}

function anyOf<T>(random: Random, list: readonly T[]): T {
  return list[between(random, 0, list.length)] as T;
}
