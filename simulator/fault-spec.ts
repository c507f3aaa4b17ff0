/** Faults written on a command line. */

import { parseDuration } from '../model/duration.js';
import { UserError } from '../model/errors.js';
import { type MachineFaultName, machineFaultNames } from './machine-faults.js';
import type { Course, Fault, Scenario } from './scenario.js';
import {
  type TransmitterFaultName,
  type TransportFaultName,
  transmitterFaultNames,
  transportFaultNames,
} from './sensor-faults.js';
import { type SignalName, signalNames } from './signals.js';

const key = '--faults';
const grammar =
  'Write ASSET:FAULT[:SIGNAL]@START[+GROWTH][-END][*SEVERITY], several joined by commas, e.g. pump-1:bearing-wear@5m+10m,pump-2:bias:pressure@5m-20m*0.5.';

/**
 * `pump-1:bearing-wear@5m+10m-25m*0.8`: from minute 5, growing for 10 minutes, repaired at minute 25, up to severity 0.8.
 * Left out: growth 0 (at once), end = end of the run, severity 1. Transmitter faults name their signal.
 */
export function parseFaults(text: string, assets: readonly string[], durationS: number): Scenario {
  return text.split(',').map((item) => parseFault(item.trim(), assets, durationS));
}

/** A fault whose name is still any text. */
export interface WrittenFault extends Course {
  readonly fault: string;
  readonly signal: string | undefined;
}

/** @throws UserError for what does not follow the grammar, and assets that are not there */
export function readFault(item: string, assets: readonly string[], durationS: number): WrittenFault {
  const match = /^([^:@]+):([^:@]+)(?::([^:@]+))?@([^+\-*]+)(?:\+([^\-*]+))?(?:-([^*]+))?(?:\*(.+))?$/.exec(item);
  if (match === null) throw new UserError(`"${item}" is no fault.`, { key }, grammar);
  const [, asset = '', fault = '', signal, start = '', growth, end, severityText] = match;
  if (!assets.includes(asset)) {
    throw new UserError(`no asset "${asset}".`, { key }, `The fleet is ${assets[0]} to ${assets.at(-1)}.`);
  }
  const severity = severityText === undefined ? 1 : Number(severityText);
  if (!(severity > 0 && severity <= 1)) {
    throw new UserError(`"${severityText}" is no severity.`, { key }, 'It is above 0 and at most 1.');
  }
  const startS = parseDuration(start, key);
  const endS = end === undefined ? durationS : parseDuration(end, key);
  if (endS <= startS) throw new UserError(`"${item}" ends before it starts.`, { key }, grammar);
  const growthS = growth === undefined ? 0 : parseDuration(growth, key);
  return { asset, startS, growthS, severity, endS, fault, signal };
}

function parseFault(item: string, assets: readonly string[], durationS: number): Fault {
  const { fault, signal, ...course } = readFault(item, assets, durationS);
  if (contains(machineFaultNames, fault)) return { ...course, kind: 'machine', fault: fault as MachineFaultName };
  if (contains(transportFaultNames, fault)) return { ...course, kind: 'sensor', fault: fault as TransportFaultName };
  if (!contains(transmitterFaultNames, fault)) {
    const known = [...machineFaultNames, ...transmitterFaultNames, ...transportFaultNames].join(', ');
    throw new UserError(`no fault "${fault}".`, { key }, `Known: ${known}.`);
  }
  if (signal === undefined || !contains(signalNames, signal)) {
    const problem = signal === undefined ? `"${item}" names no signal.` : `no signal "${signal}".`;
    throw new UserError(problem, { key }, `A ${fault} is a fault of one of ${signalNames.join(', ')}.`);
  }
  return { ...course, kind: 'sensor', fault: fault as TransmitterFaultName, signal: signal as SignalName };
}

function contains(names: readonly string[], name: string): boolean {
  return names.includes(name);
}
