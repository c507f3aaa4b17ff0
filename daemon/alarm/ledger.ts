/** The book of alarms: makes each step of an alarm, keeps what came of it, and tells it. */
import type { AlarmMessage, ValueWindow } from '../message/alarm.js';
import type { AssetAlarms } from './asset.js';
import { step } from './machine.js';
import type { AlarmSettings } from './settings.js';
import { type AlarmType, isRetained, phaseOf } from './state.js';
import type { AlarmInput, Transition } from './transition.js';
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
    const { state, transitions } = step(alarm.state, input, settings);
    if (transitions.length === 0) {
      if (state !== alarm.state) asset.alarms.set(type, { ...alarm, state });
      return false;
    }
    const stored: StoredAlarm = { ...alarm, state, evidence: evidence.of?.() ?? alarm.evidence };
    asset.alarms.set(type, stored);
    for (const transition of transitions) {
      const signals = stored.evidence?.diagnostics.map(({ signal }) => signal) ?? [];
      this.#tell(asset, stored, transition, (transition.alert ? evidence.window?.(signals) : null) ?? null);
    }
    return true;
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
