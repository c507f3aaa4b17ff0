/** From the state of an alarm and its evidence to the message that tells of it. */
import type { AlarmMessage, BundleRef, Cause, Diagnostic, SensorSignal, Suspect } from '../message/alarm.js';
import { type AlarmState, type AlarmType, bands, phaseOf } from './state.js';
import { doubtMessage, doubtReason } from './wording.js';

/** What speaks for an alarm, as of its newest update; plain JSON. */
export interface Evidence {
  readonly timeMs: number;
  readonly score: number;
  readonly mode: AlarmMessage['mode'];
  readonly reason: string;
  readonly message: string;
  readonly suspect: Suspect | null;
  readonly cause: Cause | null;
  readonly diagnostics: readonly Diagnostic[];
  readonly signals: readonly SensorSignal[];
  readonly bundle: BundleRef | null;
}

/** One alarm as it is kept: enough to go on after a restart as if nothing had been. */
export interface StoredAlarm {
  readonly asset: string;
  readonly type: AlarmType;
  readonly state: AlarmState;
  readonly evidence: Evidence | null;
}

/** Larger scores say nothing more, and JSON has no infinity. */
const largestScore = 1e6;

export function boundedScore(severity: number): number {
  return Number(Math.min(Math.max(severity, 0), largestScore).toPrecision(6));
}

/** `group` is the id of the asset's oldest open alarm. */
export function viewAlarm(alarm: StoredAlarm, group: string | null, config: string | null): AlarmMessage {
  const { asset, type, state } = alarm;
  // A silence without an occurrence has nothing to show of the last one.
  const shown = state.open || phaseOf(state) === 'normal';
  const evidence = shown ? alarm.evidence : null;
  const updatedAt = Math.max(state.updatedAt, evidence?.timeMs ?? 0);
  // A sensor-fault is about these signals; a verdict on the machine was reached in spite of them, and says so.
  const doubts = type === 'machine-anomaly' ? (evidence?.signals ?? []) : [];
  const author = state.outOfService ?? state.shelf ?? state.ackedBy;
  return {
    id: shown && state.id !== '' ? state.id : null,
    asset,
    type,
    state: phaseOf(state),
    severity: shown && state.id !== '' ? (bands[state.band] ?? 'warning') : null,
    score: evidence?.score ?? null,
    startsAt: shown ? iso(state.startsAt) : null,
    updatedAt: updatedAt === 0 ? null : iso(updatedAt),
    endsAt: shown ? iso(state.endsAt) : null,
    ackedAt: shown ? iso(state.ackedAt) : null,
    reason: `${evidence?.reason ?? ''}${doubts.length === 0 ? '' : `; ${doubtReason(doubts)}`}`,
    message: `${evidence?.message ?? `${asset}: ${type} is not active.`}${doubtMessage(doubts)}${remark(state)}`,
    suspect:
      evidence?.suspect ??
      (doubts.length > 0 ? { verdict: 'sensor', signals: doubts.map(({ signal }) => signal) } : null),
    cause: evidence?.cause ?? null,
    mode: evidence?.mode ?? null,
    diagnostics: [...(evidence?.diagnostics ?? [])],
    signals: [...(evidence?.signals ?? [])],
    bundle: evidence?.bundle ?? null,
    config,
    group: state.open ? group : null,
    occurrence: state.occurrence,
    flapping: state.open && state.returns > 0,
    latched: state.latched,
    reAlarms: state.reAlarms,
    shelvedUntil: iso(state.shelf?.untilMs ?? null),
    by: author?.by ?? null,
    comment: author?.comment ?? null,
  };
}

/** What the state adds to the sentence about the evidence. */
function remark(state: AlarmState): string {
  if (state.outOfService !== null) return ' Out of service.';
  if (state.maintenance) return ' In maintenance.';
  if (state.shelf !== null) return ` Shelved until ${iso(state.shelf.untilMs)}.`;
  if (state.latched) return ' Normal again; waits to be acknowledged.';
  if (state.id !== '' && state.condition !== 'active')
    return state.endsAt === null ? '' : ` Normal again since ${iso(state.endsAt)}.`;
  if (state.returns > 0) return ` It comes and goes (${state.returns + 1} times).`;
  return '';
}

function iso(timeMs: number | null): string | null {
  return timeMs === null ? null : new Date(timeMs).toISOString();
}
