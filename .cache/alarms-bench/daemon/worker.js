/** The worker thread: takes frames from shared memory in small batches, scores them, puts the results back; sleeps when there is nothing to do. */
import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import { systemClock } from '../model/clock.js';
import { UserError } from '../model/errors.js';
import { BundleRuntime } from '../model/runtime.js';
import { Histogram } from './engine-histogram.js';
import { batchBounds, inferenceBoundsS, maxBatch, word, } from './engine-orders.js';
import { ResultRing } from './engine-results.js';
import { emptyBatch, FrameRing } from './engine-ring.js';
/**
 * After a batch the worker rests this long unless as many frames as `fullEnough` wait already. Under load this makes batches of what
 * would be single frames, and saves both threads from waking each other thousands of times a second.
 */
const restMs = 2;
const fullEnough = 64;
/** One bundle's way through the worker. */
class WorkerLane {
    runtime;
    clock;
    frames;
    results;
    inferenceS;
    batchSize;
    batch;
    constructor(runtime, { frames, results, inferenceS, batchSize }, clock) {
        this.runtime = runtime;
        this.clock = clock;
        this.frames = new FrameRing(frames.shape, frames.buffer);
        this.results = new ResultRing(results.shape, results.buffer);
        this.inferenceS = new Histogram(inferenceBoundsS, inferenceS);
        this.batchSize = new Histogram(batchBounds, batchSize);
        this.batch = emptyBatch(maxBatch, frames.shape.channels);
    }
    /** Frames that wait. */
    get waiting() {
        return this.frames.size;
    }
    /** True while frames wait for room for their results. */
    get starved() {
        return this.results.room === 0 && this.frames.size > 0;
    }
    /** Scores one batch; false when there is none. */
    async step() {
        const n = this.frames.take(this.batch, Math.min(maxBatch, this.results.room));
        if (n === 0)
            return false;
        const started = this.clock.monotonic();
        const scored = await this.runtime.score(this.batch);
        this.inferenceS.observe((this.clock.monotonic() - started) / 1000);
        this.batchSize.observe(n);
        this.results.push(scored, this.batch.arrivalMs);
        return true;
    }
}
/**
 * The worker's life. It sleeps in `Atomics.wait`, which costs nothing and wakes within microseconds; orders are therefore read from the
 * port between batches instead of by an event.
 */
class WorkerLoop {
    port;
    clock;
    control;
    lanes = new Map();
    constructor(control, port, clock) {
        this.port = port;
        this.clock = clock;
        this.control = new Int32Array(control);
    }
    async run() {
        const { control } = this;
        for (;;) {
            const seen = Atomics.load(control, word.wake);
            Atomics.store(control, word.pong, Atomics.load(control, word.ping));
            await this.takeOrders();
            let worked = false;
            for (const lane of this.lanes.values()) {
                if (!(await lane.step()))
                    continue;
                worked = true;
                if (Atomics.exchange(control, word.bell, 1) === 0)
                    this.report({ report: 'results' });
            }
            if (worked)
                this.rest();
            else
                this.sleep(seen);
        }
    }
    rest() {
        for (const lane of this.lanes.values())
            if (lane.waiting >= fullEnough)
                return;
        Atomics.wait(this.control, word.never, 0, restMs);
    }
    sleep(seen) {
        const { control } = this;
        Atomics.store(control, word.starved, [...this.lanes.values()].some((lane) => lane.starved) ? 1 : 0);
        Atomics.store(control, word.asleep, 1);
        Atomics.wait(control, word.wake, seen);
        Atomics.store(control, word.asleep, 0);
    }
    async takeOrders() {
        for (let mail = receiveMessageOnPort(this.port); mail !== undefined; mail = receiveMessageOnPort(this.port)) {
            const order = mail.message;
            if (order.order === 'open')
                await this.open(order);
            else
                await this.close(order.lane);
        }
    }
    async open({ lane, bundle, options, memory }) {
        try {
            const runtime = await BundleRuntime.open(bundle, options);
            this.lanes.set(lane, new WorkerLane(runtime, memory, this.clock));
            this.report({ report: 'opened', lane });
        }
        catch (error) {
            if (!(error instanceof UserError))
                throw error;
            this.report({ report: 'refused', lane, problem: error.problem, place: error.place, remedy: error.remedy });
        }
    }
    async close(lane) {
        await this.lanes.get(lane)?.runtime.close();
        this.lanes.delete(lane);
    }
    report(report) {
        this.port.postMessage(report);
    }
}
if (parentPort === null)
    throw new Error('worker.ts runs in a worker thread only');
const { control } = workerData;
await new WorkerLoop(control, parentPort, systemClock).run();
