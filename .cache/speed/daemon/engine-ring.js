/** Frames looked at for one batch at most, so that a long queue costs no more a batch than a short one. */
const lookAhead = 2048;
const head = 0;
const tail = 1;
const headerBytes = 16;
/** An empty batch with room for `size` frames of `channels` channels. */
export function emptyBatch(size, channels) {
    return {
        n: 0,
        slot: new Int32Array(size),
        timeMs: new Float64Array(size),
        arrivalMs: new Float64Array(size),
        reset: new Uint8Array(size),
        values: new Float32Array(size * channels),
    };
}
/**
 * Both threads make one `FrameRing` over the same `buffer`. `head` is written by the producer alone, `tail` by the consumer alone;
 * both count up for ever (mod 2^32) and are published after the data they cover.
 */
export class FrameRing {
    shape;
    buffer;
    mask;
    header;
    timeMs;
    arrivalMs;
    slot;
    values;
    reset;
    // Consumer only: which frames between tail and head went out of turn.
    taken;
    // Consumer only: the last batch each slot was in.
    lastBatch = new Int32Array(64);
    batch = 0;
    takenCount = 0;
    constructor(shape, buffer) {
        this.shape = shape;
        const { capacity, channels } = shape;
        this.buffer = buffer ?? new SharedArrayBuffer(headerBytes + capacity * FrameRing.frameBytes(channels));
        this.mask = capacity - 1;
        let at = 0;
        const next = (bytes) => {
            at += bytes;
            return at - bytes;
        };
        this.header = new Int32Array(this.buffer, next(headerBytes), headerBytes / 4);
        this.timeMs = new Float64Array(this.buffer, next(8 * capacity), capacity);
        this.arrivalMs = new Float64Array(this.buffer, next(8 * capacity), capacity);
        this.slot = new Int32Array(this.buffer, next(4 * capacity), capacity);
        this.values = new Float32Array(this.buffer, next(4 * capacity * channels), capacity * channels);
        this.reset = new Uint8Array(this.buffer, next(capacity), capacity);
        this.taken = new Uint8Array(capacity);
    }
    /** Memory of one frame. */
    static frameBytes(channels) {
        return 8 + 8 + 4 + 4 * channels + 1;
    }
    /** Frames not yet taken, as far as this thread can see. */
    get size() {
        return (Atomics.load(this.header, head) - Atomics.load(this.header, tail) - this.takenCount) | 0;
    }
    /** Producer: appends the frame whose values stand at `offset` in `values`; false when there is no room. */
    push(slot, timeMs, reset, arrivalMs, values, offset) {
        const { capacity, channels } = this.shape;
        const at = Atomics.load(this.header, head);
        if (((at - Atomics.load(this.header, tail)) | 0) >= capacity)
            return false;
        const i = at & this.mask;
        this.slot[i] = slot;
        this.timeMs[i] = timeMs;
        this.arrivalMs[i] = arrivalMs;
        this.reset[i] = reset;
        for (let c = 0, to = i * channels; c < channels; c++)
            this.values[to + c] = values[offset + c] ?? Number.NaN;
        Atomics.store(this.header, head, (at + 1) | 0);
        return true;
    }
    /**
     * Consumer: fills `batch` with up to `limit` frames, at most one a slot, oldest first; a second frame of a slot stays for the next
     * batch, so the order of each slot is kept. Gives the number of frames.
     */
    take(batch, limit) {
        const { channels } = this.shape;
        const start = Atomics.load(this.header, tail);
        const waiting = (Atomics.load(this.header, head) - start) | 0;
        const end = (start + Math.min(waiting, lookAhead)) | 0;
        this.batch = (this.batch + 1) | 0;
        let n = 0;
        for (let at = start; at !== end && n < limit; at = (at + 1) | 0) {
            const i = at & this.mask;
            if (this.taken[i] === 1)
                continue;
            const slot = this.slot[i] ?? 0;
            if (slot >= this.lastBatch.length)
                this.growTo(slot);
            if (this.lastBatch[slot] === this.batch)
                continue;
            this.lastBatch[slot] = this.batch;
            this.taken[i] = 1;
            batch.slot[n] = slot;
            batch.timeMs[n] = this.timeMs[i] ?? 0;
            batch.arrivalMs[n] = this.arrivalMs[i] ?? 0;
            batch.reset[n] = this.reset[i] ?? 0;
            for (let c = 0, from = i * channels, to = n * channels; c < channels; c++)
                batch.values[to + c] = this.values[from + c] ?? Number.NaN;
            n++;
        }
        this.takenCount += n;
        this.release(start, end);
        batch.n = n;
        return n;
    }
    /** Gives back the taken frames at the tail, up to the first that is still wanted. */
    release(start, end) {
        let at = start;
        for (; at !== end && this.taken[at & this.mask] === 1; at = (at + 1) | 0)
            this.taken[at & this.mask] = 0;
        this.takenCount -= (at - start) | 0;
        Atomics.store(this.header, tail, at);
    }
    growTo(slot) {
        const wider = new Int32Array(2 ** Math.ceil(Math.log2(slot + 1)));
        wider.set(this.lastBatch);
        this.lastBatch = wider;
    }
}
