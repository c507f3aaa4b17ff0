/** The book of alarms: makes each step of an alarm, keeps what came of it, and tells it. */
import type { AlarmMessage, ValueWindow } from '../message/alarm.js';
import type { AssetAlarms } from './asset.js';
import { step } from './machine.js';
import type { AlarmSettings } from './settings.js';
import { type AlarmType, isRetained, isSilenced, phaseOf } from './state.js';
import { type AlarmInput, alone, type Company, type Transition } from './transition.js';
import { type Evidence, type StoredAlarm, viewAlarm } from './view.js';

/** One change of an alarm. */
export interface AlarmChange {
  /** What the retained state says from now on. */
  readonly message: AlarmMessage;
  /** False = the retained state is to be emptied. */
  readonly retained: boolean;
  /** Null = only the evidence is newer. */
  readonly transition: Transition | null;
  /** For alerts of a machine anomaly. */
  readonly window: ValueWindow | null;
  /** To be kept for `Alarms.restore`. */
  readonly stored: StoredAlarm;
}

/** What speaks for a step, made only where a transition needs it. */
export interface StepEvidence {
  readonly of?: () => Evidence | undefined;
  /** The newest values of some signals. */
  readonly window?: (signals: readonly string[]) => ValueWindow | null;
}

/** The alarms that one fault may raise both. */
const companions: Readonly<Partial<Record<AlarmType, AlarmType>>> = {
  'machine-anomaly': 'sensor-fault',
  'sensor-fault': 'machine-anomaly',
};

export class Ledger {
  constructor(
    private readonly onChange: (change: AlarmChange) => void,
    /** SHA-256 of the config in force, for the evidence. */
    public configHash: string | null,
  ) {}

  /** Makes a step; true when there was a transition. */
  step(
    asset: AssetAlarms,
    type: AlarmType,
    input: AlarmInput,
    evidence: StepEvidence = {},
    settings: AlarmSettings = asset.settings.alarms[type],
  ): boolean {
    const alarm = asset.alarm(type);
    const { state, transitions } = step(alarm.state, input, settings, companyOf(asset, type, input, settings));
    if (transitions.length === 0) {
      if (state !== alarm.state) asset.alarms.set(type, { ...alarm, state });
      return false;
    }
    const stored: StoredAlarm = { ...alarm, state, evidence: evidence.of?.() ?? alarm.evidence };
    const group = asset.group();
    asset.alarms.set(type, stored);
    for (const transition of transitions) {
      const signals = stored.evidence?.diagnostics.map(({ signal }) => signal) ?? [];
      this.#tell(asset, stored, transition, (transition.alert ? evidence.window?.(signals) : null) ?? null);
    }
    if (state.condition !== 'active' && transitions.some(({ alert }) => alert)) this.#settle(asset, type);
    if (asset.group() !== group) this.#regroup(asset, type);
    return true;
  }

  /** The group has another name now: the other open alarms of the asset say so. */
  #regroup(asset: AssetAlarms, type: AlarmType): void {
    for (const [other, alarm] of asset.alarms)
      if (other !== type && alarm.state.open) this.#tell(asset, alarm, null, null);
  }

  /** People were told that an alarm of the asset is over: so is the one beside it, if it ended before. */
  #settle(asset: AssetAlarms, type: AlarmType): void {
    const other = companions[type];
    const alarm = other === undefined ? undefined : asset.alarms.get(other);
    if (other === undefined || alarm?.state.announced !== true) return;
    if (alarm.state.condition === 'active' || alarm.state.open) return;
    const stored: StoredAlarm = { ...alarm, state: { ...alarm.state, announced: false } };
    asset.alarms.set(other, stored);
    this.#tell(asset, stored, null, null);
  }

  /** Newer evidence for an alarm that stays as it is. */
  refresh(asset: AssetAlarms, type: AlarmType, evidence: Evidence): void {
    const stored: StoredAlarm = { ...asset.alarm(type), evidence };
    asset.alarms.set(type, stored);
    this.#tell(asset, stored, null, null);
  }

  view(asset: AssetAlarms, alarm: StoredAlarm): AlarmMessage {
    return viewAlarm(alarm, asset.group(), this.configHash);
  }

  #tell(asset: AssetAlarms, stored: StoredAlarm, transition: Transition | null, window: ValueWindow | null): void {
    const retained = isRetained(phaseOf(stored.state));
    this.onChange({ message: this.view(asset, stored), retained, transition, window, stored });
  }
}

function companyOf(asset: AssetAlarms, type: AlarmType, input: AlarmInput, { flapWindowMs }: AlarmSettings): Company {
  const other = companions[type];
  const state = other === undefined ? undefined : asset.alarms.get(other)?.state;
  if (state === undefined) return alone;
  const isActive = state.condition === 'active';
  const timeMs = 'timeMs' in input ? input.timeMs : input.nowMs;
  const joint = isActive || (state.endsAt !== null && timeMs - state.endsAt < flapWindowMs);
  return {
    known: isActive && state.announced && !isSilenced(state),
    joint,
    news: joint ? state.news : 0,
    returns: state.returns,
    endsAt: state.endsAt,
  };
}
