/** Arrays grow with the highest slot seen; rows of slots without a result hold `timeMs` NaN. */
export class Latest {
    channels;
    detectors;
    timeMs = new Float64Array(0);
    /** Results so far. */
    frames = new Float64Array(0);
    severity = new Float32Array(0);
    mode = new Uint8Array(0);
    /** [slots*D] */
    detector = new Float32Array(0);
    /** [slots*C] each */
    actual = new Float32Array(0);
    expected = new Float32Array(0);
    contribution = new Float32Array(0);
    health = new Uint8Array(0);
    constructor(channels, detectors) {
        this.channels = channels;
        this.detectors = detectors;
    }
    /** Slots there are rows for. */
    get slots() {
        return this.timeMs.length;
    }
    /** True when the slot has a result. */
    has(slot) {
        return !Number.isNaN(this.timeMs[slot] ?? Number.NaN);
    }
    note(results) {
        const { channels, detectors } = this;
        for (let i = 0; i < results.n; i++) {
            const slot = results.slot[i] ?? 0;
            if (slot >= this.timeMs.length)
                this.growTo(slot);
            this.timeMs[slot] = results.timeMs[i] ?? 0;
            this.frames[slot] = (this.frames[slot] ?? 0) + 1;
            this.severity[slot] = results.severity[i] ?? 0;
            this.mode[slot] = results.mode[i] ?? 0;
            for (let d = 0; d < detectors; d++)
                this.detector[slot * detectors + d] = results.detector[i * detectors + d] ?? 0;
            const from = i * channels;
            const to = slot * channels;
            for (let c = 0; c < channels; c++) {
                this.actual[to + c] = results.actual[from + c] ?? 0;
                this.expected[to + c] = results.expected[from + c] ?? 0;
                this.contribution[to + c] = results.contribution[from + c] ?? 0;
                this.health[to + c] = results.health[from + c] ?? 0;
            }
        }
    }
    growTo(slot) {
        const slots = Math.max(16, 2 ** Math.ceil(Math.log2(slot + 1)));
        const known = this.slots;
        const wider = (to, from) => {
            to.set(from);
            return to;
        };
        this.timeMs = wider(new Float64Array(slots), this.timeMs).fill(Number.NaN, known);
        this.frames = wider(new Float64Array(slots), this.frames);
        this.severity = wider(new Float32Array(slots), this.severity);
        this.mode = wider(new Uint8Array(slots), this.mode);
        this.detector = wider(new Float32Array(slots * this.detectors), this.detector);
        this.actual = wider(new Float32Array(slots * this.channels), this.actual);
        this.expected = wider(new Float32Array(slots * this.channels), this.expected);
        this.contribution = wider(new Float32Array(slots * this.channels), this.contribution);
        this.health = wider(new Uint8Array(slots * this.channels), this.health);
    }
}
