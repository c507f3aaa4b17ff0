/** Frames that wait to be complete, by slot and instant. */
import { at, moved } from './slots.js';

/**
 * Per slot a ring of `depth` frames by instant modulo depth. They stay after they went out, until a newer one takes their cell, to know duplicates.
 * A frame is addressed by its cell. Nothing is allocated per reading or frame.
 */
export class PendingFrames {
  // [slots * depth]
  private instants = new Float64Array(0);
  private counts = new Int32Array(0);
  /** [slots * depth * C], by cell; NaN where there is no reading. */
  timesMs = new Float64Array(0);
  /** The same of values, where there is a reading. */
  values = new Float32Array(0);

  constructor(
    private readonly channels: number,
    private readonly depth: number,
  ) {}

  /** Makes room for `slots` slots. */
  grow(slots: number): void {
    const { channels, depth } = this;
    this.instants = moved(this.instants, new Float64Array(slots * depth), Number.NaN);
    this.counts = moved(this.counts, new Int32Array(slots * depth), 0);
    this.values = moved(this.values, new Float32Array(slots * depth * channels), Number.NaN);
    this.timesMs = moved(this.timesMs, new Float64Array(slots * depth * channels), Number.NaN);
  }

  clear(slot: number): void {
    this.instants.fill(Number.NaN, slot * this.depth, (slot + 1) * this.depth);
  }

  /** The cell of a frame that has a reading; -1 if there is none. */
  find(slot: number, instant: number): number {
    const cell = this.cell(slot, instant);
    return this.instants[cell] === instant ? cell : -1;
  }

  /** The cell of a frame that is not out, emptied of an older one. */
  open(slot: number, instant: number): number {
    const { channels } = this;
    const cell = this.cell(slot, instant);
    if (this.instants[cell] === instant) return cell;
    this.instants[cell] = instant;
    this.counts[cell] = 0;
    for (let i = cell * channels; i < (cell + 1) * channels; i++) this.timesMs[i] = Number.NaN;
    return cell;
  }

  /** False for a duplicate. Of two readings in one frame the newer stays. */
  store(cell: number, channel: number, timeMs: number, value: number): boolean {
    const i = cell * this.channels + channel;
    const before = at(this.timesMs, i);
    if (timeMs === before) return false;
    if (timeMs < before) return true;
    if (Number.isNaN(before)) this.counts[cell] = at(this.counts, cell) + 1;
    this.timesMs[i] = timeMs;
    this.values[i] = Number.isFinite(value) ? value : Number.NaN;
    return true;
  }

  /** Whether all signals have a reading. */
  isFull(cell: number): boolean {
    return this.counts[cell] === this.channels;
  }

  /** The oldest instant with a reading from `from` on; Infinity if there is none. */
  first(slot: number, from: number): number {
    let first = Number.POSITIVE_INFINITY;
    for (let cell = slot * this.depth; cell < (slot + 1) * this.depth; cell++) {
      const instant = at(this.instants, cell);
      if (instant >= from && instant < first) first = instant;
    }
    return first;
  }

  private cell(slot: number, instant: number): number {
    const { depth } = this;
    // Instants are doubles, whose `%` is slow; this is exact as far as the calendar goes.
    return slot * depth + (instant - depth * Math.floor(instant / depth));
  }
}
