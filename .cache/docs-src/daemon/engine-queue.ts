/** The main thread's end of the way to the worker: never blocks, and when the worker cannot keep up, the newest frame of each asset wins. */
import type { FrameRing } from './engine-ring.js';

/**
 * Frames go straight into the ring while it has room. Without room, one frame an asset waits beside it; a newer frame of the same asset
 * takes its place, and the older is counted in `dropped`. So memory is bounded by the ring plus one frame an asset.
 */
export class FrameQueue {
  /** Frames that gave way to newer ones of their asset. */
  dropped = 0;
  /** Slots that wait beside the ring, in the order in which they came. */
  private waiting: number[] = [];
  private isWaiting = new Uint8Array(64);
  private timeMs = new Float64Array(64);
  private arrivalMs = new Float64Array(64);
  private reset = new Uint8Array(64);
  private values: Float32Array;
  /** Instant of the frame before the one that waits, for the length of the hole that dropping tears. */
  private beforeMs = new Float64Array(64);

  /** @param maxGapMs a hole longer than this clears the asset's memory, as it does in alignment */
  constructor(
    readonly ring: FrameRing,
    private readonly maxGapMs: number,
  ) {
    this.values = new Float32Array(64 * ring.shape.channels);
  }

  /** Frames that have not reached the worker yet. */
  get size(): number {
    return this.ring.size + this.waiting.length;
  }

  /** Takes a copy of the frame whose values stand at `offset` in `values`. */
  push(slot: number, timeMs: number, reset: boolean, arrivalMs: number, values: Float32Array, offset = 0): void {
    if (this.waiting.length > 0) this.spill();
    if (this.waiting.length === 0 && this.ring.push(slot, timeMs, reset ? 1 : 0, arrivalMs, values, offset)) return;
    this.wait(slot, timeMs, reset, arrivalMs, values, offset);
  }

  /** Moves what waits into the ring, as far as there is room; true if anything moved. */
  spill(): boolean {
    const { channels } = this.ring.shape;
    let moved = 0;
    for (const slot of this.waiting) {
      const { timeMs, arrivalMs, reset } = this;
      if (
        !this.ring.push(slot, timeMs[slot] ?? 0, reset[slot] ?? 0, arrivalMs[slot] ?? 0, this.values, slot * channels)
      )
        break;
      this.isWaiting[slot] = 0;
      moved++;
    }
    if (moved > 0) this.waiting = this.waiting.slice(moved);
    return moved > 0;
  }

  private wait(
    slot: number,
    timeMs: number,
    reset: boolean,
    arrivalMs: number,
    values: Float32Array,
    offset: number,
  ): void {
    const { channels } = this.ring.shape;
    if (slot >= this.isWaiting.length) this.growTo(slot);
    let cleared = reset;
    if (this.isWaiting[slot] === 1) {
      this.dropped++;
      cleared ||= this.reset[slot] === 1 || timeMs - (this.beforeMs[slot] ?? 0) > this.maxGapMs;
    } else {
      this.isWaiting[slot] = 1;
      this.waiting.push(slot);
      this.beforeMs[slot] = timeMs;
    }
    this.timeMs[slot] = timeMs;
    this.arrivalMs[slot] = arrivalMs;
    this.reset[slot] = cleared ? 1 : 0;
    for (let c = 0, to = slot * channels; c < channels; c++) this.values[to + c] = values[offset + c] ?? Number.NaN;
  }

  private growTo(slot: number): void {
    const slots = 2 ** Math.ceil(Math.log2(slot + 1));
    const wider = <A extends { set(from: A): void }>(to: A, from: A): A => {
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
