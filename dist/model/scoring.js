import { modeCode } from './frames.js';
import { fuse } from './fusion.js';
import { Mewma } from './mewma.js';
import { surprise } from './tail.js';
/**
 * Each detector gives one or two statistics a frame: its score, and the MEWMA of its residual. Their surprises fuse by the Cauchy combination over all statistics of
 * detectors that are past warm-up; severity is the `need`-th largest of the last `of` fused surprises over the alarm level.
 */
export class Scorer {
    options;
    smoothers;
    /** [slots * of] fused surprises, a ring. */
    recent = new Float32Array(0);
    /** [slots] frames since reset. */
    frames = new Uint32Array(0);
    // Scratch of one frame: statistics 2d (score) and 2d + 1 (MEWMA) of detector d, in the order in which they were made.
    surprises;
    own;
    squares;
    smoothedScore;
    largest;
    constructor(options) {
        this.options = options;
        const { detectors, channels, persistence } = options;
        this.smoothers = detectors.map(({ smoothed }) => smoothed && new Mewma(smoothed));
        this.surprises = new Float64Array(2 * detectors.length);
        this.own = new Float64Array(2);
        this.squares = new Float32Array(detectors.length * channels);
        this.smoothedScore = new Float64Array(detectors.length);
        this.largest = new Float64Array(persistence.need);
    }
    ensure(slots) {
        for (const smoother of this.smoothers)
            smoother?.ensure(slots);
        if (slots <= this.frames.length)
            return;
        const size = Math.max(slots, 2 * this.frames.length);
        const recent = new Float32Array(size * this.options.persistence.of);
        recent.set(this.recent);
        this.recent = recent;
        const frames = new Uint32Array(size);
        frames.set(this.frames);
        this.frames = frames;
    }
    reset(slot) {
        const { of } = this.options.persistence;
        for (const smoother of this.smoothers)
            smoother?.reset(slot);
        this.recent.fill(0, slot * of, (slot + 1) * of);
        this.frames[slot] = 0;
    }
    step(slot, row, outputs, known, into) {
        const { channels: C, alarmLevel, detectors } = this.options;
        const D = detectors.length;
        let count = 0;
        let favourite = 0;
        let most = -1;
        let anyReady = false;
        for (let d = 0; d < D; d++) {
            const output = outputs[d];
            if (output.ready[row] === 0) {
                into.detector[row * D + d] = 0;
                continue;
            }
            anyReady = true;
            const { score, smoothed } = detectors[d];
            let mine = 0;
            this.own[mine++] = surprise(score, output.score[row]);
            if (smoothed !== undefined) {
                const energy = this.smoothers[d].step(slot, output.residual, row * C, this.squares, d * C);
                this.smoothedScore[d] = energy;
                this.own[mine++] = surprise(smoothed.table, energy);
            }
            for (let m = 0; m < mine; m++)
                this.surprises[count++] = this.own[m];
            const fused = known === 0 ? 0 : fuse(this.own, mine);
            into.detector[row * D + d] = fused / alarmLevel;
            if (fused > most) {
                most = fused;
                favourite = d;
            }
        }
        const fused = known === 0 ? 0 : fuse(this.surprises, count);
        const persistent = this.persist(slot, fused);
        into.mode[row] = known === 0 ? modeCode['no-data'] : anyReady ? modeCode.steady : modeCode['warm-up'];
        const severity = known === 0 || !anyReady ? 0 : persistent / alarmLevel;
        into.severity[row] = severity;
        into.instant[row] = fused / alarmLevel;
        const expected = outputs[favourite].expected;
        for (let c = 0; c < C; c++)
            into.expected[row * C + c] = expected[row * C + c];
        this.attribute(row, outputs, known === 0 ? 0 : count, severity, into.contribution);
    }
    /** Pushes a fused surprise; returns the `need`-th largest of the last `of`. */
    persist(slot, fused) {
        const { of, need } = this.options.persistence;
        const ring = slot * of;
        const frames = this.frames[slot];
        this.recent[ring + (frames % of)] = fused;
        this.frames[slot] = frames + 1;
        const { largest } = this;
        largest.fill(0);
        for (let i = 0; i < of; i++) {
            let value = this.recent[ring + i];
            for (let k = 0; k < need && value > 0; k++) {
                const held = largest[k];
                if (value > held) {
                    largest[k] = value;
                    value = held;
                }
            }
        }
        return largest[need - 1];
    }
    /** Shares of the signals: each statistic's own shares, weighted by e^surprise, which is its part of the Cauchy sum. */
    attribute(row, outputs, statistics, severity, into) {
        const { channels: C, detectors } = this.options;
        const from = row * C;
        into.fill(0, from, from + C);
        if (statistics === 0)
            return;
        let count = 0;
        let top = 0;
        for (let m = 0; m < statistics; m++)
            top = Math.max(top, this.surprises[m]);
        let total = 0;
        for (let d = 0; d < detectors.length; d++) {
            const output = outputs[d];
            if (output.ready[row] === 0)
                continue;
            total += this.addShares(into, from, output.contribution, from, output.score[row], this.surprises[count++] - top);
            if (detectors[d]?.smoothed === undefined)
                continue;
            total += this.addShares(into, from, this.squares, d * C, this.smoothedScore[d], this.surprises[count++] - top);
        }
        for (let c = 0; c < C; c++) {
            if (total > 0)
                into[from + c] = into[from + c] / total;
            else
                into[from + c] = severity > 0 ? 1 / C : 0;
        }
    }
    addShares(into, to, shares, from, sum, logWeight) {
        if (!(sum > 0))
            return 0;
        const weight = Math.exp(logWeight);
        for (let c = 0; c < this.options.channels; c++) {
            into[to + c] = into[to + c] + (weight * shares[from + c]) / sum;
        }
        return weight;
    }
}
//# sourceMappingURL=scoring.js.map