/**
 * Frames go straight into the ring while it has room. Without room, one frame an asset waits beside it; a newer frame of the same asset
 * takes its place, and the older is counted in `dropped`. So memory is bounded by the ring plus one frame an asset.
 */
export class FrameQueue {
    ring;
    maxGapMs;
    /** Frames that gave way to newer ones of their asset. */
    dropped = 0;
    /** Slots that wait beside the ring, in the order in which they came. */
    waiting = [];
    isWaiting = new Uint8Array(64);
    timeMs = new Float64Array(64);
    arrivalMs = new Float64Array(64);
    reset = new Uint8Array(64);
    values;
    /** Instant of the frame before the one that waits, for the length of the hole that dropping tears. */
    beforeMs = new Float64Array(64);
    /** @param maxGapMs a hole longer than this clears the asset's memory, as it does in alignment */
    constructor(ring, maxGapMs) {
        this.ring = ring;
        this.maxGapMs = maxGapMs;
        this.values = new Float32Array(64 * ring.shape.channels);
    }
    /** Frames that have not reached the worker yet. */
    get size() {
        return this.ring.size + this.waiting.length;
    }
    /** Takes a copy of the frame whose values stand at `offset` in `values`. */
    push(slot, timeMs, reset, arrivalMs, values, offset = 0) {
        if (this.waiting.length > 0)
            this.spill();
        if (this.waiting.length === 0 && this.ring.push(slot, timeMs, reset ? 1 : 0, arrivalMs, values, offset))
            return;
        this.wait(slot, timeMs, reset, arrivalMs, values, offset);
    }
    /** Moves what waits into the ring, as far as there is room; true if anything moved. */
    spill() {
        const { channels } = this.ring.shape;
        let moved = 0;
        for (const slot of this.waiting) {
            const { timeMs, arrivalMs, reset } = this;
            if (!this.ring.push(slot, timeMs[slot] ?? 0, reset[slot] ?? 0, arrivalMs[slot] ?? 0, this.values, slot * channels))
                break;
            this.isWaiting[slot] = 0;
            moved++;
        }
        if (moved > 0)
            this.waiting = this.waiting.slice(moved);
        return moved > 0;
    }
    wait(slot, timeMs, reset, arrivalMs, values, offset) {
        const { channels } = this.ring.shape;
        if (slot >= this.isWaiting.length)
            this.growTo(slot);
        let cleared = reset;
        if (this.isWaiting[slot] === 1) {
            this.dropped++;
            cleared ||= this.reset[slot] === 1 || timeMs - (this.beforeMs[slot] ?? 0) > this.maxGapMs;
        }
        else {
            this.isWaiting[slot] = 1;
            this.waiting.push(slot);
            this.beforeMs[slot] = timeMs;
        }
        this.timeMs[slot] = timeMs;
        this.arrivalMs[slot] = arrivalMs;
        this.reset[slot] = cleared ? 1 : 0;
        for (let c = 0, to = slot * channels; c < channels; c++)
            this.values[to + c] = values[offset + c] ?? Number.NaN;
    }
    growTo(slot) {
        const slots = 2 ** Math.ceil(Math.log2(slot + 1));
        const wider = (to, from) => {
            to.set(from);
            return to;
        };
        this.isWaiting = wider(new Uint8Array(slots), this.isWaiting);
        this.timeMs = wider(new Float64Array(slots), this.timeMs);
        this.arrivalMs = wider(new Float64Array(slots), this.arrivalMs);
        this.reset = wider(new Uint8Array(slots), this.reset);
        this.beforeMs = wider(new Float64Array(slots), this.beforeMs);
        this.values = wider(new Float32Array(slots * this.ring.shape.channels), this.values);
    }
}
//# sourceMappingURL=engine-queue.js.map