/** The largest severities of one asset of late, a block of time each: what its own normal looks like. */
const blocks = 480;
export class BaselineRing {
    blockMs;
    #values = new Float32Array(blocks);
    #count = 0;
    #block = Number.NaN;
    #largest = 0;
    /** `blockMs`: long enough that neighbouring blocks tell about different things. */
    constructor(blockMs) {
        this.blockMs = blockMs;
    }
    /** Whole blocks kept. */
    get length() {
        return Math.min(this.#count, blocks);
    }
    /** Hot. Frames come in the order of their times. */
    note(timeMs, severity) {
        const block = Math.floor(timeMs / this.blockMs);
        if (block !== this.#block) {
            if (!Number.isNaN(this.#block))
                this.#values[this.#count++ % blocks] = this.#largest;
            this.#block = block;
            this.#largest = 0;
        }
        if (severity > this.#largest)
            this.#largest = severity;
    }
    clear() {
        this.#count = 0;
        this.#block = Number.NaN;
        this.#largest = 0;
    }
    /** Oldest first. */
    values() {
        const { length } = this;
        return Float32Array.from({ length }, (_, i) => this.#values[(this.#count - length + i) % blocks] ?? 0);
    }
}
//# sourceMappingURL=baseline-ring.js.map