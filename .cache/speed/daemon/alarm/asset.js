/** All alarms of one asset, and the tracks (one a bundle that scores it) that they are judged by. */
import { isMaskedWhenFlat } from '../../model/health.js';
import { SensorLevels } from './sensors.js';
import { alarmTypes, initialState } from './state.js';
import { Trace } from './trace.js';
/** Under this name stands the one alarm of the gateway itself: nothing comes in from any asset. No asset can be called so. */
export const gatewayAsset = 'bridge';
/** One asset as one bundle sees it. */
export class Track {
    asset;
    bundle;
    settings;
    trace;
    sensors;
    /** Newest severity of a steady frame. */
    severity = 0;
    /** Nothing goes on: frames of low severity need no look. */
    quiet = false;
    constructor(asset, bundle, settings) {
        this.asset = asset;
        this.bundle = bundle;
        this.settings = settings;
        this.trace = new Trace(bundle.channels);
        this.sensors = new SensorLevels(bundle.channels.length);
    }
}
export class AssetAlarms {
    name;
    gateway;
    windows;
    settings;
    tracks = [];
    alarms = new Map();
    /** Event time at which the maintenance windows must be looked at again; -Infinity = now. */
    boundaryMs = Number.NEGATIVE_INFINITY;
    /** Event time of the last message about the machine anomaly. */
    toldMs = Number.NEGATIVE_INFINITY;
    constructor(name, gateway, windows, 
    /** For what no track is behind: commands, timers. */
    settings) {
        this.name = name;
        this.gateway = gateway;
        this.windows = windows;
        this.settings = settings;
    }
    /** The alarms that it can have. */
    get types() {
        return this.name === gatewayAsset ? ['data-stale'] : alarmTypes;
    }
    alarm(type) {
        const known = this.alarms.get(type);
        if (known !== undefined)
            return known;
        return { asset: this.name, type, state: initialState(`${this.gateway}/${this.name}/${type}`), evidence: null };
    }
    isActive(type) {
        return this.alarms.get(type)?.state.condition === 'active';
    }
    isIdle(type) {
        const condition = this.alarms.get(type)?.state.condition;
        return condition === undefined || condition === 'normal';
    }
    /** Id of the oldest open alarm; null when none is open. */
    group() {
        let oldest;
        for (const type of alarmTypes) {
            const alarm = this.alarms.get(type);
            if (alarm?.state.open !== true)
                continue;
            if (oldest === undefined || (alarm.state.raisedAt ?? 0) < (oldest.state.raisedAt ?? 0))
                oldest = alarm;
        }
        return oldest?.state.id ?? null;
    }
    /** Severity of the machine by the bundle that finds it worst. */
    worst() {
        let worst = 0;
        for (const track of this.tracks)
            if (track.severity > worst)
                worst = track.severity;
        return worst;
    }
    /** 1 = the worst sensor just counts as faulty, by any bundle. */
    sensorSeverity() {
        let worst = 0;
        for (const track of this.tracks)
            worst = Math.max(worst, track.sensors.severity());
        return worst;
    }
    /** Signals whose sensors are faulty to `above` (1 = just faulty), each once. */
    faulty(above) {
        const found = new Map();
        for (const { bundle, sensors, trace } of this.tracks)
            for (const { channel, fault, sinceMs } of sensors.faulty(above)) {
                const known = bundle.channels[channel];
                if (known === undefined || found.has(known.name))
                    continue;
                const masked = fault !== 'flat-line' || isMaskedWhenFlat(trace.actual(channel), known);
                found.set(known.name, { signal: known.name, fault, since: new Date(sinceMs).toISOString(), masked });
            }
        return [...found.values()];
    }
    /** Works out anew whether frames of low severity need a look. */
    settle() {
        const idle = this.isIdle('machine-anomaly') && this.isIdle('sensor-fault');
        for (const track of this.tracks)
            track.quiet = idle && track.sensors.calm && Number.isNaN(track.trace.runSinceMs) && track.severity < 1;
    }
}
