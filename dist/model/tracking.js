/**
 * Per slot and signal, with x = (residual - level) / spread: r = x - b, S <- S + lambda (r - S), b <- b + gain r. Statistic: |W (S / norm)|^2.
 * A baseline that moves at all times would learn an anomaly as normal: it stands still for a signal whose S is beyond `freezeAt`, and in an
 * alarm for all signals but those that wander anyway, which leak.
 */
export class Tracker {
    tracking;
    freezeAt;
    settleGain;
    recall;
    channels;
    whitening;
    // [slots * C]
    baseline = new Float64Array(0);
    average = new Float64Array(0);
    /** [slots * recall * C] the newest x, a ring; NaN = missing. */
    recent = new Float64Array(0);
    position = new Uint32Array(0);
    /** [C] S / norm of the newest frame. */
    deviation;
    /** [C] squares of its whitened form; they sum to the statistic. */
    squares;
    /** @param recall frames whose mean is the new baseline after a return */
    constructor(tracking, freezeAt, settleGain, recall) {
        this.tracking = tracking;
        this.freezeAt = freezeAt;
        this.settleGain = settleGain;
        this.recall = recall;
        this.channels = tracking.level.length;
        this.whitening = Float64Array.from(tracking.whitening.flat());
        this.deviation = new Float64Array(this.channels);
        this.squares = new Float64Array(this.channels);
    }
    /** Makes room for `slots` slots. */
    ensure(slots) {
        const before = this.position.length;
        if (slots <= before)
            return;
        const size = Math.max(slots, 2 * before);
        const grow = (fresh, old) => {
            fresh.set(old);
            return fresh;
        };
        const C = this.channels;
        this.baseline = grow(new Float64Array(size * C), this.baseline);
        this.average = grow(new Float64Array(size * C), this.average);
        const width = this.recall * C;
        this.recent = grow(new Float64Array(size * width).fill(Number.NaN, before * width), this.recent);
        this.position = grow(new Uint32Array(size), this.position);
    }
    reset(slot) {
        const C = this.channels;
        this.baseline.fill(0, slot * C, (slot + 1) * C);
        this.average.fill(0, slot * C, (slot + 1) * C);
        this.recent.fill(Number.NaN, slot * this.recall * C, (slot + 1) * this.recall * C);
        this.position[slot] = 0;
    }
    /** Takes in the next frame of `slot`, against the baseline as it was before it; returns the statistic. */
    observe(slot, { residual, values, at }) {
        const { channels: C, tracking, average, baseline, deviation, squares, whitening } = this;
        const { level, spread, norm, lambda } = tracking;
        const position = this.position[slot];
        const ring = (slot * this.recall + (position % this.recall)) * C;
        this.position[slot] = position + 1;
        for (let c = 0; c < C; c++) {
            const i = slot * C + c;
            const missing = values !== undefined && Number.isNaN(values[at + c]);
            const x = (residual[at + c] - level[c]) / spread[c];
            this.recent[ring + c] = missing ? Number.NaN : x;
            // A missing signal's average fades: nothing is said of it.
            const r = missing ? 0 : x - baseline[i];
            const next = average[i] + lambda * (r - average[i]);
            average[i] = next;
            deviation[c] = next / norm[c];
        }
        let statistic = 0;
        for (let i = 0; i < C; i++) {
            let w = 0;
            for (let j = 0; j < C; j++)
                w += whitening[i * C + j] * deviation[j];
            squares[i] = w * w;
            statistic += w * w;
        }
        return statistic;
    }
    /** Moves the baseline of `slot` by its newest frame. */
    follow(slot, pace) {
        const { channels: C, tracking, freezeAt, settleGain } = this;
        const ring = (slot * this.recall + ((this.position[slot] - 1) % this.recall)) * C;
        for (let c = 0; c < C; c++) {
            const i = slot * C + c;
            const x = this.recent[ring + c];
            if (Number.isNaN(x))
                continue;
            const slow = tracking.gain[c];
            const gain = pace === 'alarm'
                ? tracking.leak[c]
                : pace === 'settling'
                    ? Math.max(slow, settleGain)
                    : Math.abs(this.average[i]) > freezeAt
                        ? 0
                        : slow;
            this.baseline[i] = this.baseline[i] + gain * (x - this.baseline[i]);
        }
    }
    /** What came last is normal from now on. */
    rebase(slot) {
        const { channels: C, recall } = this;
        for (let c = 0; c < C; c++) {
            let sum = 0;
            let n = 0;
            for (let k = 0; k < recall; k++) {
                const x = this.recent[(slot * recall + k) * C + c];
                if (Number.isNaN(x))
                    continue;
                sum += x;
                n++;
            }
            if (n > 0)
                this.baseline[slot * C + c] = sum / n;
            this.average[slot * C + c] = 0;
        }
    }
    /** What signal `c` is expected to deviate by from the detector's own expectation, in units of its residual. */
    offset(slot, c) {
        const { level, spread } = this.tracking;
        return level[c] + spread[c] * this.baseline[slot * this.channels + c];
    }
}
//# sourceMappingURL=tracking.js.map