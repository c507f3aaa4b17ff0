/** The worker thread: takes frames from shared memory in small batches, scores them, puts the results back; sleeps when there is nothing to do. */
import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import { type Clock, systemClock } from '../model/clock.js';
import { UserError } from '../model/errors.js';
import { BundleRuntime } from '../model/runtime.js';
import { Histogram } from './engine-histogram.js';
import {
  batchBounds,
  fullEnough,
  inferenceBoundsS,
  type LaneMemory,
  maxBatch,
  type Order,
  type Report,
  type WorkerStart,
  word,
} from './engine-orders.js';
import { ResultRing } from './engine-results.js';
import { emptyBatch, FrameRing, type MutableFrameBatch } from './engine-ring.js';

/**
 * After a batch the worker rests until about `gathered` frames have come at the present rate, or as many wait as make a full batch. Under load this makes batches of
 * what would be single frames; when little comes both threads sleep, and a batch of ten takes hardly more than a batch of one.
 */
const gathered = 16;
const leastRestMs = 2;
/** What a frame is delayed by at most when little comes: this, and no more than a share of its grid's period; */
const mostRestMs = 250;
const mostRestShare = 0.2;
/** and one behind others of its own asset: each of them is a batch later. */
const mostQueueRestMs = 5;
/** With so many frames an asset, on average, old ones are being caught up with: no rest. */
const mostCrowding = 16;

/** One bundle's way through the worker. */
class WorkerLane {
  private readonly frames: FrameRing;
  private readonly results: ResultRing;
  private readonly inferenceS: Histogram;
  private readonly batchSize: Histogram;
  private readonly batch: MutableFrameBatch;

  constructor(
    readonly runtime: BundleRuntime,
    { frames, results, inferenceS, batchSize }: LaneMemory,
    private readonly clock: Clock,
  ) {
    this.frames = new FrameRing(frames.shape, frames.buffer);
    this.results = new ResultRing(results.shape, results.buffer);
    this.inferenceS = new Histogram(inferenceBoundsS, inferenceS);
    this.batchSize = new Histogram(batchBounds, batchSize);
    this.batch = emptyBatch(maxBatch, frames.shape.channels);
  }

  /** Frames that wait. */
  get waiting(): number {
    return this.frames.size;
  }

  /** Frames that make a full batch: of one asset, no more than `maxRounds` go together. */
  get enough(): number {
    const { crowding } = this.frames;
    if (crowding > mostCrowding) return 1;
    const rounds = crowding < 2 ? 1 : Math.min(this.runtime.maxRounds, crowding);
    return (Math.min(maxBatch, fullEnough * rounds) * crowding) / rounds;
  }

  /** True while frames wait for room for their results. */
  get starved(): boolean {
    return this.results.room === 0 && this.frames.size > 0;
  }

  /** Scores one batch; gives the number of its frames. */
  async step(): Promise<number> {
    const n = this.frames.take(this.batch, Math.min(maxBatch, this.results.room), this.runtime.maxRounds);
    if (n === 0) return 0;
    const started = this.clock.monotonic();
    const scored = await this.runtime.score(this.batch);
    this.inferenceS.observe((this.clock.monotonic() - started) / 1000);
    this.batchSize.observe(n);
    this.results.push(scored, this.batch.arrivalMs);
    return n;
  }
}

/**
 * The worker's life. It sleeps in `Atomics.wait`, which costs nothing and wakes within microseconds; orders are therefore read from the
 * port between batches instead of by an event.
 */
class WorkerLoop {
  private readonly control: Int32Array;
  private readonly lanes = new Map<number, WorkerLane>();
  private restedMs = Number.NEGATIVE_INFINITY;
  /** Results were pushed since they were last told of. */
  private hasNews = false;

  constructor(
    control: SharedArrayBuffer,
    private readonly port: NonNullable<typeof parentPort>,
    private readonly clock: Clock,
  ) {
    this.control = new Int32Array(control);
  }

  async run(): Promise<never> {
    const { control } = this;
    for (;;) {
      const seen = Atomics.load(control, word.wake);
      Atomics.store(control, word.pong, Atomics.load(control, word.ping));
      await this.takeOrders();
      let frames = 0;
      for (const lane of this.lanes.values()) {
        const scored = await lane.step();
        frames += scored;
      }
      this.hasNews ||= frames > 0;
      if (frames > 0) this.rest(frames);
      else this.sleep(seen);
    }
  }

  private rest(frames: number): void {
    const nowMs = this.clock.monotonic();
    const lanes = [...this.lanes.values()];
    const most = lanes.some((lane) => lane.waiting > 0)
      ? mostQueueRestMs
      : Math.min(mostRestMs, ...lanes.map(({ runtime }) => mostRestShare * runtime.bundle.manifest.periodMs));
    const ms = Math.min(most, Math.max(leastRestMs, (gathered * (nowMs - this.restedMs)) / frames));
    this.restedMs = nowMs;
    Atomics.store(this.control, word.enough, Math.min(...lanes.map((lane) => lane.enough)));
    Atomics.store(this.control, word.rush, 0);
    if (lanes.some((lane) => lane.waiting >= lane.enough)) return;
    Atomics.wait(this.control, word.rush, 0, ms);
  }

  private sleep(seen: number): void {
    const { control } = this;
    // Who keeps sending frames finds the results by itself: a message between threads wakes the main thread once more, and costs what ten frames cost.
    if (this.hasNews && Atomics.exchange(control, word.bell, 1) === 0) this.report({ report: 'results' });
    this.hasNews = false;
    Atomics.store(control, word.starved, [...this.lanes.values()].some((lane) => lane.starved) ? 1 : 0);
    Atomics.store(control, word.asleep, 1);
    Atomics.wait(control, word.wake, seen);
    Atomics.store(control, word.asleep, 0);
  }

  private async takeOrders(): Promise<void> {
    for (let mail = receiveMessageOnPort(this.port); mail !== undefined; mail = receiveMessageOnPort(this.port)) {
      const order = mail.message as Order;
      if (order.order === 'open') await this.open(order);
      else await this.close(order.lane);
    }
  }

  private async open({ lane, bundle, options, memory }: Order & { order: 'open' }): Promise<void> {
    try {
      const runtime = await BundleRuntime.open(bundle, options);
      this.lanes.set(lane, new WorkerLane(runtime, memory, this.clock));
      this.report({ report: 'opened', lane });
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      this.report({ report: 'refused', lane, problem: error.problem, place: error.place, remedy: error.remedy });
    }
  }

  private async close(lane: number): Promise<void> {
    await this.lanes.get(lane)?.runtime.close();
    this.lanes.delete(lane);
  }

  private report(report: Report): void {
    this.port.postMessage(report);
  }
}

if (parentPort === null) throw new Error('worker.ts runs in a worker thread only');
const { control } = workerData as WorkerStart;
await new WorkerLoop(control, parentPort, systemClock).run();
