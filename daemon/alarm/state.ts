/** The state of one alarm as plain JSON, and the phase of ISA-18.2 that follows from it. */

/** What an alarm is about. */
export const alarmTypes = ['machine-anomaly', 'sensor-fault', 'data-stale'] as const;
export type AlarmType = (typeof alarmTypes)[number];

/** Severity bands in rising order; `AlarmState.band` is an index into it. */
export const bands = ['warning', 'high', 'critical'] as const;
export type Band = (typeof bands)[number];

/**
 * ISA-18.2 states in the words of OPC UA Part 9. `pending` is the on-delay. `suppressed` is a maintenance window (suppressed by design).
 * `active` is active and unacknowledged, `acknowledged` active and acknowledged.
 */
export const phases = [
  'normal',
  'pending',
  'active',
  'acknowledged',
  'cleared-unacknowledged',
  'shelved',
  'suppressed',
  'out-of-service',
] as const;
export type Phase = (typeof phases)[number];

/** Who did it and why; for the record. */
export interface Author {
  readonly by: string | null;
  readonly comment: string | null;
}

/**
 * One alarm of one asset and type, over all its occurrences. Times of the process (`startsAt`, `raisedAt`, `endsAt`, `updatedAt`, the timers) are event
 * time; times of people (`ackedAt`, shelving, re-alarm) are the arrival clock.
 */
export interface AlarmState {
  /** `gateway/asset/type`, what ids are made from. */
  readonly source: string;
  /** Counts the occurrences; part of the id. */
  readonly occurrence: number;
  /** Id of the present or last occurrence; empty before the first. */
  readonly id: string;
  /** What the process does, without regard to people. */
  readonly condition: 'normal' | 'pending' | 'active';
  /** True from raise until cleared and, where required, acknowledged. */
  readonly open: boolean;
  readonly acknowledged: boolean;
  /** The process is normal again, but `latch` keeps the alarm active. */
  readonly latched: boolean;
  /** An alert of this occurrence said so. */
  readonly latchTold: boolean;
  readonly pendingSince: number | null;
  readonly startsAt: number | null;
  readonly raisedAt: number | null;
  readonly endsAt: number | null;
  readonly updatedAt: number;
  readonly ackedAt: number | null;
  readonly ackedBy: Author | null;
  /** Since when severity is below the clear level: the off-delay's timer. */
  readonly quietSince: number | null;
  readonly band: number;
  /** Since when severity is below the band: the timer of de-escalation. */
  readonly lowerSince: number | null;
  /** Highest band announced in this occurrence and those it returns from; -1 = none. */
  readonly told: number;
  /** Alerts of this occurrence and those it returns from that told more of a fault that people know of already. */
  readonly news: number;
  /** People know of it: an alert said that it is there, and none yet that it is over, or that the alarm beside it is, which was to be the last. */
  readonly announced: boolean;
  /** Returns in a row, each within the flapping window. */
  readonly returns: number;
  /** Arrival time of the last announcement: the timer of re-alarm. */
  readonly announcedAt: number | null;
  /** How often it was announced anew in this occurrence. */
  readonly reAlarms: number;
  readonly shelf: (Author & { readonly untilMs: number }) | null;
  readonly outOfService: Author | null;
  readonly maintenance: boolean;
}

export function initialState(source: string): AlarmState {
  return {
    source,
    occurrence: 0,
    id: '',
    condition: 'normal',
    open: false,
    acknowledged: false,
    latched: false,
    latchTold: false,
    pendingSince: null,
    startsAt: null,
    raisedAt: null,
    endsAt: null,
    updatedAt: 0,
    ackedAt: null,
    ackedBy: null,
    quietSince: null,
    band: 0,
    lowerSince: null,
    told: -1,
    news: 0,
    announced: false,
    returns: 0,
    announcedAt: null,
    reAlarms: 0,
    shelf: null,
    outOfService: null,
    maintenance: false,
  };
}

/** The state after a restart: nobody watched meanwhile, so no quiet time counts from before. One that is latched has had its quiet. */
export function resumed(state: AlarmState): AlarmState {
  return { ...state, quietSince: state.latched ? state.quietSince : null, lowerSince: null };
}

/** No alerts go out: someone or a maintenance window wants silence. */
export function isSilenced(state: AlarmState): boolean {
  return state.outOfService !== null || state.maintenance || state.shelf !== null;
}

/** Out of service goes before maintenance, that before shelved, and all three before what the process does. */
export function phaseOf(state: AlarmState): Phase {
  if (state.outOfService !== null) return 'out-of-service';
  if (state.maintenance) return 'suppressed';
  if (state.shelf !== null) return 'shelved';
  if (state.condition === 'active') return state.acknowledged ? 'acknowledged' : 'active';
  if (state.open) return 'cleared-unacknowledged';
  return state.condition;
}

/** True where the alarm has a retained state on the broker; otherwise its topic is empty. */
export function isRetained(phase: Phase): boolean {
  return phase !== 'normal' && phase !== 'pending';
}
