/** What goes wrong when: the faults of a run, written down or drawn by lot. */

import { Random } from '../model/random.js';
import { type MachineFaultName, machineFaultNames, machineFaults } from './machine-faults.js';
import {
  type SensorFaultName,
  type TransmitterFaultName,
  type TransportFaultName,
  transmitterFaultNames,
  transportFaultNames,
} from './sensor-faults.js';
import { type SignalName, signalNames } from './signals.js';

export interface Course {
  readonly asset: string;
  /** Seconds from the start of the run to the first effect. */
  readonly startS: number;
  /** Seconds from the first effect to full severity; 0 = at once. */
  readonly growthS: number;
  /** Severity reached, 0-1. */
  readonly severity: number;
  /** Seconds from the start of the run to the repair, exclusive. */
  readonly endS: number;
}

export type MachineFault = Course & { readonly kind: 'machine'; readonly fault: MachineFaultName };
export type TransmitterFaultCourse = Course & {
  readonly kind: 'sensor';
  readonly fault: TransmitterFaultName;
  readonly signal: SignalName;
};
export type TransportFaultCourse = Course & { readonly kind: 'sensor'; readonly fault: TransportFaultName };
export type Fault = MachineFault | TransmitterFaultCourse | TransportFaultCourse;
export type Scenario = readonly Fault[];

export function isTransmitterFault(fault: Fault): fault is TransmitterFaultCourse {
  return fault.kind === 'sensor' && 'signal' in fault;
}

export function isTransportFault(fault: Fault): fault is TransportFaultCourse {
  return fault.kind === 'sensor' && !('signal' in fault);
}

/** The signals that show a fault; all of them where whole messages are touched. */
export function faultSignals(fault: Fault): readonly SignalName[] {
  if (fault.kind === 'machine') return machineFaults[fault.fault].signals;
  return isTransmitterFault(fault) ? [fault.signal] : signalNames;
}

const growthExponent = 2;

/** Severity at `tS`: 0 outside [start, end); machine faults grow exponentially (damage breeds damage), sensors drift evenly. */
export function severityAt(fault: Course & { readonly kind: Fault['kind'] }, tS: number): number {
  if (tS < fault.startS || tS >= fault.endS) return 0;
  const x = fault.growthS > 0 ? Math.min(1, (tS - fault.startS) / fault.growthS) : 1;
  const grown = fault.kind === 'sensor' ? x : Math.expm1(growthExponent * x) / Math.expm1(growthExponent);
  return fault.severity * grown;
}

/** Seconds from the start of the run until a fault has reached `share` of its final severity. */
export function reachesS(fault: Course & { readonly kind: Fault['kind'] }, share: number): number {
  const x = fault.kind === 'sensor' ? share : Math.log1p(share * Math.expm1(growthExponent)) / growthExponent;
  return Math.min(fault.startS + x * fault.growthS, fault.endS);
}

export interface RandomScenarioOptions {
  readonly seed: number;
  readonly assets: readonly string[];
  readonly durationS: number;
  /** Assets that get a machine fault; default two in five, rounded up. Kinds repeat only when all were used. */
  readonly machine?: number;
  /** Assets that get a sensor fault; default one in four, rounded down. */
  readonly sensor?: number;
  /** Sensor faults to choose from, without repetition until all were used. */
  readonly sensorFaults?: readonly SensorFaultName[];
}

/**
 * At most one fault an asset: each begins in the second quarter of the run, grows over a fifth of it and is repaired in the
 * last tenth, so that every asset is also seen healthy and, where there is time, recovering.
 */
export function randomScenario(options: RandomScenarioOptions): Scenario {
  const { assets, durationS } = options;
  const random = new Random(options.seed, 'scenario');
  const machine = Math.min(options.machine ?? Math.ceil(assets.length * 0.4), assets.length);
  const sensor = Math.min(options.sensor ?? Math.floor(assets.length / 4), assets.length - machine);
  const victims = random.shuffled(assets);
  const machineKinds = random.shuffled(machineFaultNames);
  const sensorKinds = random.shuffled(options.sensorFaults ?? [...transmitterFaultNames, ...transportFaultNames]);
  const measured = random.shuffled(signalNames);

  const faults = victims.slice(0, machine + sensor).map((asset, i): Fault => {
    const course = {
      asset,
      startS: Math.round(random.uniform(0.25, 0.45) * durationS),
      growthS: Math.round(random.uniform(0.15, 0.25) * durationS),
      severity: Number(random.uniform(0.8, 1).toFixed(2)),
      endS: Math.round(random.uniform(0.9, 0.96) * durationS),
    };
    if (i < machine) return { ...course, kind: 'machine', fault: machineKinds[i % machineKinds.length] ?? 'imbalance' };
    const fault = sensorKinds[(i - machine) % sensorKinds.length] ?? 'bias';
    const growthS = fault === 'drift' ? course.growthS : 0;
    const isTransport = transportFaultNames.some((name) => name === fault);
    if (isTransport) {
      // A silence is short against a run; other trouble of the link may last.
      const endS = fault === 'gap' ? Math.round(course.startS + 0.1 * durationS) : course.endS;
      return { ...course, kind: 'sensor', fault: fault as TransportFaultName, growthS, endS };
    }
    const signal = measured[(i - machine) % measured.length] ?? 'pressure';
    return { ...course, kind: 'sensor', fault: fault as TransmitterFaultName, signal, growthS };
  });
  return faults.sort((a, b) => a.startS - b.startS);
}
