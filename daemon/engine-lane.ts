/** One bundle's way to the worker and back, as the main thread sees it. */
import type { Bundle } from '../model/bundle.js';
import type { RuntimeOptions } from '../model/runtime.js';
import { Histogram } from './engine-histogram.js';
import { batchBounds, inferenceBoundsS, type LaneMemory, maxBatch } from './engine-orders.js';
import { FrameQueue } from './engine-queue.js';
import { type ArrivedResults, ResultRing } from './engine-results.js';
import { FrameRing } from './engine-ring.js';

export interface LaneOptions extends RuntimeOptions {
  /** Longest hole in an asset's frames over which its memory is kept. */
  readonly maxGapMs: number;
}

/** Shared memory for frames on their way: half a second of four signals at full speed. */
const ringBytes = 2 ** 21;

export type ResultReader = (results: ArrivedResults) => void;

/** Frames and results of one bundle; made by `Engine.open`. */
export class Lane {
  readonly inferenceS = new Histogram(inferenceBoundsS);
  readonly batchSize = new Histogram(batchBounds);
  /** Frames handed in, and results handed out, since the daemon started. */
  frames = 0;
  scored = 0;
  private droppedBefore = 0;
  private lost = 0;
  private queue: FrameQueue;
  private results: ResultRing;

  constructor(
    readonly id: number,
    readonly bundle: Bundle,
    readonly options: LaneOptions,
    private readonly reader: ResultReader,
    private readonly hurry: () => void,
  ) {
    this.queue = this.newQueue();
    this.results = this.newResults();
  }

  /** Frames shed, by reason. */
  get dropped(): { readonly overload: number; readonly restart: number } {
    return { overload: this.droppedBefore + this.queue.dropped, restart: this.lost };
  }

  /** Frames whose results have not come back. */
  get underway(): number {
    return this.frames - this.dropped.overload - this.lost - this.scored;
  }

  /** Frames that the worker has not taken yet. */
  get waiting(): number {
    return this.queue.size;
  }

  /** Takes a copy of `values` [C]; `arrivalMs` is monotonic. Never blocks. */
  push(slot: number, timeMs: number, values: Float32Array, reset: boolean, arrivalMs: number): void {
    this.frames++;
    this.queue.push(slot, timeMs, reset, arrivalMs, values);
    this.hurry();
  }

  /** Reads the results that are there; true if frames were moved into the ring because there was room now. */
  drain(): boolean {
    this.scored += this.results.drain(this.reader);
    return this.queue.spill();
  }

  /** For a new worker: fresh rings; what was under way is lost and counted. */
  restart(): void {
    this.drain();
    this.lost += this.underway;
    this.droppedBefore += this.queue.dropped;
    this.queue = this.newQueue();
    this.results = this.newResults();
  }

  get memory(): LaneMemory {
    const { ring } = this.queue;
    return {
      frames: { shape: ring.shape, buffer: ring.buffer },
      results: { shape: this.results.shape, buffer: this.results.buffer },
      inferenceS: this.inferenceS.buffer,
      batchSize: this.batchSize.buffer,
    };
  }

  private newQueue(): FrameQueue {
    const channels = this.bundle.manifest.channels.length;
    const capacity = 2 ** Math.floor(Math.log2(ringBytes / FrameRing.frameBytes(channels)));
    return new FrameQueue(new FrameRing({ capacity, channels }), this.options.maxGapMs);
  }

  private newResults(): ResultRing {
    const { channels, detectors } = this.bundle.manifest;
    return new ResultRing({ capacity: 8 * maxBatch, channels: channels.length, detectors: detectors.length });
  }
}
