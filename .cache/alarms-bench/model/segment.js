/** A whole recording through the same `Aligner` that the daemon uses: frames an asset, split where memory is reset. */
import { Aligner } from './align.js';
/** Frames of one segment while it grows. */
class Growing {
    channels;
    times = new Float64Array(64);
    values;
    n = 0;
    constructor(channels) {
        this.channels = channels;
        this.values = new Float32Array(64 * channels);
    }
    push(timeMs, values) {
        if (this.n === this.times.length) {
            const times = new Float64Array(2 * this.n);
            times.set(this.times);
            this.times = times;
            const grown = new Float32Array(2 * this.n * this.channels);
            grown.set(this.values);
            this.values = grown;
        }
        this.times[this.n] = timeMs;
        this.values.set(values, this.n * this.channels);
        this.n++;
    }
    finish() {
        return { timesMs: this.times.slice(0, this.n), values: this.values.slice(0, this.n * this.channels) };
    }
}
/** Event time is taken for arrival time: a recording knows no other, and none of its readings is in the future. Assets in order of first sight. */
export async function alignRecording(rows, options) {
    const { channels, periodMs, holdMs, onReading } = options;
    const slots = new Map();
    const segments = [];
    const aligner = new Aligner({
        channels: channels.length,
        periodMs,
        holdMs,
        latenessMs: options.latenessMs ?? periodMs,
        maxFutureMs: Number.POSITIVE_INFINITY,
        maxGapMs: options.maxGapMs ?? 10 * periodMs,
    }, (slot, timeMs, values, reset) => {
        const own = segments[slot];
        if (reset || own.length === 0)
            own.push(new Growing(channels.length));
        own.at(-1).push(timeMs, values);
    });
    for await (const { asset, timeMs, values } of rows) {
        let slot = slots.get(asset);
        if (slot === undefined) {
            slot = slots.size;
            slots.set(asset, slot);
            segments.push([]);
        }
        for (const [channel, name] of channels.entries()) {
            const value = values[name];
            if (value === undefined)
                continue;
            const fate = aligner.add(slot, channel, timeMs, value, timeMs);
            onReading?.(fate);
        }
    }
    aligner.flush();
    return new Map([...slots].map(([asset, slot]) => [asset, segments[slot].map((growing) => growing.finish())]));
}
