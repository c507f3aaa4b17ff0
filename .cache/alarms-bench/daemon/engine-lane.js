import { Histogram } from './engine-histogram.js';
import { batchBounds, inferenceBoundsS, maxBatch } from './engine-orders.js';
import { FrameQueue } from './engine-queue.js';
import { ResultRing } from './engine-results.js';
import { FrameRing } from './engine-ring.js';
/** Shared memory for frames on their way: half a second of four signals at full speed. */
const ringBytes = 2 ** 21;
/** Frames and results of one bundle; made by `Engine.open`. */
export class Lane {
    id;
    bundle;
    options;
    reader;
    hurry;
    inferenceS = new Histogram(inferenceBoundsS);
    batchSize = new Histogram(batchBounds);
    /** Frames handed in, and results handed out, since the daemon started. */
    frames = 0;
    scored = 0;
    droppedBefore = 0;
    lost = 0;
    queue;
    results;
    constructor(id, bundle, options, reader, hurry) {
        this.id = id;
        this.bundle = bundle;
        this.options = options;
        this.reader = reader;
        this.hurry = hurry;
        this.queue = this.newQueue();
        this.results = this.newResults();
    }
    /** Frames shed, by reason. */
    get dropped() {
        return { overload: this.droppedBefore + this.queue.dropped, restart: this.lost };
    }
    /** Frames whose results have not come back. */
    get underway() {
        return this.frames - this.dropped.overload - this.lost - this.scored;
    }
    /** Takes a copy of `values` [C]; `arrivalMs` is monotonic. Never blocks. */
    push(slot, timeMs, values, reset, arrivalMs) {
        this.frames++;
        this.queue.push(slot, timeMs, reset, arrivalMs, values);
        this.hurry();
    }
    /** Reads the results that are there; true if frames were moved into the ring because there was room now. */
    drain() {
        this.scored += this.results.drain(this.reader);
        return this.queue.spill();
    }
    /** For a new worker: fresh rings; what was under way is lost and counted. */
    restart() {
        this.drain();
        this.lost += this.underway;
        this.droppedBefore += this.queue.dropped;
        this.queue = this.newQueue();
        this.results = this.newResults();
    }
    get memory() {
        const { ring } = this.queue;
        return {
            frames: { shape: ring.shape, buffer: ring.buffer },
            results: { shape: this.results.shape, buffer: this.results.buffer },
            inferenceS: this.inferenceS.buffer,
            batchSize: this.batchSize.buffer,
        };
    }
    newQueue() {
        const channels = this.bundle.manifest.channels.length;
        const capacity = 2 ** Math.floor(Math.log2(ringBytes / FrameRing.frameBytes(channels)));
        return new FrameQueue(new FrameRing({ capacity, channels }), this.options.maxGapMs);
    }
    newResults() {
        const { channels, detectors } = this.bundle.manifest;
        return new ResultRing({ capacity: 16 * maxBatch, channels: channels.length, detectors: detectors.length });
    }
}
