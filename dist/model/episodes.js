/**
 * One episode a slot. It begins with `need` of the last `of` frames at severity 1. It ends, after `holdFrames` in a row, where
 * - severity is below `clearAt`: the old normal is back; or
 * - the deviation has lost its signature: its projection onto the mean deviation of the episode's first frames is below `returnAt`, so what went wrong has gone,
 *   whatever else has drifted or still has to cool down meanwhile. Then the present is taken as normal (`returned`), the baseline settles, and no alarm begins for a while.
 */
export class Episodes {
    rules;
    width;
    of;
    need;
    // [slots]
    active = new Uint8Array(0);
    age = new Uint32Array(0);
    clearRun = new Uint32Array(0);
    returnRun = new Uint32Array(0);
    /** Frames since a return, saturated. */
    since = new Uint32Array(0);
    /** Last frames at severity 1, newest in bit 0. */
    hits = new Uint32Array(0);
    /** [slots * width] */
    signature = new Float64Array(0);
    /** @param width length of a deviation */
    constructor(rules, { of, need }, width) {
        this.rules = rules;
        this.width = width;
        this.of = of;
        this.need = need;
    }
    /** Makes room for `slots` slots. */
    ensure(slots) {
        const before = this.active.length;
        if (slots <= before)
            return;
        const size = Math.max(slots, 2 * before);
        const grow = (fresh, old) => {
            fresh.set(old);
            return fresh;
        };
        this.active = grow(new Uint8Array(size), this.active);
        this.age = grow(new Uint32Array(size), this.age);
        this.clearRun = grow(new Uint32Array(size), this.clearRun);
        this.returnRun = grow(new Uint32Array(size), this.returnRun);
        this.since = grow(new Uint32Array(size).fill(never, before), this.since);
        this.hits = grow(new Uint32Array(size), this.hits);
        this.signature = grow(new Float64Array(size * this.width), this.signature);
    }
    reset(slot) {
        this.active[slot] = 0;
        this.hits[slot] = 0;
        this.since[slot] = never;
    }
    /** The next frame of `slot`. @param deviation [width] */
    step(slot, severity, deviation) {
        const { rules } = this;
        const since = this.since[slot];
        if (since < never)
            this.since[slot] = since + 1;
        if (this.active[slot] === 0) {
            const quiet = since < rules.quietFrames;
            this.hits[slot] = quiet ? 0 : (this.hits[slot] << 1) | (severity >= 1 ? 1 : 0);
            if (!quiet && this.countHits(slot) >= this.need)
                this.begin(slot);
            else
                return since < rules.settleFrames ? 'settling' : 'normal';
        }
        const age = this.age[slot] + 1;
        this.age[slot] = age;
        this.clearRun[slot] = severity < rules.clearAt ? this.clearRun[slot] + 1 : 0;
        const isGone = this.project(slot, age, deviation) < rules.returnAt && age > rules.settleAfter;
        this.returnRun[slot] = isGone ? this.returnRun[slot] + 1 : 0;
        if (this.clearRun[slot] >= rules.holdFrames) {
            this.active[slot] = 0;
            this.hits[slot] = 0;
            return 'normal';
        }
        if (this.returnRun[slot] >= rules.holdFrames) {
            this.active[slot] = 0;
            this.hits[slot] = 0;
            this.since[slot] = 0;
            return 'returned';
        }
        return 'alarm';
    }
    /** No alarm begins: the baseline has yet to settle. */
    isQuiet(slot) {
        return this.since[slot] < this.rules.quietFrames;
    }
    begin(slot) {
        this.active[slot] = 1;
        this.age[slot] = 0;
        this.clearRun[slot] = 0;
        this.returnRun[slot] = 0;
        this.signature.fill(0, slot * this.width, (slot + 1) * this.width);
    }
    countHits(slot) {
        let count = 0;
        for (let i = 0, bits = this.hits[slot]; i < this.of; i++)
            count += (bits >>> i) & 1;
        return count;
    }
    /** <deviation, signature> / <signature, signature>; the first frames make the signature, as their running mean. */
    project(slot, age, deviation) {
        const from = slot * this.width;
        let product = 0;
        let length = 0;
        for (let i = 0; i < this.width; i++) {
            const value = deviation[i];
            let own = this.signature[from + i];
            if (age <= this.rules.signatureFrames) {
                own += (value - own) / age;
                this.signature[from + i] = own;
            }
            product += value * own;
            length += own * own;
        }
        return length > 0 ? product / length : 0;
    }
}
/** Frames since a return that never was. */
const never = 0xffffffff;
//# sourceMappingURL=episodes.js.map