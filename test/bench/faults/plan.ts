/** What is played: many short runs of learned and of unknown pumps, at most one fault each, and what is true of them. */
import { Random } from '../../../model/random.js';
import { machineFaultNames } from '../../../simulator/machine-faults.js';
import { fleet, type Message, simulate } from '../../../simulator/plant.js';
import type { Fault } from '../../../simulator/scenario.js';
import { transmitterFaultNames, transportFaultNames } from '../../../simulator/sensor-faults.js';
import { signalNames } from '../../../simulator/signals.js';
import { groundTruth, type Truth } from '../../../simulator/truth.js';

export const rateHz = 1;
/** A working morning. */
export const startMs = Date.UTC(2026, 0, 5, 8);
export const learned = fleet(8);
/** Of the same make, but nobody has learned them. */
const unknown = ['pump-9', 'pump-10'];
const pumps = [...learned, ...unknown];
/** Runs begin days after what was learned, so that each plays another stretch of the campaign. */
const daysApart = 86_400_000;
const runS = 1800;
/** A simulated pump begins as warm as if it had always run at its first load, which no pump does: it runs so long before anyone watches. */
const runInS = 900;
const machineRounds = 12;
const transmitterRounds = 4;
const transportRounds = 3;
const healthyRuns = 20;

/** One pump for half an hour. */
export interface Run {
  /** Its pump, as the simulator knows it. */
  readonly pump: string;
  /** As the daemon knows it: no two runs share an asset. */
  readonly asset: string;
  readonly startMs: number;
  readonly fault: Fault | undefined;
}

export type Unplaced = Fault extends infer F ? (F extends Fault ? Omit<F, 'asset'> : never) : never;

export function planRuns(seed: number): Run[] {
  const random = new Random(seed, 'faults');
  const faults: (Unplaced | undefined)[] = [
    ...machine(random, machineRounds),
    ...transmitters(random),
    ...links(random),
  ];
  for (let k = 0; k < healthyRuns; k++) faults.push(undefined);
  return faults.map((fault, k) => runOf(pumps[k % pumps.length] as string, k + 1, fault));
}

export function runOf(pump: string, number: number, fault: Unplaced | undefined): Run {
  return {
    pump,
    asset: `run-${number}`,
    startMs: startMs + number * daysApart,
    fault: fault === undefined ? undefined : ({ ...fault, asset: pump } as Fault),
  };
}

/** All kinds, half of them at once, half growing. */
export function machine(random: Random, rounds: number): Unplaced[] {
  return machineFaultNames.flatMap((fault) =>
    Array.from({ length: rounds }, (_, k) => ({
      ...course(random),
      kind: 'machine' as const,
      fault,
      growthS: k % 2 === 0 ? 0 : Math.round(random.uniform(120, 600)),
      severity: random.uniform(0.4, 1),
    })),
  );
}

/** All kinds on all signals. */
function transmitters(random: Random): Unplaced[] {
  return Array.from({ length: transmitterRounds }, () =>
    transmitterFaultNames.flatMap((fault) =>
      signalNames.map((signal) => ({
        ...course(random),
        kind: 'sensor' as const,
        fault,
        signal,
        growthS: fault === 'drift' ? Math.round(random.uniform(120, 600)) : 0,
        severity: random.uniform(0.4, 1),
      })),
    ),
  ).flat();
}

function links(random: Random): Unplaced[] {
  return Array.from({ length: transportRounds }, () =>
    transportFaultNames.map((fault) => {
      const common = course(random);
      const endS = fault === 'gap' ? common.startS + Math.round(random.uniform(30, 300)) : common.endS;
      return { ...common, kind: 'sensor' as const, fault, growthS: 0, severity: random.uniform(0.4, 1), endS };
    }),
  ).flat();
}

/** Some begin when the detectors have just warmed up, none later than the first third. */
export function course(random: Random): { startS: number; endS: number } {
  return { startS: Math.round(random.uniform(240, 600)), endS: runS };
}

/** The messages of all runs, one run after the other, on one time for all. */
export function* play(runs: readonly Run[], seed: number): Generator<Message, void, void> {
  for (const { pump, asset, startMs: fromMs, fault } of runs) {
    const begin = fromMs - runInS * 1000;
    const shift = startMs - fromMs;
    const scenario =
      fault === undefined ? [] : [{ ...fault, startS: fault.startS + runInS, endS: fault.endS + runInS }];
    const durationS = runInS + runS;
    for (const message of simulate({ seed, assets: [pump], rateHz, startMs: begin, durationS, scenario }))
      if (message.timeMs >= fromMs)
        yield { ...message, asset, timeMs: message.timeMs + shift, deliveryMs: message.deliveryMs + shift };
  }
}

/** On the time of `play`. */
export function truthOf(runs: readonly Run[]): Truth {
  const scenario = runs.flatMap(({ asset, fault }) => (fault === undefined ? [] : [{ ...fault, asset }]));
  return groundTruth({ assets: runs.map(({ asset }) => asset), startMs, durationS: runS, scenario });
}

/** In which nothing was wrong. */
export function normalHours(runs: readonly Run[]): number {
  return runs.reduce((sum, { fault }) => sum + (fault?.startS ?? runS), 0) / 3600;
}
