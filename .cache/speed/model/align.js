/** Readings in any order -> frames on the event-time grid, one row of flat state a slot. */
/**
 * What becomes of a reading; all but `accepted` are dropped, for the caller to count.
 * - `late`: its frame is out already
 * - `duplicate`: the same signal at the same time came before
 * - `surplus`: its frame went out complete with an older reading of this signal: the device is faster than the grid
 * - `future`: further ahead of the clock than `maxFutureMs`
 * - `bad-time`: no instant that a calendar knows
 */
export const readingFates = ['accepted', 'late', 'duplicate', 'surplus', 'future', 'bad-time'];
/** Late readings at this many later and later instants, none accepted between, mean that the device's clock was set back. */
export const lateInstantsToRestart = 5;
/** The last instant of ECMAScript's calendar. */
const maxTimeMs = 8.64e15;
/**
 * Event-time alignment, as ARCHITECTURE.md "Time" tells it. Instants are counted as integers k, `timeMs = k * periodMs`.
 *
 * Per slot a ring of `depth` pending frames waits to be complete; frames go out in order, each once. A value that is not finite
 * is a reading too: its signal is known to be missing, and nothing is held for it. Nothing is allocated per reading or frame.
 */
export class Aligner {
    options;
    emit;
    /** Restarts of a slot's grid after its device's clock was set back. */
    clockSteps = 0;
    channels;
    depth;
    frame;
    slots = 0;
    // One row a slot.
    started = new Uint8Array(0);
    /** Nothing pending and nothing held: `tick` has no work. */
    idle = new Uint8Array(0);
    /** Instant of the next frame to go out. */
    next = new Float64Array(0);
    /** Instant of the last frame with a reading of its own that went out; -Infinity where the next one starts anew. */
    fed = new Float64Array(0);
    /** Newest instant that has a reading. */
    newest = new Float64Array(0);
    newestTimeMs = new Float64Array(0);
    arrivedMs = new Float64Array(0);
    lateInstant = new Float64Array(0);
    lateCount = new Uint8Array(0);
    // [slots * C] the last reading that went out.
    held = new Float32Array(0);
    heldTimeMs = new Float64Array(0);
    // [slots * depth] and [slots * depth * C] frames by instant modulo depth; kept after they went out, to know duplicates.
    ringInstant = new Float64Array(0);
    ringCount = new Int32Array(0);
    ringValue = new Float32Array(0);
    ringTimeMs = new Float64Array(0);
    constructor(options, emit) {
        this.options = options;
        this.emit = emit;
        this.channels = options.channels;
        this.frame = new Float32Array(options.channels);
        // Frames that are still open reach from the newest reading back by lateness + 1.5 periods; as many again remember duplicates.
        this.depth = 2 * (Math.floor(options.latenessMs / options.periodMs) + 3);
    }
    /** Makes room for `slot` and all below it. */
    ensure(slot) {
        if (slot < this.slots)
            return;
        const slots = Math.max(16, 2 * this.slots, slot + 1);
        const { channels, depth } = this;
        const grow = (from, to, fill) => {
            to.fill(fill, from.length);
            to.set(from);
            return to;
        };
        this.started = grow(this.started, new Uint8Array(slots), 0);
        this.idle = grow(this.idle, new Uint8Array(slots), 1);
        this.next = grow(this.next, new Float64Array(slots), 0);
        this.fed = grow(this.fed, new Float64Array(slots), -Infinity);
        this.newest = grow(this.newest, new Float64Array(slots), 0);
        this.newestTimeMs = grow(this.newestTimeMs, new Float64Array(slots), 0);
        this.arrivedMs = grow(this.arrivedMs, new Float64Array(slots), 0);
        this.lateInstant = grow(this.lateInstant, new Float64Array(slots), -Infinity);
        this.lateCount = grow(this.lateCount, new Uint8Array(slots), 0);
        this.held = grow(this.held, new Float32Array(slots * channels), Number.NaN);
        this.heldTimeMs = grow(this.heldTimeMs, new Float64Array(slots * channels), -Infinity);
        this.ringInstant = grow(this.ringInstant, new Float64Array(slots * depth), Number.NaN);
        this.ringCount = grow(this.ringCount, new Int32Array(slots * depth), 0);
        this.ringValue = grow(this.ringValue, new Float32Array(slots * depth * channels), Number.NaN);
        this.ringTimeMs = grow(this.ringTimeMs, new Float64Array(slots * depth * channels), Number.NaN);
        this.slots = slots;
    }
    /**
     * Takes one reading; emits the frames that it completes or closes.
     * @param timeMs event time
     * @param value not finite = known to be missing
     * @param nowMs arrival time, by the same clock as `tick`'s
     */
    add(slot, channel, timeMs, value, nowMs) {
        if (!(Math.abs(timeMs) <= maxTimeMs))
            return 'bad-time';
        if (timeMs - nowMs > this.options.maxFutureMs)
            return 'future';
        this.ensure(slot);
        const instant = Math.round(timeMs / this.options.periodMs);
        if (this.started[slot] === 0)
            this.start(slot, instant, timeMs);
        const next = at(this.next, slot);
        if (instant <= this.closedThrough(at(this.newestTimeMs, slot)) ||
            (instant < next && at(this.fed, slot) > -Infinity)) {
            const known = this.knownBefore(slot, channel, instant, timeMs);
            if (known !== undefined)
                return known;
            if (!this.clockWasSetBack(slot, instant))
                return 'late';
            this.restart(slot, instant, timeMs);
        }
        else if (instant < next) {
            // Nothing is out yet: the grid may begin earlier.
            this.next[slot] = instant;
        }
        else {
            // Room in the ring for what is newer.
            this.advance(slot, this.closedThrough(timeMs));
        }
        if (!this.store(slot, channel, instant, timeMs, value))
            return 'duplicate';
        this.arrivedMs[slot] = nowMs;
        this.lateInstant[slot] = -Infinity;
        this.lateCount[slot] = 0;
        this.idle[slot] = 0;
        if (instant > at(this.newest, slot))
            this.newest[slot] = instant;
        if (timeMs > at(this.newestTimeMs, slot))
            this.newestTimeMs[slot] = timeMs;
        this.advance(slot, this.closedThrough(at(this.newestTimeMs, slot)));
        return 'accepted';
    }
    /**
     * Closes frames by the arrival clock: what a slot's last reading was followed by silence for longer than the lateness. Event times play no part, so
     * that old data replayed fast is not cut short. Goes on a frame a period while values are held, gives one frame with all missing, then rests.
     */
    tick(nowMs) {
        const { periodMs, latenessMs } = this.options;
        for (let slot = 0; slot < this.slots; slot++) {
            if (this.idle[slot] === 1)
                continue;
            const arrivedMs = at(this.arrivedMs, slot);
            // The clock was set back: count from here.
            if (nowMs < arrivedMs)
                this.arrivedMs[slot] = nowMs;
            const silentPeriods = (nowMs - arrivedMs - latenessMs) / periodMs - 0.5;
            if (!(silentPeriods >= 0))
                continue;
            const due = at(this.newest, slot) + Math.floor(silentPeriods);
            this.advance(slot, due);
            while (this.idle[slot] === 0 && at(this.next, slot) <= due) {
                const known = this.emitNext(slot);
                if (known === 0 && at(this.next, slot) > at(this.newest, slot))
                    this.idle[slot] = 1;
            }
        }
    }
    /** Emits what is pending, for the end of a recording or of the process. */
    flush() {
        for (let slot = 0; slot < this.slots; slot++) {
            if (this.started[slot] === 1)
                this.advance(slot, at(this.newest, slot));
        }
    }
    /** Drops all that is known of a slot, pending frames too; its next reading starts anew with `reset`. */
    forget(slot) {
        if (slot >= this.slots)
            return;
        this.started[slot] = 0;
        this.idle[slot] = 1;
        this.clear(slot);
    }
    start(slot, instant, timeMs) {
        this.started[slot] = 1;
        this.next[slot] = instant;
        this.fed[slot] = -Infinity;
        this.newest[slot] = instant;
        this.newestTimeMs[slot] = timeMs;
    }
    restart(slot, instant, timeMs) {
        this.advance(slot, at(this.newest, slot));
        this.clear(slot);
        this.start(slot, instant, timeMs);
        this.clockSteps++;
    }
    clear(slot) {
        const { channels, depth } = this;
        this.held.fill(Number.NaN, slot * channels, (slot + 1) * channels);
        this.heldTimeMs.fill(-Infinity, slot * channels, (slot + 1) * channels);
        this.ringInstant.fill(Number.NaN, slot * depth, (slot + 1) * depth);
        this.lateInstant[slot] = -Infinity;
        this.lateCount[slot] = 0;
    }
    /** The fate of a reading whose frame is out, where that frame had a reading of its signal. */
    knownBefore(slot, channel, instant, timeMs) {
        const cell = this.cell(slot, instant);
        if (this.ringInstant[cell] !== instant)
            return undefined;
        const before = at(this.ringTimeMs, cell * this.channels + channel);
        if (timeMs === before)
            return 'duplicate';
        return timeMs > before ? 'surplus' : undefined;
    }
    clockWasSetBack(slot, instant) {
        if (instant <= at(this.lateInstant, slot))
            return false;
        this.lateInstant[slot] = instant;
        const count = at(this.lateCount, slot) + 1;
        this.lateCount[slot] = count;
        return count >= lateInstantsToRestart;
    }
    cell(slot, instant) {
        const rest = instant % this.depth;
        return slot * this.depth + (rest < 0 ? rest + this.depth : rest);
    }
    /** False for a duplicate. Of two readings in one frame the newer stays. */
    store(slot, channel, instant, timeMs, value) {
        const { channels } = this;
        const cell = this.cell(slot, instant);
        if (this.ringInstant[cell] !== instant) {
            this.ringInstant[cell] = instant;
            this.ringCount[cell] = 0;
            this.ringTimeMs.fill(Number.NaN, cell * channels, (cell + 1) * channels);
        }
        const i = cell * channels + channel;
        const before = at(this.ringTimeMs, i);
        if (timeMs === before)
            return false;
        if (timeMs < before)
            return true;
        if (Number.isNaN(before))
            this.ringCount[cell] = at(this.ringCount, cell) + 1;
        this.ringTimeMs[i] = timeMs;
        this.ringValue[i] = Number.isFinite(value) ? value : Number.NaN;
        return true;
    }
    isComplete(slot, instant) {
        const cell = this.cell(slot, instant);
        return this.ringInstant[cell] === instant && this.ringCount[cell] === this.channels;
    }
    /** Newest instant whose lateness is over once a reading of `timeMs` has come. */
    closedThrough(timeMs) {
        return Math.ceil((timeMs - this.options.latenessMs) / this.options.periodMs - 0.5) - 1;
    }
    /**
     * Emits complete frames, and others up to `closed`. Frames without a reading wait for the next one that has some, which tells whether they bridge
     * a gap or are left out of one: so that it does not depend on the order of arrival.
     */
    advance(slot, closed) {
        for (;;) {
            const next = at(this.next, slot);
            const isEmpty = this.ringInstant[this.cell(slot, next)] !== next;
            if (isEmpty && next > closed)
                return;
            const fresh = isEmpty ? this.firstPending(slot, next) : next;
            if ((isEmpty && fresh - 1 > closed) || (fresh > closed && !this.isComplete(slot, fresh)))
                return;
            if (this.isGap(slot, fresh))
                this.next[slot] = fresh;
            while (at(this.next, slot) <= fresh)
                this.emitNext(slot);
        }
    }
    /** Infinity if there is none. */
    firstPending(slot, from) {
        let first = Number.POSITIVE_INFINITY;
        for (let cell = slot * this.depth; cell < (slot + 1) * this.depth; cell++) {
            const instant = at(this.ringInstant, cell);
            if (instant >= from && instant < first)
                first = instant;
        }
        return first;
    }
    /** Whether a frame with readings at `instant` starts anew. */
    isGap(slot, instant) {
        const { periodMs, maxGapMs } = this.options;
        return (instant - at(this.fed, slot)) * periodMs > Math.max(maxGapMs, periodMs);
    }
    /** Returns how many signals the frame knows. */
    emitNext(slot) {
        const { channels, frame } = this;
        const { periodMs, holdMs } = this.options;
        const instant = at(this.next, slot);
        const timeMs = instant * periodMs;
        const cell = this.cell(slot, instant);
        const fresh = this.ringInstant[cell] === instant;
        let known = 0;
        for (let c = 0; c < channels; c++) {
            const h = slot * channels + c;
            const readMs = fresh ? at(this.ringTimeMs, cell * channels + c) : Number.NaN;
            if (Number.isNaN(readMs)) {
                frame[c] = timeMs - at(this.heldTimeMs, h) <= holdMs ? at(this.held, h) : Number.NaN;
            }
            else {
                this.heldTimeMs[h] = readMs;
                this.held[h] = at(this.ringValue, cell * channels + c);
                frame[c] = at(this.held, h);
            }
            if (!Number.isNaN(frame[c]))
                known++;
        }
        const reset = fresh && this.isGap(slot, instant);
        if (fresh)
            this.fed[slot] = instant;
        this.next[slot] = instant + 1;
        this.emit(slot, timeMs, frame, reset);
        return known;
    }
}
/** An element that the caller knows to exist. */
function at(array, index) {
    return array[index];
}
