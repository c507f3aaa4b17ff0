/** Faults written on a command line. */
import { parseDuration } from '../model/duration.js';
import { UserError } from '../model/errors.js';
import { machineFaultNames } from './machine-faults.js';
import { transmitterFaultNames, transportFaultNames, } from './sensor-faults.js';
import { signalNames } from './signals.js';
const key = '--faults';
const grammar = 'Write ASSET:FAULT[:SIGNAL]@START[+GROWTH][-END][*SEVERITY], several joined by commas, e.g. pump-1:bearing-wear@5m+10m,pump-2:bias:pressure@5m-20m*0.5.';
/**
 * `pump-1:bearing-wear@5m+10m-25m*0.8`: from minute 5, growing for 10 minutes, repaired at minute 25, up to severity 0.8.
 * Left out: growth 0 (at once), end = end of the run, severity 1. Transmitter faults name their signal.
 */
export function parseFaults(text, assets, durationS) {
    return text.split(',').map((item) => parseFault(item.trim(), assets, durationS));
}
function parseFault(item, assets, durationS) {
    const match = /^([^:@]+):([^:@]+)(?::([^:@]+))?@([^+\-*]+)(?:\+([^\-*]+))?(?:-([^*]+))?(?:\*(.+))?$/.exec(item);
    if (match === null)
        throw new UserError(`"${item}" is no fault.`, { key }, grammar);
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
    if (endS <= startS)
        throw new UserError(`"${item}" ends before it starts.`, { key }, grammar);
    const growthS = growth === undefined ? 0 : parseDuration(growth, key);
    const course = { asset, startS, growthS, severity, endS };
    if (contains(machineFaultNames, fault))
        return { ...course, kind: 'machine', fault: fault };
    if (contains(transportFaultNames, fault))
        return { ...course, kind: 'sensor', fault: fault };
    if (!contains(transmitterFaultNames, fault)) {
        const known = [...machineFaultNames, ...transmitterFaultNames, ...transportFaultNames].join(', ');
        throw new UserError(`no fault "${fault}".`, { key }, `Known: ${known}.`);
    }
    if (signal === undefined || !contains(signalNames, signal)) {
        const problem = signal === undefined ? `"${item}" names no signal.` : `no signal "${signal}".`;
        throw new UserError(problem, { key }, `A ${fault} is a fault of one of ${signalNames.join(', ')}.`);
    }
    return { ...course, kind: 'sensor', fault: fault, signal: signal };
}
function contains(names, name) {
    return names.includes(name);
}
