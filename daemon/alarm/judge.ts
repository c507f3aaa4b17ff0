/** From the verdicts on one frame to steps of its asset's alarms, with the evidence for them. */
import { isSteady, modeCode, type ResultBatch } from '../../model/frames.js';
import type { Suspect } from '../message/alarm.js';
import type { AssetAlarms, Track } from './asset.js';
import { anomalyEvidence, doubtfulSignals, sensorEvidence } from './evidence.js';
import type { Ledger } from './ledger.js';
import { maintenanceAt } from './maintenance.js';
import type { AlarmInput } from './transition.js';
import type { Evidence } from './view.js';

const noData = modeCode['no-data'];

/** True for a frame that changes nothing, as nearly all do. Hot: no allocation. */
export function isUneventful({ quiet, asset, bundle }: Track, batch: ResultBatch, i: number): boolean {
  if (!quiet || (batch.severity[i] ?? 0) >= 1 || (batch.instant[i] ?? 0) >= 1 || batch.mode[i] === noData) return false;
  if ((batch.timeMs[i] ?? 0) >= asset.boundaryMs || (batch.verdict[i] ?? 0) !== 0) return false;
  const count = bundle.channels.length;
  for (let k = i * count; k < (i + 1) * count; k++) if (batch.health[k] !== 0) return false;
  return true;
}

/** Takes result `i`. */
export function judgeFrame(track: Track, batch: ResultBatch, i: number, nowMs: number, ledger: Ledger): void {
  const { asset, bundle, trace, sensors } = track;
  const timeMs = batch.timeMs[i] ?? 0;
  const mode = batch.mode[i];
  if (timeMs >= asset.boundaryMs) maintain(asset, timeMs, nowMs, ledger);
  if (mode !== noData) {
    sensors.update(batch.health, i * bundle.channels.length, timeMs);
    if (!(sensors.calm && asset.isIdle('sensor-fault'))) judgeSensors(track, timeMs, nowMs, ledger);
  }
  if (isSteady(mode)) {
    const severity = batch.severity[i] ?? 0;
    const deviates = (batch.instant[i] ?? 0) >= 1;
    track.severity = severity;
    trace.heed(batch, i, asset.isActive('machine-anomaly'));
    if (deviates || (severity >= 1 && Number.isNaN(trace.runSinceMs))) trace.extend(batch, i, timeMs);
    else if (asset.isIdle('machine-anomaly') && severity < 1 && timeMs - trace.runLastMs > bundle.lookbackMs)
      trace.forget();
    judgeMachine(track, timeMs, nowMs, ledger);
  }
  asset.settle();
}

/** Brings the maintenance windows of an asset up to a time: event time while its data come, else the clock. */
export function maintain(asset: AssetAlarms, timeMs: number, nowMs: number, ledger: Ledger): void {
  const { on, untilMs } = maintenanceAt(asset.windows, timeMs);
  asset.boundaryMs = untilMs;
  for (const type of asset.types)
    if (asset.alarm(type).state.maintenance !== on)
      ledger.step(asset, type, { kind: 'maintenance', timeMs, nowMs, on });
}

function judgeMachine(track: Track, timeMs: number, nowMs: number, ledger: Ledger): void {
  const { asset, trace, settings } = track;
  const severity = asset.tracks.length === 1 ? track.severity : asset.worst();
  if (severity < 1 && asset.isIdle('machine-anomaly')) return;
  const startsAt = Number.isNaN(trace.runSinceMs) ? timeMs : trace.runSinceMs;
  // The quiet frames before an alarm ends have nothing to say about why it began.
  const telling = severity >= 1 && track.severity === severity;
  const changed = ledger.step(
    asset,
    'machine-anomaly',
    { kind: 'level', timeMs, nowMs, severity, startsAt },
    {
      of: () => (telling ? anomalyEvidence(track, timeMs, severity) : undefined),
      window: (signals) => trace.window(signals),
    },
    settings.alarms['machine-anomaly'],
  );
  if (changed) asset.toldMs = timeMs;
  if (changed && asset.isIdle('machine-anomaly')) for (const one of asset.tracks) one.trace.forget();
  if (telling && !changed && asset.isActive('machine-anomaly')) diagnose(track, timeMs, severity, ledger);
  const due = settings.refreshMs > 0 && timeMs - asset.toldMs >= settings.refreshMs;
  if (telling && due && asset.isActive('machine-anomaly')) {
    asset.toldMs = timeMs;
    ledger.refresh(asset, 'machine-anomaly', newerEvidence(track, timeMs, severity));
  }
}

/** Of an alarm that is open: after a restart, what was suspected (but for sensors that are known to be faulty) stands until somebody has looked again. */
function newerEvidence(track: Track, timeMs: number, severity: number): Evidence {
  const evidence = anomalyEvidence(track, timeMs, severity);
  const known = track.asset.alarm('machine-anomaly').evidence;
  if (track.trace.verdict !== 'none' || evidence.suspect !== null || known === null) return evidence;
  const faulty = new Set(known.signals.map(({ signal }) => signal));
  const stands = known.suspect?.signals.some((signal) => !faulty.has(signal)) === true;
  return stands ? { ...evidence, suspect: known.suspect } : evidence;
}

/** Tells when the suspicion behind an open alarm is confirmed or withdrawn; other news of it, and of the kind of fault, only change the state. */
function diagnose(track: Track, timeMs: number, severity: number, ledger: Ledger): void {
  const { asset, trace, bundle } = track;
  const known = asset.alarm('machine-anomaly').evidence;
  if (known === null) return;
  const isKnown = trace.verdict === 'none' || isSame(known.suspect, trace.suspect());
  if (isKnown && trace.cause(bundle.classes)?.class === known.cause?.class) return;
  const evidence = newerEvidence(track, timeMs, severity);
  const { suspect } = evidence;
  if (isKnown && evidence.cause?.class === known.cause?.class) return;
  asset.toldMs = timeMs;
  if (known.suspect?.verdict === suspect?.verdict || suspect?.verdict === 'undecided')
    ledger.refresh(asset, 'machine-anomaly', evidence);
  else ledger.step(asset, 'machine-anomaly', { kind: 'diagnose', timeMs }, { of: () => evidence });
}

function isSame(a: Suspect | null, b: Suspect | null): boolean {
  return a?.verdict === b?.verdict && a?.signals.join() === b?.signals.join();
}

function judgeSensors(track: Track, timeMs: number, nowMs: number, ledger: Ledger): void {
  const { asset, sensors, settings } = track;
  // Switched off while one is open, it ends as if all sensors were well.
  const severity = settings.sensorFaults ? asset.sensorSeverity() : 0;
  const known = asset.alarm('sensor-fault').evidence?.signals ?? [];
  const input: AlarmInput = { kind: 'level', timeMs, nowMs, severity, startsAt: sensors.sinceMs() };
  const of = () => (severity >= 1 ? sensorEvidence(track, timeMs, severity) : undefined);
  const changed = ledger.step(asset, 'sensor-fault', input, { of }, settings.alarms['sensor-fault']);
  if (changed) doubt(asset, ledger);
  if (changed || severity < 1 || !asset.isActive('sensor-fault')) return;
  const now = sensorEvidence(track, timeMs, severity);
  const joined = now.signals.some(({ signal }) => !known.some((one) => one.signal === signal));
  const left = known.length !== now.signals.length;
  if (joined) ledger.step(asset, 'sensor-fault', { kind: 'widen', timeMs, nowMs }, { of: () => now });
  else if (left) ledger.refresh(asset, 'sensor-fault', now);
  if (joined || left) doubt(asset, ledger);
}

/** An open alarm about the machine says at once which sensors it was judged without. */
function doubt(asset: AssetAlarms, ledger: Ledger): void {
  const { evidence } = asset.alarm('machine-anomaly');
  if (evidence !== null && asset.isActive('machine-anomaly'))
    ledger.refresh(asset, 'machine-anomaly', { ...evidence, signals: doubtfulSignals(asset) });
}
