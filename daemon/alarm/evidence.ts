/** What speaks for an alarm, put together when someone is told of it. */
import { modeOf } from '../../model/modes.js';
import type { BundleRef, SensorSignal } from '../message/alarm.js';
import type { AssetAlarms, Track } from './asset.js';
import { boundedScore, type Evidence } from './view.js';
import {
  allStaleMessage,
  machineMessage,
  machineReason,
  sensorMessage,
  sensorReason,
  staleMessage,
} from './wording.js';

/** Signals stay named until they are this far below what made them count. */
const signalClearAt = 0.8;
/** A verdict on the machine names a sensor sooner: half way to an alarm of its own it is already doubtful. */
const doubtfulAt = 0.5;

export function anomalyEvidence({ asset, bundle, trace }: Track, timeMs: number, severity: number): Evidence {
  const diagnostics = trace.diagnostics();
  const suspect = trace.suspect();
  const cause = suspect?.verdict === 'sensor' ? null : trace.cause(bundle.classes);
  const { open, startsAt } = asset.alarm('machine-anomaly').state;
  const runSinceMs = Number.isNaN(trace.runSinceMs) ? timeMs : trace.runSinceMs;
  const since = open && startsAt !== null ? startsAt : runSinceMs;
  return {
    timeMs,
    score: boundedScore(severity),
    mode: modeOf(bundle.modes, trace.mode),
    reason: machineReason(diagnostics, suspect),
    message: machineMessage(
      asset.name,
      { diagnostics, suspect, cause, isMachine: trace.verdict === 'machine' },
      bundle.channels,
      since,
    ),
    suspect,
    cause,
    diagnostics,
    signals: doubtfulSignals(asset),
    bundle: refOf(bundle),
  };
}

/** Signals that a verdict on the machine must name as doubtful. */
export function doubtfulSignals(asset: AssetAlarms): SensorSignal[] {
  return asset.faulty(doubtfulAt);
}

export function sensorEvidence({ asset, bundle, trace }: Track, timeMs: number, severity: number): Evidence {
  const signals = asset.faulty(signalClearAt);
  return {
    timeMs,
    score: boundedScore(severity),
    mode: modeOf(bundle.modes, trace.mode),
    reason: sensorReason(signals),
    message: sensorMessage(asset.name, signals),
    suspect: { verdict: 'sensor', signals: signals.map(({ signal }) => signal) },
    cause: null,
    diagnostics: [],
    signals,
    bundle: refOf(bundle),
  };
}

export function staleEvidence(
  asset: string,
  sinceMs: number,
  usualMs: number | null,
  nowMs: number,
  bundle: BundleRef,
): Evidence {
  return {
    timeMs: nowMs,
    score: 1,
    mode: 'no-data',
    reason: 'no data',
    message: staleMessage(asset, sinceMs, usualMs),
    suspect: null,
    cause: null,
    diagnostics: [],
    signals: [],
    bundle: refOf(bundle),
  };
}

/** `assets`: how many there are. */
export function allStaleEvidence(assets: number, sinceMs: number, nowMs: number): Evidence {
  return {
    timeMs: nowMs,
    score: 1,
    mode: 'no-data',
    reason: 'no data from any asset',
    message: allStaleMessage(assets, sinceMs),
    suspect: null,
    cause: null,
    diagnostics: [],
    signals: [],
    bundle: null,
  };
}

function refOf({ name, version, hash }: BundleRef): BundleRef {
  return { name, version, hash };
}
