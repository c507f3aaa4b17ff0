/** Faults injected into normal frames, through the daemon's own path: which of them a bundle catches, and how soon. */
import type { Bundle } from '../../model/bundle.js';
import { healthStates } from '../../model/frames.js';
import { Random } from '../../model/random.js';
import { judge, type Verdict } from '../bundle-run.js';
import { cutPlaces, type Fault, type FaultSpan, spoil, usualFaults } from './faults.js';

export interface InjectionPlan extends FaultSpan {
  /** Places in the recording, evenly spread. */
  readonly places: number;
  /** By default all kinds in all sizes. */
  readonly faults?: readonly Fault[];
}

export interface Caught extends Fault {
  readonly channel: number;
  /** Places, but for those that alarm without a fault, */
  readonly tried: number;
  /** of them with an alarm during the fault, */
  readonly alarmed: number;
  /** with no alarm, but the sensor named by the health tests. */
  readonly sensorNamed: number;
  /** Of the alarms, those whose strongest evidence is this signal. */
  readonly blamed: number;
  /** Median frames from onset to alarm; NaN without any. */
  readonly delay: number;
}

export interface Injections {
  /** One entry a signal and fault. */
  readonly caught: readonly Caught[];
  /** Places that alarm without a fault. */
  readonly falseAlarms: number;
  readonly places: number;
}

/**
 * Each fault at each place of each signal.
 * @param stretches [n*C] normal frames that nothing was fitted to; without one of lead + fault frames there are no places
 */
export async function inject(
  bundle: Bundle,
  stretches: readonly Float32Array[],
  plan: InjectionPlan,
): Promise<Injections> {
  const { channels } = bundle.manifest;
  const C = channels.length;
  const places = cutPlaces(stretches, plan, C, plan.places);
  const faults = plan.faults ?? usualFaults;
  const untouched = await judge(bundle, places);
  const caught: Caught[] = [];
  for (const [channel, { scale }] of channels.entries()) {
    const trials = faults.flatMap((fault) =>
      places.map((place, p) => {
        const random = new Random('injections', fault.kind, fault.size, channel, p);
        const donor = places[(p + 1) % places.length] ?? place;
        return spoil(place, fault, plan, { channel, channels: C, scale, donor, random });
      }),
    );
    const verdicts = await judge(bundle, trials);
    faults.forEach((fault, f) => {
      const own = verdicts.slice(f * places.length, (f + 1) * places.length);
      caught.push({ ...fault, channel, ...countCaught(own, untouched, channel, C, plan) });
    });
  }
  const falseAlarms = untouched.filter(({ severity }) => alarmAt(severity, 0) >= 0).length;
  return { caught, falseAlarms, places: places.length };
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
