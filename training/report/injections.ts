/** Faults put into normal frames, to see which the bundle catches: steps, ramps, noise and stuck values of one signal at a time. */
import type { Bundle } from '../../model/bundle.js';
import { healthStates } from '../../model/frames.js';
import { Random } from '../../model/random.js';
import { judge, type Verdict } from './measure.js';

/** Frames of normal operation before a fault, then of the fault. */
export interface InjectionPlan {
  readonly lead: number;
  readonly fault: number;
  /** Places in the recording, evenly spread. */
  readonly places: number;
}

export interface Fault {
  readonly kind: (typeof faultKinds)[number];
  /** Normal spreads; for `stuck` the share of the fault's frames that the value stands still. */
  readonly size: number;
}

export const faultKinds = ['step', 'ramp', 'noise', 'stuck'] as const;

/** What is tried of each kind. */
export const faultSizes: Readonly<Record<Fault['kind'], readonly number[]>> = {
  step: [1, 2, 4, 8],
  ramp: [1, 2, 4, 8],
  noise: [1, 2, 4, 8],
  stuck: [0.25, 0.5, 1],
};

export interface Caught extends Fault {
  readonly channel: number;
  /** Places, */
  readonly tried: number;
  /** of them with an alarm during the fault and none just before it, */
  readonly alarmed: number;
  /** with no alarm, but the sensor named by the health tests. */
  readonly sensorNamed: number;
  /** Of the alarms, those whose strongest evidence is this signal. */
  readonly blamed: number;
  /** Median frames from onset to alarm; NaN without any. */
  readonly delay: number;
}

/** Value `i` of `length` frames with the fault; `held` is the value at onset. */
function spoil(fault: Fault, value: number, i: number, length: number, held: number, scale: number, random: Random) {
  switch (fault.kind) {
    case 'step':
      return value + fault.size * scale;
    case 'ramp':
      return value + (fault.size * scale * (i + 1)) / length;
    case 'noise':
      return value + random.normal(0, fault.size * scale);
    case 'stuck':
      return i < fault.size * length ? held : value;
  }
}

/**
 * Each fault at each place of each signal, through the daemon's own path.
 * @param stretches [n*C] normal frames, none of which the networks were fitted to
 */
export async function inject(
  bundle: Bundle,
  stretches: readonly Float32Array[],
  plan: InjectionPlan,
): Promise<{ readonly caught: readonly Caught[]; readonly falseAlarms: number; readonly places: number }> {
  const { channels } = bundle.manifest;
  const C = channels.length;
  const places = cutPlaces(stretches, (plan.lead + plan.fault) * C, C, plan.places);
  const faults = faultKinds.flatMap((kind) => faultSizes[kind].map((size): Fault => ({ kind, size })));
  const untouched = await judge(bundle, places);
  const caught: Caught[] = [];
  for (let channel = 0; channel < C; channel++) {
    const spread = channels[channel]?.scale ?? 1;
    const trials = faults.flatMap((fault) =>
      places.map((place, p) => {
        const random = new Random('injections', fault.kind, fault.size, channel, p);
        const copy = place.slice();
        const held = copy[plan.lead * C + channel] as number;
        for (let i = 0; i < plan.fault; i++) {
          const at = (plan.lead + i) * C + channel;
          copy[at] = spoil(fault, copy[at] as number, i, plan.fault, held, spread, random);
        }
        return copy;
      }),
    );
    const verdicts = await judge(bundle, trials);
    faults.forEach((fault, f) => {
      const own = verdicts.slice(f * places.length, (f + 1) * places.length);
      caught.push({ ...fault, channel, ...countCaught(own, untouched, channel, C, plan) });
    });
  }
  return {
    caught,
    falseAlarms: untouched.filter(({ severity }) => alarmAt(severity, 0) >= 0).length,
    places: places.length,
  };
}

function countCaught(
  verdicts: readonly Verdict[],
  untouched: readonly Verdict[],
  channel: number,
  C: number,
  { lead }: InjectionPlan,
): Omit<Caught, keyof Fault | 'channel'> {
  const delays: number[] = [];
  let [tried, sensorNamed, blamed] = [0, 0, 0];
  verdicts.forEach(({ severity, contribution, health }, p) => {
    // An alarm that comes without the fault says nothing about it.
    if (alarmAt((untouched[p] as Verdict).severity, 0) >= 0) return;
    tried++;
    const at = alarmAt(severity, lead);
    if (at < 0) {
      const before = (untouched[p] as Verdict).health;
      if (isNamed(health, lead, channel, C) && !isNamed(before, lead, channel, C)) sensorNamed++;
      return;
    }
    delays.push(at - lead);
    const shares = contribution.subarray(at * C, (at + 1) * C);
    if (shares.every((share) => share <= (shares[channel] as number))) blamed++;
  });
  const sorted = delays.sort((a, b) => a - b);
  return {
    tried,
    alarmed: delays.length,
    sensorNamed,
    blamed,
    delay: sorted[Math.floor(sorted.length / 2)] ?? Number.NaN,
  };
}

/** Whether the health tests find fault with the signal from frame `from` on. */
function isNamed(health: Uint8Array, from: number, channel: number, C: number): boolean {
  for (let at = from * C + channel; at < health.length; at += C)
    if (healthStates[health[at] as number] !== 'pass') return true;
  return false;
}

function alarmAt(severity: Float32Array, from: number): number {
  for (let row = from; row < severity.length; row++) if ((severity[row] as number) >= 1) return row;
  return -1;
}

/** `count` pieces of `size` values, evenly spread over the stretches that are long enough. */
function cutPlaces(stretches: readonly Float32Array[], size: number, C: number, count: number): Float32Array[] {
  const long = stretches.filter((values) => values.length >= size);
  const each = Math.ceil(count / Math.max(1, long.length));
  return long
    .flatMap((values) =>
      Array.from({ length: each }, (_, k) => {
        const room = (values.length - size) / C;
        const from = Math.floor(each === 1 ? room / 2 : (room * k) / (each - 1)) * C;
        return values.slice(from, from + size);
      }),
    )
    .slice(0, count);
}
