/** Sensor health before any model: what a signal fails is named, and masked so that no machine is blamed for a broken wire. */
import { healthStates } from './frames.js';
/** A jump of one signal alone is suspect this many frames; then the new level is real. */
export const maxSuspectFrames = 3;
/** A frame that passes pays back this part of a suspect one: a signal that jumps more often than every tenth frame has become so. */
const payback = 0.1;
/** Further from the normal value than this many normal spreads a signal that stands still may tell of a machine that does: it is named, not masked. */
const abnormalSpreads = 8;
/** Whether a value that is known and stands still is left out of scoring, as a broken sensor's; else it may be the machine that stands still. */
export function isMaskedWhenFlat(value, { center, scale }) {
    return Math.abs(value - center) <= abnormalSpreads * scale;
}
const code = Object.fromEntries(healthStates.map((state, i) => [state, i]));
/**
 * QARTOD-like tests of each signal of a frame, the first that fails counts, and masks the value:
 * - `missing`: NaN
 * - `out-of-range`: outside `min`..`max`
 * - `spike`: moved by more than `maxStep` since the frame before, and no other signal did: machines jump in company, wires alone
 * - `flat-line`: within `flatRange` for `flatFrames` while a neighbour moved; not masked at a value far from normal, as a blocked pipe has no flow either
 */
export class Health {
    channels;
    size;
    // [slots * C]
    /** Last value that passed; NaN after a hole. */
    level = new Float32Array(0);
    /** Suspect frames of late, less what was paid back. */
    suspect = new Float32Array(0);
    flatFrom = new Float32Array(0);
    flatRun = new Int32Array(0);
    constructor(channels) {
        this.channels = channels;
        this.size = channels.length;
    }
    /** Makes room for `slots` slots. */
    ensure(slots) {
        const before = this.level.length;
        if (slots * this.size <= before)
            return;
        const size = Math.max(slots * this.size, 2 * before);
        const level = new Float32Array(size).fill(Number.NaN);
        level.set(this.level);
        const suspect = new Float32Array(size);
        suspect.set(this.suspect);
        const flatFrom = new Float32Array(size).fill(Number.NaN);
        flatFrom.set(this.flatFrom);
        const flatRun = new Int32Array(size);
        flatRun.set(this.flatRun);
        Object.assign(this, { level, suspect, flatFrom, flatRun });
    }
    reset(slot) {
        const from = slot * this.size;
        const to = from + this.size;
        this.level.fill(Number.NaN, from, to);
        this.suspect.fill(0, from, to);
        this.flatFrom.fill(Number.NaN, from, to);
        this.flatRun.fill(0, from, to);
    }
    /**
     * Judges frame `row` of `values` [n*C]: writes it to the same row of `masked` with NaN for what fails, and its verdicts to that of `states` as indexes into `healthStates`.
     * Returns how many signals are left.
     */
    check(slot, row, values, masked, states) {
        const { size, channels } = this;
        const memory = slot * size;
        const frame = row * size;
        let jumps = 0;
        for (let c = 0; c < size; c++) {
            const value = values[frame + c];
            const { health } = channels[c];
            let state = code.pass;
            if (Number.isNaN(value))
                state = code.missing;
            else if (value < health.min || value > health.max)
                state = code['out-of-range'];
            else {
                this.trackFlat(memory + c, value, health.flatRange);
                // False where there is no level to jump from.
                if (Math.abs(value - this.level[memory + c]) > health.maxStep) {
                    state = code.spike;
                    jumps++;
                }
            }
            states[frame + c] = state;
        }
        let known = 0;
        for (let c = 0; c < size; c++) {
            const i = memory + c;
            const value = values[frame + c];
            let state = states[frame + c];
            if (state === code.spike) {
                const frames = Math.min(maxSuspectFrames + 1, this.suspect[i] + 1);
                this.suspect[i] = frames;
                if (jumps > 1 || frames > maxSuspectFrames)
                    state = code.pass;
            }
            else {
                this.suspect[i] = Math.max(0, this.suspect[i] - payback);
            }
            let mask = state !== code.pass;
            if (state === code.pass) {
                this.level[i] = value;
                if (this.isFlat(memory, frame, c, states)) {
                    state = code['flat-line'];
                    mask = isMaskedWhenFlat(value, channels[c]);
                }
            }
            else if (state !== code.spike) {
                this.level[i] = Number.NaN;
            }
            states[frame + c] = state;
            masked[frame + c] = mask ? Number.NaN : value;
            if (!mask)
                known++;
        }
        return known;
    }
    trackFlat(i, value, flatRange) {
        if (Math.abs(value - this.flatFrom[i]) <= flatRange) {
            this.flatRun[i] = this.flatRun[i] + 1;
        }
        else {
            this.flatFrom[i] = value;
            this.flatRun[i] = 0;
        }
    }
    /** A neighbour moves if it left its own flat range within the frames in which this signal should have. */
    isFlat(memory, frame, c, states) {
        const { flatFrames } = this.channels[c].health;
        if (flatFrames === 0 || this.flatRun[memory + c] < flatFrames)
            return false;
        for (let other = 0; other < this.size; other++) {
            const state = states[frame + other];
            if (other === c || state === code.missing || state === code['out-of-range'])
                continue;
            if (this.flatRun[memory + other] < flatFrames)
                return true;
        }
        return false;
    }
}
//# sourceMappingURL=health.js.map