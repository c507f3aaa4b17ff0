/** Holds alerts against ground truth: what was found, how fast, and what was cried about without cause. */
import { transportFaultNames } from './sensor-faults.js';
/**
 * The rules:
 * - An alarm is dated by the first message of its `id`. Only `machine-anomaly` and `sensor-fault` are judged.
 * - A machine fault is detected by the first `machine-anomaly` on its asset within [start, end].
 * - A sensor fault is detected by the first alarm on its asset within [start, end] that is a `sensor-fault` or says, in `suspect` or
 *   `reason`, that a sensor is suspected. A `machine-anomaly` that doesn't say so is `mistaken`, not a false alarm besides.
 * - Faults of the link (gap, clock-jitter, duplicate, late) need no alarm; one that comes is judged like any other.
 * - Further alarms on the asset up to `graceS` after the end (a bearing cools slowly, memory fades) count for nothing.
 * - Every other alarm is false, also one that is still up when a fault begins.
 */
export function judge(truth, alerts, graceS = 300) {
    const raised = firstMessages(alerts);
    const found = new Map();
    const falseAlarms = [];
    const mistaken = [];
    for (const alert of raised) {
        const at = raisedMs(alert);
        const around = truth.faults.filter((f) => f.asset === alert.asset && at >= Date.parse(f.start) && at <= Date.parse(f.end) + graceS * 1000);
        const under = around.filter((fault) => at <= Date.parse(fault.end));
        const named = under.find((fault) => reports(alert, fault));
        if (around.length === 0)
            falseAlarms.push(alert);
        else if (named !== undefined)
            found.set(named, found.get(named) ?? alert);
        else if (under.length > 0 && under.every((f) => f.kind === 'sensor') && !saysSensor(alert))
            mistaken.push(alert);
    }
    const faults = truth.faults.map((fault) => {
        const alert = found.get(fault);
        if (alert === undefined)
            return { fault, result: isOfLink(fault) ? 'unneeded' : 'missed' };
        return { fault, result: 'detected', delayS: (raisedMs(alert) - Date.parse(fault.start)) / 1000, alert };
    });
    return { faults, falseAlarms, mistaken, summary: summarise(faults, falseAlarms, mistaken) };
}
function reports(alert, fault) {
    return fault.kind === 'machine' ? alert.type === 'machine-anomaly' : saysSensor(alert);
}
function saysSensor(alert) {
    return alert.type === 'sensor-fault' || /sensor/i.test(`${alert.suspect ?? ''} ${alert.reason ?? ''}`);
}
function isOfLink(fault) {
    return transportFaultNames.some((name) => name === fault.fault);
}
function raisedMs(alert) {
    return Date.parse(alert.time ?? alert.updatedAt ?? alert.startsAt ?? '');
}
/** The first message of each alarm, in order of time. */
function firstMessages(alerts) {
    const judged = alerts.filter(({ type, state }) => (type === 'machine-anomaly' || type === 'sensor-fault') && state !== 'pending');
    const first = new Map();
    for (const alert of judged.sort((a, b) => raisedMs(a) - raisedMs(b))) {
        if (alert.id !== null && !first.has(alert.id))
            first.set(alert.id, alert);
    }
    return [...first.values()];
}
function summarise(faults, falseAlarms, mistaken) {
    const machine = faults.filter(({ fault }) => fault.kind === 'machine');
    const sensor = faults.filter(({ fault }) => fault.kind === 'sensor' && !isOfLink(fault));
    const detected = (verdicts) => verdicts.filter(({ result }) => result === 'detected').length;
    return {
        faults: machine.length,
        detected: detected(machine),
        falseAlarms: falseAlarms.length,
        medianDelayS: median(machine.flatMap(({ delayS }) => delayS ?? [])),
        sensorFaults: sensor.length,
        sensorFaultsDetected: detected(sensor),
        sensorFaultsMistaken: mistaken.length,
    };
}
function median(values) {
    const sorted = [...values].sort((a, b) => a - b);
    const high = sorted[Math.floor(sorted.length / 2)];
    const low = sorted[Math.ceil(sorted.length / 2) - 1];
    return high === undefined || low === undefined ? null : (low + high) / 2;
}
//# sourceMappingURL=judge.js.map