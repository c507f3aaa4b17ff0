/** The plant: a fleet of pumps that send what their sensors say, from a seed and a scenario; it reads no clock. */

import { Random } from '../model/random.js';
import { type Duty, Switch } from './duty.js';
import { type Effects, machineFaults, noEffects } from './machine-faults.js';
import { Profile } from './profile.js';
import { Pump } from './pump.js';
import { makeUnit } from './pump-unit.js';
import { type Fault, isTransmitterFault, isTransportFault, type Scenario, severityAt } from './scenario.js';
import { type Passage, transmitterFaults, transportFaults } from './sensor-faults.js';
import { type SignalName, signalNames, signals, transmit } from './signals.js';

/** One row as an asset sends it. */
export interface Message {
  readonly asset: string;
  /** Event time, as the asset's clock says. */
  readonly timeMs: number;
  /** When the broker gets it; never before the event but for a jittered clock. */
  readonly deliveryMs: number;
  /** null = the sensor gave nothing. */
  readonly values: Readonly<Record<SignalName, number | null>>;
}

export interface PlantOptions {
  /** Same options, same messages. The pumps depend on seed and name alone; what happens to them also on `startMs`. */
  readonly seed: number;
  readonly assets: readonly string[];
  /** Rows a second and asset, 1-10. */
  readonly rateHz: number;
  readonly startMs: number;
  readonly durationS: number;
  readonly scenario?: Scenario;
  /** Pumps that rest at times; default: they always run. */
  readonly duty?: Duty;
}

/** `pump-1` ... `pump-n`. */
export function fleet(count: number): string[] {
  return Array.from({ length: count }, (_, i) => `pump-${i + 1}`);
}

/** Messages in order of delivery. Lazy: a run of a week costs no memory. */
export function* simulate(options: PlantOptions): Generator<Message, void, void> {
  const { assets, rateHz, startMs, durationS, scenario = [] } = options;
  const periodMs = 1000 / rateHz;
  const sources = assets.map((asset) => new Source(options, asset, scenario));
  const underway: Message[] = [];
  const rows = Math.round(durationS * rateHz);
  for (let k = 0; k < rows; k++) {
    const timeMs = startMs + Math.round(k * periodMs);
    yield* arrivedBefore(underway, timeMs);
    for (const source of sources) {
      for (const message of source.step(timeMs)) insert(underway, message);
    }
  }
  yield* arrivedBefore(underway, Number.POSITIVE_INFINITY);
}

/** A pump with its transmitters and its link. */
class Source {
  private readonly pump: Pump;
  private readonly profile: Profile;
  private readonly duty: Switch | undefined;
  private readonly noise: Random;
  private readonly trouble: Random;
  private readonly link: Random;
  private readonly faults: readonly Fault[];
  private readonly calibration: Readonly<Record<SignalName, { readonly offset: number; readonly gain: number }>>;
  /** The value each frozen transmitter froze at. */
  private readonly held = new Map<Fault, number>();
  private readonly startMs: number;
  private readonly periodMs: number;

  constructor(
    options: PlantOptions,
    private readonly asset: string,
    scenario: Scenario,
  ) {
    const { seed, startMs } = options;
    this.startMs = startMs;
    this.periodMs = 1000 / options.rateHz;
    this.faults = scenario.filter((fault) => fault.asset === asset);
    const build = new Random(seed, asset, 'unit');
    this.pump = new Pump(makeUnit(build), new Random(seed, asset, startMs, 'pump'));
    this.calibration = mapSignals((name) => ({
      offset: build.normal(0, signals[name].offsetSpread),
      gain: 1 + build.normal(0, signals[name].gainSpread),
    }));
    this.profile = new Profile(new Random(seed, asset, startMs, 'profile'), startMs);
    this.duty = options.duty && new Switch(new Random(seed, asset, startMs, 'duty'), options.duty);
    this.noise = new Random(seed, asset, startMs, 'noise');
    // Streams of their own, so that a fault changes only what it touches: the healthy twin is the same run without it.
    this.trouble = new Random(seed, asset, startMs, 'trouble');
    this.link = new Random(seed, asset, startMs, 'link');
  }

  step(timeMs: number): Message[] {
    const tS = (timeMs - this.startMs) / 1000;
    const effects: Effects = noEffects();
    for (const fault of this.faults) {
      if (fault.kind === 'machine') machineFaults[fault.fault].apply(effects, severityAt(fault, tS));
    }
    const dtS = this.periodMs / 1000;
    const demand = this.profile.step(dtS, timeMs);
    const speed = demand.speed * (this.duty?.step(dtS) ?? 1);
    const truth = this.pump.step(dtS, { ...demand, speed }, effects);
    const values = mapSignals((name) => this.measure(name, truth[name], tS));

    const passage: Passage = { timeMs, deliveriesMs: [timeMs + Math.round(this.link.uniform(2, 40))] };
    for (const fault of this.faults) {
      const s = isTransportFault(fault) ? severityAt(fault, tS) : 0;
      if (isTransportFault(fault) && s > 0) transportFaults[fault.fault](passage, s, this.periodMs, this.trouble);
    }
    return passage.deliveriesMs.map((deliveryMs) => ({
      asset: this.asset,
      timeMs: passage.timeMs,
      deliveryMs,
      values,
    }));
  }

  private measure(name: SignalName, truth: number, tS: number): number | null {
    const { noise, relativeNoise } = signals[name];
    const { offset, gain } = this.calibration[name];
    let value: number | null = truth * gain + offset + this.noise.normal(0, Math.hypot(noise, relativeNoise * truth));
    for (const fault of this.faults) {
      if (value === null || !isTransmitterFault(fault) || fault.signal !== name) continue;
      const s = severityAt(fault, tS);
      if (s <= 0) continue;
      const held = this.held.get(fault) ?? value;
      this.held.set(fault, held);
      value = transmitterFaults[fault.fault](value, s, name, held, this.trouble);
    }
    return value === null ? null : transmit(name, value);
  }
}

function mapSignals<T>(make: (name: SignalName) => T): Record<SignalName, T> {
  return Object.fromEntries(signalNames.map((name) => [name, make(name)])) as Record<SignalName, T>;
}

/** Keeps `underway` in order of delivery; equal times keep the order they were sent in. */
function insert(underway: Message[], message: Message): void {
  let at = underway.length;
  while (at > 0 && (underway[at - 1]?.deliveryMs ?? 0) > message.deliveryMs) at--;
  underway.splice(at, 0, message);
}

/** Takes what has arrived before an instant off the front. A jittered clock never makes a message arrive before it was sent. */
function* arrivedBefore(underway: Message[], timeMs: number): Generator<Message, void, void> {
  const until = underway.findIndex((message) => message.deliveryMs >= timeMs);
  yield* underway.splice(0, until < 0 ? underway.length : until);
}
