/** The alarms of all assets: verdicts, silence and commands in; changes with their evidence out. */
import type { ResultBatch } from '../../model/frames.js';
import type { AlarmMessage } from '../message/alarm.js';
import { type AlarmBundle, AssetAlarms, gatewayAsset, Track } from './asset.js';
import { type AlarmCommand, type CommandResult, inputOf, targets } from './command.js';
import type { AlarmConfig } from './config.js';
import { allStaleEvidence, staleEvidence } from './evidence.js';
import { isUneventful, judgeFrame, maintain } from './judge.js';
import { type AlarmChange, Ledger } from './ledger.js';
import { windowsOf } from './maintenance.js';
import { resolveSettings } from './settings.js';
import { type AlarmState, type AlarmType, isRetained, phaseOf, resumed } from './state.js';
import type { Evidence, StoredAlarm } from './view.js';

export interface AlarmsOptions {
  readonly gateway: string;
  readonly config: AlarmConfig;
  /** SHA-256 of the config in force, for the evidence. */
  readonly configHash: string | null;
  /** Changes in the order in which they happen. */
  readonly onChange: (change: AlarmChange) => void;
}

/**
 * Owns the state of every alarm. Times: `timeMs` of the results is event time; `nowMs` is the arrival clock (in a replay the caller hands in event time
 * for both). An alarm never ends for lack of data: frames of warm-up, without data or of a machine
 * that is off say nothing about how it runs.
 */
export class Alarms {
  readonly #assets = new Map<string, AssetAlarms>();
  readonly #bundles: (AlarmBundle | undefined)[] = [];
  /** By bundle and slot. */
  readonly #tracks: (Track | undefined)[][] = [];
  readonly #ledger: Ledger;
  #config: AlarmConfig;

  constructor(private readonly options: AlarmsOptions) {
    this.#config = options.config;
    this.#ledger = new Ledger(options.onChange, options.configHash);
    this.#asset(gatewayAsset);
  }

  /** Sets or replaces the bundle at an index of the config. Open alarms stay; what was remembered of values is forgotten. */
  setBundle(index: number, bundle: AlarmBundle): void {
    for (const track of this.#tracks[index] ?? [])
      if (track !== undefined) track.asset.tracks.splice(track.asset.tracks.indexOf(track), 1);
    this.#bundles[index] = bundle;
    this.#tracks[index] = [];
  }

  /** Takes another config: settings change from the next input on, no alarm is lost or told twice. */
  reload(config: AlarmConfig, configHash: string | null): void {
    this.#config = config;
    this.#ledger.configHash = configHash;
    for (const asset of this.#assets.values()) {
      asset.windows = windowsOf(config.maintenance, asset.name);
      asset.boundaryMs = Number.NEGATIVE_INFINITY;
      asset.settings = resolveSettings(config, asset.name, '', 0);
      for (const track of asset.tracks) {
        track.settings = resolveSettings(config, asset.name, track.bundle.name, track.bundle.periodMs);
        asset.settings = track.settings;
      }
    }
  }

  /** Verdicts of one bundle in the order of scoring. The arrays are only read before it returns. */
  results(bundle: number, batch: ResultBatch, nowMs: number): void {
    const tracks = this.#tracks[bundle];
    if (tracks === undefined) throw new RangeError(`there is no bundle ${bundle}`);
    for (let i = 0; i < batch.n; i++) {
      const at = batch.slot[i] ?? 0;
      const track = tracks[at] ?? this.#take(bundle, at);
      track.trace.remember(batch, i);
      if (isUneventful(track, batch, i)) track.severity = batch.severity[i] ?? 0;
      else judgeFrame(track, batch, i, nowMs, this.#ledger);
    }
  }

  /** An asset fell silent (`sinceMs`: its last sign of life) or spoke again (null). */
  silent(bundle: number, slot: number, sinceMs: number | null, usualMs: number | null, nowMs: number): void {
    const { asset, bundle: by } = this.#tracks[bundle]?.[slot] ?? this.#take(bundle, slot);
    this.#stale(asset, sinceMs, nowMs, (since) => staleEvidence(asset.name, since, usualMs, nowMs, by));
    asset.settle();
  }

  /** All assets fell silent at once (`sinceMs`: the last sign of life of any), or one speaks again (null): one alarm of the gateway instead of one each. */
  allSilent(sinceMs: number | null, assets: number, nowMs: number): void {
    this.#stale(this.#asset(gatewayAsset), sinceMs, nowMs, (since) => allStaleEvidence(assets, since, nowMs));
  }

  /** Forgets an asset and its alarms, without a word to anyone. */
  remove(name: string): void {
    const asset = this.#assets.get(name);
    if (asset === undefined || name === gatewayAsset) return;
    this.#assets.delete(name);
    for (const tracks of this.#tracks)
      for (const [slot, track] of (tracks ?? []).entries()) if (track?.asset === asset) tracks[slot] = undefined;
  }

  /** How the alarms of an asset stand; undefined for one that nobody knows. */
  standing(name: string): { readonly machine: AlarmState; readonly sensorFault: boolean } | undefined {
    const asset = name === gatewayAsset ? undefined : this.#assets.get(name);
    if (asset === undefined) return undefined;
    return { machine: asset.alarm('machine-anomaly').state, sensorFault: asset.isActive('sensor-fault') };
  }

  /** Whether an alarm of the asset is active. */
  isActive(name: string, type: AlarmType): boolean {
    return this.#assets.get(name)?.isActive(type) === true;
  }

  /** The clock went on; call it about once a second. */
  tick(nowMs: number): void {
    for (const asset of this.#assets.values()) {
      // Always in this order: what is told of one goes by what was told of the other.
      for (const type of asset.types) {
        const state = asset.alarms.get(type)?.state;
        if (state !== undefined && (state.shelf !== null || state.condition === 'active'))
          this.#ledger.step(asset, type, { kind: 'tick', nowMs });
      }
      // Event time stands still for an asset that is silent, so its windows go by the clock.
      if (asset.isActive('data-stale') || (asset.name === gatewayAsset && nowMs >= asset.boundaryMs))
        maintain(asset, nowMs, nowMs, this.#ledger);
      // Who speaks again is heard once; the time that a flapping alarm stays goes by the clock.
      if (asset.alarms.get('data-stale')?.state.quietSince != null) this.#stale(asset, null, nowMs);
    }
  }

  /** Carries out a command, or says why not and changes nothing. Given twice it does what it did once. */
  command(command: AlarmCommand, nowMs: number): CommandResult {
    const found = targets(command, this.#assets, this.#config.maxShelveS * 1000, nowMs);
    if ('error' in found) return found;
    const data = found.targets.map(([asset, type]) => {
      this.#ledger.step(asset, type, inputOf(command, nowMs));
      const { state } = asset.alarm(type);
      return { asset: asset.name, type, id: state.id === '' ? null : state.id, state: phaseOf(state) };
    });
    return { data };
  }

  /** All alarms that are not in their initial state. */
  snapshot(): StoredAlarm[] {
    return [...this.#assets.values()].flatMap((asset) => [...asset.alarms.values()]);
  }

  /** Takes up a snapshot; to be called before any result. */
  restore(stored: Iterable<StoredAlarm>): void {
    for (const alarm of stored)
      this.#asset(alarm.asset).alarms.set(alarm.type, { ...alarm, state: resumed(alarm.state) });
  }

  /** What the broker must hold: the state of every alarm that is not normal. */
  retained(): AlarmMessage[] {
    return this.snapshot()
      .filter(({ state }) => isRetained(phaseOf(state)))
      .map((alarm) => this.#ledger.view(this.#asset(alarm.asset), alarm));
  }

  #stale(asset: AssetAlarms, sinceMs: number | null, nowMs: number, evidence?: (sinceMs: number) => Evidence): void {
    maintain(asset, nowMs, nowMs, this.#ledger);
    const severity = sinceMs === null ? 0 : 1;
    const of = sinceMs === null ? undefined : () => evidence?.(sinceMs);
    const input = { kind: 'level', timeMs: nowMs, nowMs, severity, startsAt: sinceMs ?? nowMs } as const;
    this.#ledger.step(asset, 'data-stale', input, { ...(of && { of }) });
  }

  #take(bundle: number, slot: number): Track {
    const known = this.#bundles[bundle];
    const name = known?.assets[slot];
    if (known === undefined || name === undefined) throw new RangeError(`bundle ${bundle} has no slot ${slot}`);
    const asset = this.#asset(name);
    asset.settings = resolveSettings(this.#config, name, known.name, known.periodMs);
    const track = new Track(asset, known, asset.settings);
    asset.tracks.push(track);
    track.recall();
    const tracks = this.#tracks[bundle];
    if (tracks !== undefined) tracks[slot] = track;
    return track;
  }

  #asset(name: string): AssetAlarms {
    const known = this.#assets.get(name);
    if (known !== undefined) return known;
    const settings = resolveSettings(this.#config, name, '', 0);
    const asset = new AssetAlarms(name, this.options.gateway, windowsOf(this.#config.maintenance, name), settings);
    this.#assets.set(name, asset);
    return asset;
  }
}

export type { AlarmBundle, AlarmChange, AlarmState, StoredAlarm };
