/** A week of a plant as its alarms see it: faults, sensor faults, silences, people and maintenance; from a seed. */
export const periodMs = 10_000;
export const weekFrames = (7 * 86_400_000) / periodMs;
/** A Monday. */
export const startMs = Date.parse('2026-03-02T00:00:00Z');

export const faultKinds = ['step', 'grow', 'hover', 'flap', 'missing', 'stuck', 'spikes', 'loose', 'silence'] as const;

export interface Fault {
  readonly kind: (typeof faultKinds)[number];
  /** First frame, and the one after the last. */
  readonly from: number;
  readonly to: number;
}

export interface Command {
  readonly frame: number;
  readonly name: 'alarm/ack' | 'alarm/shelve' | 'alarm/unshelve' | 'alarm/out-of-service' | 'alarm/in-service';
  readonly durationS?: number;
}

/** One asset's week, frame by frame. */
export interface AssetWeek {
  readonly name: string;
  readonly faults: readonly Fault[];
  readonly commands: readonly Command[];
  readonly severity: Float32Array;
  readonly instant: Float32Array;
  /** Index into `healthStates` of the first signal; the others pass. */
  readonly health: Uint8Array;
  /** 1 = there was a frame. */
  readonly present: Uint8Array;
}

/** mulberry32: good enough for scenarios, the same everywhere. */
export function random(seed: number): () => number {
  let a = seed >>> 0;
  return () => {
    a = (a + 0x6d2b79f5) >>> 0;
    let t = Math.imul(a ^ (a >>> 15), 1 | a);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const hour = 3_600_000 / periodMs;

export function assetWeek(name: string, rand: () => number): AssetWeek {
  const between = (low: number, high: number) => Math.floor(low + rand() * (high - low));
  const severity = Float32Array.from({ length: weekFrames }, () => 0.9 * rand() ** 4);
  const instant = Float32Array.from(severity, (value) => (rand() < 1e-4 ? 1 + rand() : value));
  const health = new Uint8Array(weekFrames);
  const present = new Uint8Array(weekFrames).fill(1);
  // Odd spikes, too far apart to make a fault together.
  for (let k = 0; k < 30; k++) health[between(2016 * k, 2016 * k + 1500)] = 3;
  const faults: Fault[] = [];
  // Far enough apart that each alert belongs to one fault.
  for (const day of [0, 2, 4]) {
    if (rand() < 0.25) continue;
    const kind = faultKinds[between(0, faultKinds.length)] ?? 'step';
    const from = between((24 * day + 2) * hour, (24 * day + 18) * hour);
    const fault = { kind, from, to: from + between(hour / 4, 8 * hour) };
    faults.push(fault);
    paint(fault, rand, { severity, instant, health, present });
  }
  return { name, faults, commands: commands(faults, rand), severity, instant, health, present };
}

type Canvas = Pick<AssetWeek, 'severity' | 'instant' | 'health' | 'present'>;

function paint({ kind, from, to }: Fault, rand: () => number, { severity, instant, health, present }: Canvas): void {
  const height = 1.1 + 5 * rand() ** 2;
  let on = true;
  let turn = from;
  const deviate = (frame: number, value: number) => {
    severity[frame] = value;
    instant[frame] = value;
  };
  for (let frame = from; frame < to; frame++) {
    if (frame >= turn) {
      on = !on;
      turn = frame + 1 + Math.floor(rand() * 240);
    }
    const along = (frame - from) / (to - from);
    if (kind === 'step') deviate(frame, height * (0.9 + 0.2 * rand()));
    else if (kind === 'grow') deviate(frame, 0.5 + 8 * along * (0.9 + 0.2 * rand()));
    else if (kind === 'hover') deviate(frame, 0.7 + 0.6 * rand());
    else if (kind === 'flap' && on) deviate(frame, height);
    else if (kind === 'missing') health[frame] = 1;
    else if (kind === 'stuck') health[frame] = 4;
    else if (kind === 'spikes') health[frame] = rand() < 0.5 ? 3 : 0;
    else if (kind === 'loose' && on) health[frame] = 1;
    else if (kind === 'silence') present[frame] = 0;
  }
}

/** What people do about it, or in spite of it. */
function commands(faults: readonly Fault[], rand: () => number): Command[] {
  const list: Command[] = [];
  for (const { from, to } of faults) {
    const at = Math.min(from + Math.floor(rand() * (to - from) * 1.5), weekFrames - 1);
    const what = rand();
    if (what < 0.4) list.push({ frame: at, name: 'alarm/ack' });
    else if (what < 0.6) list.push({ frame: at, name: 'alarm/shelve', durationS: Math.ceil(600 + rand() * 14_400) });
    else if (what < 0.8) {
      const end = Math.min(at + Math.floor(hour * (0.5 + 6 * rand())), weekFrames - 1);
      list.push({ frame: at, name: 'alarm/out-of-service' }, { frame: end, name: 'alarm/in-service' });
    }
    if (what >= 0.4 && what < 0.5) list.push({ frame: Math.min(at + 30, weekFrames - 1), name: 'alarm/unshelve' });
  }
  return list.sort((a, b) => a.frame - b.frame);
}
