/** Which signals of one asset are faulty for long enough to say so: a leaky count over the verdicts of `model/health`. */
import { healthStates } from '../../model/frames.js';
import { leastFrames } from './settings.js';
/** Share of recent frames that must be faulty: an odd spike is nothing, a sensor that fails three frames in ten is broken. */
const share = 0.3;
/** Chosen so that `leastFrames` faulty frames in a row reach `share`. */
const weight = 1 - (1 - share) ** (1 / leastFrames);
/** A long fault must not take as long to be forgiven. */
const ceiling = 0.5;
const forgotten = 0.01;
const pass = healthStates.indexOf('pass');
const missing = healthStates.indexOf('missing');
export class SensorLevels {
    channels;
    /** No signal has a trace of a fault. */
    calm = true;
    #level;
    #sinceMs;
    #fault;
    constructor(channels) {
        this.channels = channels;
        this.#level = new Float64Array(channels);
        this.#sinceMs = new Float64Array(channels);
        this.#fault = new Uint8Array(channels).fill(pass);
    }
    /**
     * Takes the verdicts of one frame; `at` is where they begin in `health`.
     * A frame without any reading says nothing about sensors, only about the way to them, and is left out.
     */
    update(health, at, timeMs) {
        let allMissing = true;
        for (let c = 0; c < this.channels; c++)
            if (health[at + c] !== missing)
                allMissing = false;
        if (allMissing)
            return;
        this.calm = true;
        for (let c = 0; c < this.channels; c++) {
            const verdict = health[at + c] ?? pass;
            const old = this.#level[c] ?? 0;
            if (verdict !== pass) {
                if (old === 0)
                    this.#sinceMs[c] = timeMs;
                this.#fault[c] = verdict;
                this.#level[c] = Math.min(ceiling, old + weight * (1 - old));
                this.calm = false;
            }
            else if (old > 0) {
                const level = old * (1 - weight);
                this.#level[c] = level < forgotten ? 0 : level;
                if (level >= forgotten)
                    this.calm = false;
            }
        }
    }
    /** 1 = the worst signal just counts as faulty. */
    severity() {
        let worst = 0;
        for (const level of this.#level)
            if (level > worst)
                worst = level;
        // `leastFrames` frames must do, in spite of rounding.
        return worst / share + 1e-9;
    }
    /** Since when the signals that count as faulty are so: the earliest. */
    sinceMs() {
        return Math.min(...this.faulty(0).map((signal) => signal.sinceMs));
    }
    /** Signals whose level is at least `above` (1 = just faulty), in the channels' order. */
    faulty(above) {
        const found = [];
        for (let channel = 0; channel < this.channels; channel++) {
            const level = this.#level[channel] ?? 0;
            const fault = healthStates[this.#fault[channel] ?? pass];
            if (level === 0 || level / share + 1e-9 < above || fault === undefined || fault === 'pass')
                continue;
            found.push({ channel, fault, sinceMs: this.#sinceMs[channel] ?? 0 });
        }
        return found;
    }
}
