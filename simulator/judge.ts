/** Holds alerts against ground truth: what was found, how fast, and what was cried about without cause. */
import { transportFaultNames } from './sensor-faults.js';
import type { Truth, TruthFault } from './truth.js';

/** The fields of an alert that the judge reads. Several messages may share an `id`: one alarm through its states. */
export interface JudgedAlert {
  /** null = about no occurrence, such as one shelved before its first; not judged. */
  readonly id: string | null;
  readonly asset: string;
  /** `machine-anomaly` and `sensor-fault` are judged; others (stale data) are the daemon's own business. */
  readonly type: string;
  /** `pending` (the on-delay runs) is not yet an alarm. */
  readonly state?: string;
  /** When this happened, event time, ISO 8601; the first message of an `id` dates the alarm. Default: `updatedAt`, else `startsAt`. */
  readonly time?: string;
  readonly updatedAt?: string | null;
  /** When the deviation began, in hindsight. */
  readonly startsAt: string | null;
  readonly reason?: string;
  /** Signals whose sensor may be behind the anomaly, and whether that is known. */
  readonly suspect?: { readonly verdict: string; readonly signals: readonly string[] } | null;
}

export interface FaultVerdict {
  readonly fault: TruthFault;
  /** `unneeded`: a fault of the link that raised nothing, as it should. */
  readonly result: 'detected' | 'missed' | 'unneeded';
  /** From the fault's start (not its onset) to the alarm; never negative. */
  readonly delayS?: number;
  /** Its first alert. */
  readonly alert?: JudgedAlert;
}

export interface Summary {
  /** Machine faults. */
  readonly faults: number;
  readonly detected: number;
  readonly falseAlarms: number;
  /** Of detected machine faults; null without any. */
  readonly medianDelayS: number | null;
  /** Transmitter faults. */
  readonly sensorFaults: number;
  readonly sensorFaultsDetected: number;
  /** Sensor faults that were reported as machine faults, without naming the sensor as a suspect. */
  readonly sensorFaultsMistaken: number;
}

export interface Judgement {
  readonly faults: readonly FaultVerdict[];
  readonly falseAlarms: readonly JudgedAlert[];
  readonly mistaken: readonly JudgedAlert[];
  readonly summary: Summary;
}

/**
 * The rules:
 * - An alarm is dated by the first message of its `id`. Only `machine-anomaly` and `sensor-fault` are judged.
 * - A machine fault is detected by the first `machine-anomaly` on its asset within [start, end].
 * - A sensor fault is detected by the first alarm on its asset within [start, end] that is a `sensor-fault` or names a signal of the fault in
 *   `suspect`. A `machine-anomaly` that doesn't, by its first message, is `mistaken`, not a false alarm besides.
 * - Faults of the link (gap, clock-jitter, duplicate, late) need no alarm; one that comes is judged like any other.
 * - Further alarms on the asset up to `graceS` after the end (a bearing cools slowly, memory fades) count for nothing.
 * - Every other alarm is false, also one that is still up when a fault begins.
 */
export function judge(truth: Truth, alerts: readonly JudgedAlert[], graceS = 300): Judgement {
  const raised = firstMessages(alerts);
  const found = new Map<TruthFault, JudgedAlert>();
  const falseAlarms: JudgedAlert[] = [];
  const mistaken: JudgedAlert[] = [];
  for (const alert of raised) {
    const at = raisedMs(alert);
    const around = truth.faults.filter(
      (f) => f.asset === alert.asset && at >= Date.parse(f.start) && at <= Date.parse(f.end) + graceS * 1000,
    );
    const under = around.filter((fault) => at <= Date.parse(fault.end));
    const named = under.find((fault) => reports(alert, fault));
    if (around.length === 0) falseAlarms.push(alert);
    else if (named !== undefined) found.set(named, found.get(named) ?? alert);
    else if (under.length > 0 && under.every((f) => f.kind === 'sensor')) mistaken.push(alert);
  }
  const faults = truth.faults.map((fault): FaultVerdict => {
    const alert = found.get(fault);
    if (alert === undefined) return { fault, result: isOfLink(fault) ? 'unneeded' : 'missed' };
    return { fault, result: 'detected', delayS: (raisedMs(alert) - Date.parse(fault.start)) / 1000, alert };
  });
  return { faults, falseAlarms, mistaken, summary: summarise(faults, falseAlarms, mistaken) };
}

function reports(alert: JudgedAlert, fault: TruthFault): boolean {
  if (fault.kind === 'machine') return alert.type === 'machine-anomaly';
  return (
    alert.type === 'sensor-fault' || (alert.suspect?.signals.some((name) => fault.signals.includes(name)) ?? false)
  );
}

function isOfLink(fault: TruthFault): boolean {
  return transportFaultNames.some((name) => name === fault.fault);
}

function raisedMs(alert: JudgedAlert): number {
  return Date.parse(alert.time ?? alert.updatedAt ?? alert.startsAt ?? '');
}

/** The first message of each alarm, in order of time. */
function firstMessages(alerts: readonly JudgedAlert[]): JudgedAlert[] {
  const judged = alerts.filter(
    ({ type, state }) => (type === 'machine-anomaly' || type === 'sensor-fault') && state !== 'pending',
  );
  const first = new Map<string, JudgedAlert>();
  for (const alert of judged.sort((a, b) => raisedMs(a) - raisedMs(b))) {
    if (alert.id !== null && !first.has(alert.id)) first.set(alert.id, alert);
  }
  return [...first.values()];
}

function summarise(
  faults: readonly FaultVerdict[],
  falseAlarms: readonly JudgedAlert[],
  mistaken: readonly JudgedAlert[],
): Summary {
  const machine = faults.filter(({ fault }) => fault.kind === 'machine');
  const sensor = faults.filter(({ fault }) => fault.kind === 'sensor' && !isOfLink(fault));
  const detected = (verdicts: readonly FaultVerdict[]): number =>
    verdicts.filter(({ result }) => result === 'detected').length;
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

function median(values: readonly number[]): number | null {
  const sorted = [...values].sort((a, b) => a - b);
  const high = sorted[Math.floor(sorted.length / 2)];
  const low = sorted[Math.ceil(sorted.length / 2) - 1];
  return high === undefined || low === undefined ? null : (low + high) / 2;
}
