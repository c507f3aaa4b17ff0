/** The alarms of all assets: verdicts, silence and commands in; changes with their evidence out. */
import { modes } from '../../model/frames.js';
import { AssetAlarms, gatewayAsset, Track } from './asset.js';
import { inputOf, targets } from './command.js';
import { allStaleEvidence, anomalyEvidence, doubtfulSignals, sensorEvidence, staleEvidence } from './evidence.js';
import { step } from './machine.js';
import { maintenanceAt, windowsOf } from './maintenance.js';
import { resolveSettings } from './settings.js';
import { isRetained, phaseOf } from './state.js';
import { viewAlarm } from './view.js';
const steady = modes.indexOf('steady');
const noData = modes.indexOf('no-data');
/**
 * Owns the state of every alarm. Times: `timeMs` of the results is event time; `nowMs` is the arrival clock (in a replay the caller hands in event time
 * for both). An alarm never ends for lack of data: frames of warm-up or without data say nothing about the machine.
 */
export class Alarms {
    options;
    #assets = new Map();
    #bundles = [];
    /** By bundle and slot. */
    #tracks = [];
    #config;
    #configHash;
    constructor(options) {
        this.options = options;
        this.#config = options.config;
        this.#configHash = options.configHash;
        this.#asset(gatewayAsset);
    }
    /** Sets or replaces the bundle at an index of the config. Open alarms stay; what was remembered of values is forgotten. */
    setBundle(index, bundle) {
        for (const track of this.#tracks[index] ?? [])
            if (track !== undefined)
                track.asset.tracks.splice(track.asset.tracks.indexOf(track), 1);
        this.#bundles[index] = bundle;
        this.#tracks[index] = [];
    }
    /** Takes another config: settings change from the next input on, no alarm is lost or told twice. */
    reload(config, configHash) {
        this.#config = config;
        this.#configHash = configHash;
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
    results(bundle, batch, nowMs) {
        const tracks = this.#tracks[bundle];
        if (tracks === undefined)
            throw new RangeError(`there is no bundle ${bundle}`);
        const { n, slot, severity, instant, mode, health, timeMs } = batch;
        for (let i = 0; i < n; i++) {
            const at = slot[i] ?? 0;
            const track = tracks[at] ?? this.#take(bundle, at);
            track.trace.remember(batch, i);
            if (track.quiet &&
                (severity[i] ?? 0) < 1 &&
                (instant[i] ?? 0) < 1 &&
                mode[i] !== noData &&
                (timeMs[i] ?? 0) < track.asset.boundaryMs &&
                isHealthy(health, i * track.bundle.channels.length, track.bundle.channels.length)) {
                track.severity = severity[i] ?? 0;
                continue;
            }
            this.#frame(track, batch, i, nowMs);
        }
    }
    /** An asset fell silent (`sinceMs`: its last sign of life) or spoke again (null). */
    silent(bundle, slot, sinceMs, usualMs, nowMs) {
        const track = this.#tracks[bundle]?.[slot] ?? this.#take(bundle, slot);
        const { asset, settings } = track;
        this.#maintain(asset, nowMs, nowMs);
        const evidence = sinceMs === null ? undefined : staleEvidence(asset.name, sinceMs, usualMs, nowMs, refOf(track.bundle));
        const severity = sinceMs === null ? 0 : 1;
        const startsAt = sinceMs ?? nowMs;
        this.#step(asset, 'data-stale', { kind: 'level', timeMs: nowMs, nowMs, severity, startsAt }, settings.stale, evidence);
        asset.settle();
    }
    /** All assets fell silent at once (`sinceMs`: the last sign of life of any), or one speaks again (null): one alarm of the gateway instead of one each. */
    allSilent(sinceMs, assets, nowMs) {
        const asset = this.#asset(gatewayAsset);
        this.#maintain(asset, nowMs, nowMs);
        const evidence = sinceMs === null ? undefined : allStaleEvidence(assets, sinceMs, nowMs);
        const input = {
            kind: 'level',
            timeMs: nowMs,
            nowMs,
            severity: sinceMs === null ? 0 : 1,
            startsAt: sinceMs ?? nowMs,
        };
        this.#step(asset, 'data-stale', input, asset.settings.stale, evidence);
    }
    /** How the alarms of an asset stand; undefined for one that nobody knows. */
    standing(name) {
        const asset = name === gatewayAsset ? undefined : this.#assets.get(name);
        if (asset === undefined)
            return undefined;
        return { machine: asset.alarm('machine-anomaly').state, sensorFault: asset.isActive('sensor-fault') };
    }
    /** The clock went on; call it about once a second. */
    tick(nowMs) {
        for (const asset of this.#assets.values())
            for (const [type, alarm] of asset.alarms)
                if (alarm.state.shelf !== null || alarm.state.condition === 'active')
                    this.#step(asset, type, { kind: 'tick', nowMs }, settingsOf(asset, type));
        // Event time stands still for an asset that is silent, so its windows go by the clock.
        for (const asset of this.#assets.values())
            if (asset.isActive('data-stale') || (asset.name === gatewayAsset && nowMs >= asset.boundaryMs))
                this.#maintain(asset, nowMs, nowMs);
    }
    /** Carries out a command, or says why not and changes nothing. Given twice it does what it did once. */
    command(command, nowMs) {
        const found = targets(command, this.#assets, this.#config.maxShelveS * 1000, nowMs);
        if ('error' in found)
            return found;
        const data = found.targets.map(([asset, type]) => {
            this.#step(asset, type, inputOf(command, nowMs), settingsOf(asset, type));
            const { state } = asset.alarm(type);
            return { asset: asset.name, type, id: state.id === '' ? null : state.id, state: phaseOf(state) };
        });
        return { data };
    }
    /** All alarms that are not in their initial state. */
    snapshot() {
        return [...this.#assets.values()].flatMap((asset) => [...asset.alarms.values()]);
    }
    /** Takes up a snapshot; to be called before any result. */
    restore(stored) {
        for (const alarm of stored)
            this.#asset(alarm.asset).alarms.set(alarm.type, alarm);
    }
    /** What the broker must hold: the state of every alarm that is not normal. */
    retained() {
        return this.snapshot()
            .filter(({ state }) => isRetained(phaseOf(state)))
            .map((alarm) => this.#view(this.#asset(alarm.asset), alarm));
    }
    #frame(track, batch, i, nowMs) {
        const { asset, bundle, trace, sensors, settings } = track;
        const timeMs = batch.timeMs[i] ?? 0;
        const mode = batch.mode[i];
        if (timeMs >= asset.boundaryMs)
            this.#maintain(asset, timeMs, nowMs);
        if (mode !== noData) {
            sensors.update(batch.health, i * bundle.channels.length, timeMs);
            if (settings.sensorFaults && !(sensors.calm && asset.isIdle('sensor-fault')))
                this.#sensors(track, timeMs, nowMs);
        }
        if (mode === steady) {
            const severity = batch.severity[i] ?? 0;
            const deviates = (batch.instant[i] ?? 0) >= 1;
            track.severity = severity;
            if (deviates || (severity >= 1 && Number.isNaN(trace.runSinceMs)))
                trace.extend(batch, i, timeMs);
            else if (asset.isIdle('machine-anomaly') && severity < 1 && timeMs - trace.runLastMs > bundle.lookbackMs)
                trace.forget();
            this.#machine(track, timeMs, nowMs);
        }
        asset.settle();
    }
    #machine(track, timeMs, nowMs) {
        const { asset, trace, settings } = track;
        const severity = asset.tracks.length === 1 ? track.severity : asset.worst();
        if (severity < 1 && asset.isIdle('machine-anomaly'))
            return;
        const startsAt = Number.isNaN(trace.runSinceMs) ? timeMs : trace.runSinceMs;
        // The quiet frames before an alarm ends have nothing to say about why it began.
        const telling = severity >= 1 && track.severity === severity;
        const evidence = () => (telling ? anomalyEvidence(track, timeMs, severity) : undefined);
        const input = { kind: 'level', timeMs, nowMs, severity, startsAt };
        const changed = this.#step(asset, 'machine-anomaly', input, settings.machine, evidence, trace);
        if (changed)
            asset.toldMs = timeMs;
        if (changed && asset.isIdle('machine-anomaly'))
            for (const one of asset.tracks)
                one.trace.forget();
        const due = settings.refreshMs > 0 && timeMs - asset.toldMs >= settings.refreshMs;
        if (telling && due && asset.isActive('machine-anomaly')) {
            asset.toldMs = timeMs;
            this.#refresh(asset, 'machine-anomaly', anomalyEvidence(track, timeMs, severity));
        }
    }
    #sensors(track, timeMs, nowMs) {
        const { asset, sensors, settings } = track;
        const severity = asset.sensorSeverity();
        const known = asset.alarm('sensor-fault').evidence?.signals ?? [];
        const evidence = () => (severity >= 1 ? sensorEvidence(track, timeMs, severity) : undefined);
        const input = { kind: 'level', timeMs, nowMs, severity, startsAt: sensors.sinceMs() };
        const changed = this.#step(asset, 'sensor-fault', input, settings.sensor, evidence);
        if (changed)
            this.#doubt(asset);
        if (changed || severity < 1 || !asset.isActive('sensor-fault'))
            return;
        const now = sensorEvidence(track, timeMs, severity);
        const joined = now.signals.some(({ signal }) => !known.some((one) => one.signal === signal));
        const left = known.length !== now.signals.length;
        if (joined)
            this.#step(asset, 'sensor-fault', { kind: 'widen', timeMs, nowMs }, settings.sensor, now);
        else if (left)
            this.#refresh(asset, 'sensor-fault', now);
        if (joined || left)
            this.#doubt(asset);
    }
    /** An open alarm about the machine says at once which sensors it was judged without. */
    #doubt(asset) {
        const { evidence } = asset.alarm('machine-anomaly');
        if (evidence !== null && asset.isActive('machine-anomaly'))
            this.#refresh(asset, 'machine-anomaly', { ...evidence, signals: doubtfulSignals(asset) });
    }
    /** Brings the maintenance windows of an asset up to an event time. */
    #maintain(asset, timeMs, nowMs) {
        const { on, untilMs } = maintenanceAt(asset.windows, timeMs);
        asset.boundaryMs = untilMs;
        for (const type of asset.types)
            if (asset.alarm(type).state.maintenance !== on)
                this.#step(asset, type, { kind: 'maintenance', timeMs, nowMs, on }, settingsOf(asset, type));
    }
    /** True when there was a transition. Evidence is made only where a transition needs it. */
    #step(asset, type, input, settings, evidence, trace) {
        const alarm = asset.alarm(type);
        const { state, transitions } = step(alarm.state, input, settings);
        if (transitions.length === 0) {
            if (state !== alarm.state)
                asset.alarms.set(type, { ...alarm, state });
            return false;
        }
        const fresh = (typeof evidence === 'function' ? evidence() : evidence) ?? alarm.evidence;
        const stored = { ...alarm, state, evidence: fresh };
        asset.alarms.set(type, stored);
        for (const transition of transitions) {
            const signals = fresh?.diagnostics.map(({ signal }) => signal) ?? [];
            const window = transition.alert && trace !== undefined ? trace.window(signals) : null;
            this.#tell(asset, stored, transition, window);
        }
        return true;
    }
    #refresh(asset, type, evidence) {
        const stored = { ...asset.alarm(type), evidence };
        asset.alarms.set(type, stored);
        this.#tell(asset, stored, null, null);
    }
    #tell(asset, stored, transition, window) {
        const retained = isRetained(phaseOf(stored.state));
        this.options.onChange({ message: this.#view(asset, stored), retained, transition, window, stored });
    }
    #view(asset, alarm) {
        return viewAlarm(alarm, asset.group(), this.#configHash);
    }
    #take(bundle, slot) {
        const known = this.#bundles[bundle];
        const name = known?.assets[slot];
        if (known === undefined || name === undefined)
            throw new RangeError(`bundle ${bundle} has no slot ${slot}`);
        const asset = this.#asset(name);
        asset.settings = resolveSettings(this.#config, name, known.name, known.periodMs);
        const track = new Track(asset, known, asset.settings);
        asset.tracks.push(track);
        const tracks = this.#tracks[bundle];
        if (tracks !== undefined)
            tracks[slot] = track;
        return track;
    }
    #asset(name) {
        const known = this.#assets.get(name);
        if (known !== undefined)
            return known;
        const settings = resolveSettings(this.#config, name, '', 0);
        const asset = new AssetAlarms(name, this.options.gateway, windowsOf(this.#config.maintenance, name), settings);
        this.#assets.set(name, asset);
        return asset;
    }
}
function settingsOf({ settings }, type) {
    return type === 'machine-anomaly' ? settings.machine : type === 'sensor-fault' ? settings.sensor : settings.stale;
}
function refOf({ name, version, hash }) {
    return { name, version, hash };
}
function isHealthy(health, from, count) {
    for (let k = from; k < from + count; k++)
        if (health[k] !== 0)
            return false;
    return true;
}
