import { boundedScore } from './view.js';
import { machineMessage, machineReason, sensorMessage, sensorReason, staleMessage } from './wording.js';
/** Signals stay named until they are this far below what made them count. */
const signalClearAt = 0.8;
export function anomalyEvidence({ asset, bundle, trace }, timeMs, severity) {
    const diagnostics = trace.diagnostics();
    const alone = trace.alone();
    const { open, startsAt } = asset.alarm('machine-anomaly').state;
    const runSinceMs = Number.isNaN(trace.runSinceMs) ? timeMs : trace.runSinceMs;
    const since = open && startsAt !== null ? startsAt : runSinceMs;
    return {
        timeMs,
        score: boundedScore(severity),
        mode: 'steady',
        reason: machineReason(diagnostics, alone),
        message: machineMessage(asset.name, diagnostics, bundle.channels, alone, since),
        suspect: alone === null ? null : 'sensor',
        diagnostics,
        signals: [],
        bundle: refOf(bundle),
    };
}
export function sensorEvidence({ asset, bundle, sensors }, timeMs, severity) {
    const signals = sensors.faulty(signalClearAt).map(({ channel, fault, sinceMs }) => ({
        signal: bundle.channels[channel]?.name ?? '',
        fault,
        since: new Date(sinceMs).toISOString(),
    }));
    return {
        timeMs,
        score: boundedScore(severity),
        mode: null,
        reason: sensorReason(signals),
        message: sensorMessage(asset.name, signals),
        suspect: 'sensor',
        diagnostics: [],
        signals,
        bundle: refOf(bundle),
    };
}
export function staleEvidence(asset, sinceMs, usualMs, nowMs, bundle) {
    return {
        timeMs: nowMs,
        score: 1,
        mode: 'no-data',
        reason: 'no data',
        message: staleMessage(asset, sinceMs, usualMs),
        suspect: null,
        diagnostics: [],
        signals: [],
        bundle,
    };
}
function refOf({ name, version, hash }) {
    return { name, version, hash };
}
