/** The plant: a fleet of pumps that send what their sensors say, from a seed and a scenario; it reads no clock. */
import { Random } from '../model/random.js';
import { machineFaults, noEffects } from './machine-faults.js';
import { Profile } from './profile.js';
import { Pump } from './pump.js';
import { makeUnit } from './pump-unit.js';
import { isTransmitterFault, isTransportFault, severityAt } from './scenario.js';
import { transmitterFaults, transportFaults } from './sensor-faults.js';
import { signalNames, signals, transmit } from './signals.js';
/** `pump-1` ... `pump-n`. */
export function fleet(count) {
    return Array.from({ length: count }, (_, i) => `pump-${i + 1}`);
}
/** Messages in order of delivery. Lazy: a run of a week costs no memory. */
export function* simulate(options) {
    const { assets, rateHz, startMs, durationS, scenario = [] } = options;
    const periodMs = 1000 / rateHz;
    const sources = assets.map((asset) => new Source(options, asset, scenario));
    const underway = [];
    const rows = Math.round(durationS * rateHz);
    for (let k = 0; k < rows; k++) {
        const timeMs = startMs + Math.round(k * periodMs);
        yield* arrivedBefore(underway, timeMs);
        for (const source of sources) {
            for (const message of source.step(timeMs))
                insert(underway, message);
        }
    }
    yield* arrivedBefore(underway, Number.POSITIVE_INFINITY);
}
/** A pump with its transmitters and its link. */
class Source {
    asset;
    pump;
    profile;
    noise;
    trouble;
    link;
    faults;
    calibration;
    /** The value each frozen transmitter froze at. */
    held = new Map();
    startMs;
    periodMs;
    constructor(options, asset, scenario) {
        this.asset = asset;
        const { seed, startMs } = options;
        this.startMs = startMs;
        this.periodMs = 1000 / options.rateHz;
        this.faults = scenario.filter((fault) => fault.asset === asset);
        const build = new Random(seed, asset, 'unit');
        this.pump = new Pump(makeUnit(build), new Random(seed, asset, startMs, 'pump'));
        this.calibration = mapSignals((name) => ({
            offset: build.normal(0, signals[name].offsetSpread),
            gain: 1 + build.normal(0, signals[name].gainSpread),
        }));
        this.profile = new Profile(new Random(seed, asset, startMs, 'profile'), startMs);
        this.noise = new Random(seed, asset, startMs, 'noise');
        // Streams of their own, so that a fault changes only what it touches: the healthy twin is the same run without it.
        this.trouble = new Random(seed, asset, startMs, 'trouble');
        this.link = new Random(seed, asset, startMs, 'link');
    }
    step(timeMs) {
        const tS = (timeMs - this.startMs) / 1000;
        const effects = noEffects();
        for (const fault of this.faults) {
            if (fault.kind === 'machine')
                machineFaults[fault.fault].apply(effects, severityAt(fault, tS));
        }
        const dtS = this.periodMs / 1000;
        const truth = this.pump.step(dtS, this.profile.step(dtS, timeMs), effects);
        const values = mapSignals((name) => this.measure(name, truth[name], tS));
        const passage = { timeMs, deliveriesMs: [timeMs + Math.round(this.link.uniform(2, 40))] };
        for (const fault of this.faults) {
            const s = isTransportFault(fault) ? severityAt(fault, tS) : 0;
            if (isTransportFault(fault) && s > 0)
                transportFaults[fault.fault](passage, s, this.periodMs, this.trouble);
        }
        return passage.deliveriesMs.map((deliveryMs) => ({
            asset: this.asset,
            timeMs: passage.timeMs,
            deliveryMs,
            values,
        }));
    }
    measure(name, truth, tS) {
        const { noise, relativeNoise } = signals[name];
        const { offset, gain } = this.calibration[name];
        let value = truth * gain + offset + this.noise.normal(0, Math.hypot(noise, relativeNoise * truth));
        for (const fault of this.faults) {
            if (value === null || !isTransmitterFault(fault) || fault.signal !== name)
                continue;
            const s = severityAt(fault, tS);
            if (s <= 0)
                continue;
            const held = this.held.get(fault) ?? value;
            this.held.set(fault, held);
            value = transmitterFaults[fault.fault](value, s, name, held, this.trouble);
        }
        return value === null ? null : transmit(name, value);
    }
}
function mapSignals(make) {
    return Object.fromEntries(signalNames.map((name) => [name, make(name)]));
}
/** Keeps `underway` in order of delivery; equal times keep the order they were sent in. */
function insert(underway, message) {
    let at = underway.length;
    while (at > 0 && (underway[at - 1]?.deliveryMs ?? 0) > message.deliveryMs)
        at--;
    underway.splice(at, 0, message);
}
/** Takes what has arrived before an instant off the front. A jittered clock never makes a message arrive before it was sent. */
function* arrivedBefore(underway, timeMs) {
    const until = underway.findIndex((message) => message.deliveryMs >= timeMs);
    yield* underway.splice(0, until < 0 ? underway.length : until);
}
