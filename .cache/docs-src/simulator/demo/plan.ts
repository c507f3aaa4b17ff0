/** What the demo plays: a fleet, a stretch of normal to learn from, and a tour of faults, laid out on event time. */
import { fleet, type Message, type PlantOptions, simulate } from '../plant.js';
import { type Fault, randomScenario, type Scenario } from '../scenario.js';
import { groundTruth, type Truth } from '../truth.js';

export interface DemoOptions {
  readonly seed: number;
  readonly assets: number;
  /** Rows a second of event time and asset. */
  readonly rateHz: number;
  /** Event time to learn from. */
  readonly learnS: number;
  /** Real time of the tour. */
  readonly tourS: number;
  /** Event seconds a real second of the tour. */
  readonly speed: number;
  /** True = after the tour go on in real time, with other faults every hour. */
  readonly endless: boolean;
}

export interface DemoPlan {
  /** On a date of its own, so that a seed gives the same plant at any hour. */
  readonly plant: PlantOptions & { readonly scenario: Scenario };
  /** From the plant's date to event time. */
  readonly offsetMs: number;
  /** Before it all is normal, to be learned; after it live. */
  readonly liveMs: number;
  /** End of the tour. */
  readonly untilMs: number;
  /** Of the tour. */
  readonly truth: Truth;
}

/** A tour takes half an hour of event time, so that faults can grow at the pace of machines; never slower than real time. */
export function tourSpeed(tourS: number): number {
  return Math.max(1, Math.round(1800 / tourS));
}

/** A working morning. */
const plantStartMs = Date.UTC(2026, 0, 5, 8);
const hourS = 3600;
const endlessS = 7 * 24 * hourS;

/**
 * One plant from the first row that is learned to the last that is watched, so that no pump changes in between. Event time never runs
 * ahead of the clock: a reading from the future would be refused. It starts as far in the past as it is going to gain, and
 * what training takes is a margin on top.
 */
export function planDemo(options: DemoOptions, nowMs: number): DemoPlan {
  const { seed, learnS, tourS, speed, endless, rateHz } = options;
  const assets = fleet(options.assets);
  const tourEventS = tourS * speed;
  const liveMs = Math.floor(nowMs / 1000) * 1000 - (speed - 1) * tourS * 1000;
  const tour = faultsFrom(learnS, { seed, assets, durationS: tourEventS });
  const more: Scenario[] = [];
  for (let s = learnS + tourEventS, hour = 1; endless && s < endlessS; s += hourS, hour++) {
    more.push(faultsFrom(s, { seed: seed + hour, assets, durationS: hourS }));
  }
  const durationS = endless ? endlessS : learnS + tourEventS;
  return {
    plant: { seed, assets, rateHz, startMs: plantStartMs, durationS, scenario: [...tour, ...more.flat()] },
    offsetMs: liveMs - learnS * 1000 - plantStartMs,
    liveMs,
    untilMs: liveMs + tourEventS * 1000,
    truth: groundTruth({
      assets,
      startMs: liveMs,
      durationS: tourEventS,
      scenario: tour.map((fault) => shifted(fault, -learnS)),
    }),
  };
}

/** The plant's messages in event time. */
export function* playMessages({ plant, offsetMs }: DemoPlan): Generator<Message, void, void> {
  for (const message of simulate(plant)) {
    yield { ...message, timeMs: message.timeMs + offsetMs, deliveryMs: message.deliveryMs + offsetMs };
  }
}

/** Every machine fault once where the fleet allows, two transmitters failing, and at least one pump that stays healthy. */
function faultsFrom(startS: number, run: { seed: number; assets: readonly string[]; durationS: number }): Scenario {
  const n = run.assets.length;
  const machine = Math.max(1, Math.min(5, n - 3));
  const sensor = Math.max(0, Math.min(2, n - machine - 1));
  const sensorFaults = ['bias', 'drift', 'spike', 'flat-line', 'drop-out'] as const;
  return randomScenario({ ...run, machine, sensor, sensorFaults }).map((fault) => shifted(fault, startS));
}

function shifted<F extends Fault>(fault: F, byS: number): F {
  return { ...fault, startS: fault.startS + byS, endS: fault.endS + byS };
}
