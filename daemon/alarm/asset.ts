/** All alarms of one asset, and the tracks (one a bundle that scores it) that they are judged by. */
import { isMaskedWhenFlat } from '../../model/health.js';
import type { Channel, ModeRules } from '../../model/manifest.js';
import type { BundleRef, SensorSignal } from '../message/alarm.js';
import type { MaintenanceWindow } from './config.js';
import { SensorLevels } from './sensors.js';
import type { AssetSettings } from './settings.js';
import { type AlarmType, alarmTypes, initialState } from './state.js';
import { Trace } from './trace.js';
import type { StoredAlarm } from './view.js';

/** Under this name stands the one alarm of the gateway itself: nothing comes in from any asset. No asset can be called so. */
export const gatewayAsset = 'bridge';

/** What alarms need to know of a bundle. */
export interface AlarmBundle extends BundleRef {
  readonly channels: readonly Channel[];
  readonly periodMs: number;
  /** How far the scoring stage looks back for its persistence: a pause shorter than this does not end a run of deviation. */
  readonly lookbackMs: number;
  /** Names of its regimes come from them. */
  readonly modes?: ModeRules | undefined;
  /** Kinds of fault that its classifier tells apart. */
  readonly classes?: readonly string[] | undefined;
  /** Asset names by slot; may grow. */
  readonly assets: readonly string[];
}

/** One asset as one bundle sees it. */
export class Track {
  readonly trace: Trace;
  readonly sensors: SensorLevels;
  /** Newest severity of a steady frame. */
  severity = 0;
  /** Nothing goes on: frames of low severity need no look. */
  quiet = false;

  constructor(
    readonly asset: AssetAlarms,
    readonly bundle: AlarmBundle,
    public settings: AssetSettings,
  ) {
    this.trace = new Trace(bundle.channels);
    this.sensors = new SensorLevels(bundle.channels.length);
  }

  /** Takes sensors for as faulty as the alarm that is open says. */
  recall(): void {
    if (!this.asset.isActive('sensor-fault')) return;
    for (const { signal, fault, since } of this.asset.alarm('sensor-fault').evidence?.signals ?? []) {
      const channel = this.bundle.channels.findIndex(({ name }) => name === signal);
      if (channel >= 0) this.sensors.recall(channel, fault, Date.parse(since));
    }
  }
}

export class AssetAlarms {
  readonly tracks: Track[] = [];
  readonly alarms = new Map<AlarmType, StoredAlarm>();
  /** Event time at which the maintenance windows must be looked at again; -Infinity = now. */
  boundaryMs = Number.NEGATIVE_INFINITY;
  /** Event time of the last message about the machine anomaly. */
  toldMs = Number.NEGATIVE_INFINITY;

  constructor(
    readonly name: string,
    readonly gateway: string,
    public windows: readonly MaintenanceWindow[],
    public settings: AssetSettings,
  ) {}

  /** The alarms that it can have. */
  get types(): readonly AlarmType[] {
    return this.name === gatewayAsset ? ['data-stale'] : alarmTypes;
  }

  alarm(type: AlarmType): StoredAlarm {
    const known = this.alarms.get(type);
    if (known !== undefined) return known;
    return { asset: this.name, type, state: initialState(`${this.gateway}/${this.name}/${type}`), evidence: null };
  }

  isActive(type: AlarmType): boolean {
    return this.alarms.get(type)?.state.condition === 'active';
  }

  isIdle(type: AlarmType): boolean {
    const condition = this.alarms.get(type)?.state.condition;
    return condition === undefined || condition === 'normal';
  }

  /** Id of the oldest open alarm; null when none is open. */
  group(): string | null {
    let oldest: StoredAlarm | undefined;
    for (const type of alarmTypes) {
      const alarm = this.alarms.get(type);
      if (alarm?.state.open !== true) continue;
      if (oldest === undefined || (alarm.state.raisedAt ?? 0) < (oldest.state.raisedAt ?? 0)) oldest = alarm;
    }
    return oldest?.state.id ?? null;
  }

  /** Severity of the machine by the bundle that finds it worst. */
  worst(): number {
    let worst = 0;
    for (const track of this.tracks) if (track.severity > worst) worst = track.severity;
    return worst;
  }

  /** 1 = the worst sensor just counts as faulty, by any bundle. */
  sensorSeverity(): number {
    let worst = 0;
    for (const track of this.tracks) worst = Math.max(worst, track.sensors.severity());
    return worst;
  }

  /** Signals whose sensors are faulty to `above` (1 = just faulty), each once. */
  faulty(above: number): SensorSignal[] {
    const found = new Map<string, SensorSignal>();
    for (const { bundle, sensors, trace } of this.tracks)
      for (const { channel, fault, sinceMs } of sensors.faulty(above)) {
        const known = bundle.channels[channel];
        if (known === undefined || found.has(known.name)) continue;
        const masked = fault !== 'flat-line' || isMaskedWhenFlat(trace.actual(channel), known);
        found.set(known.name, { signal: known.name, fault, since: new Date(sinceMs).toISOString(), masked });
      }
    return [...found.values()];
  }

  /** Works out anew whether frames of low severity need a look. */
  settle(): void {
    const idle = this.isIdle('machine-anomaly') && this.isIdle('sensor-fault');
    for (const track of this.tracks)
      track.quiet =
        idle &&
        track.sensors.calm &&
        Number.isNaN(track.trace.runSinceMs) &&
        track.trace.verdict === 'none' &&
        track.severity < 1;
  }
}
