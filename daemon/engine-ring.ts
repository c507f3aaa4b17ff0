/** Frames on their way to the worker: a ring in shared memory with one producer (main thread) and one consumer (worker). */
import type { FrameBatch } from '../model/frames.js';

export interface RingShape {
  /** Frames it holds; a power of two. */
  readonly capacity: number;
  /** C. */
  readonly channels: number;
}

/** Frames looked at for one batch at most, so that a long queue costs no more a batch than a short one. */
const lookAhead = 2048;
/** Frames for which a call of a graph is not too dear, if most slots have none. */
const worthACall = 16;
/** Added to a slot's frames in a batch: no more of them. */
const closed = 128;

const head = 0;
const tail = 1;
const outOfTurn = 2;
const headerBytes = 16;

/** A batch that `FrameRing.take` fills again and again; `n` says how many rows of the arrays count. */
export interface MutableFrameBatch extends FrameBatch {
  n: number;
  readonly rounds: number[];
  /** [N] monotonic time at which the reading that completed the frame arrived, milliseconds. */
  readonly arrivalMs: Float64Array;
}

/** An empty batch with room for `size` frames of `channels` channels. */
export function emptyBatch(size: number, channels: number): MutableFrameBatch {
  return {
    n: 0,
    rounds: [],
    slot: new Int32Array(size),
    timeMs: new Float64Array(size),
    arrivalMs: new Float64Array(size),
    reset: new Uint8Array(size),
    values: new Float32Array(size * channels),
  };
}

/**
 * Both threads make one `FrameRing` over the same `buffer`. `head` is written by the producer alone, `tail` by the consumer alone;
 * both count up for ever (mod 2^32) and are published after the data they cover. `outOfTurn` is the consumer's too: frames between them that it has taken already.
 */
export class FrameRing {
  readonly buffer: SharedArrayBuffer;
  private readonly mask: number;
  private readonly header: Int32Array;
  private readonly timeMs: Float64Array;
  private readonly arrivalMs: Float64Array;
  private readonly slot: Int32Array;
  private readonly values: Float32Array;
  private readonly reset: Uint8Array;
  // Consumer only: which frames between tail and head went out of turn.
  private readonly taken: Uint8Array;
  // Consumer only. By slot: the last batch it was in, how many frames of it, and which of the batch's slots it is.
  private lastBatch = new Int32Array(64);
  private frames = new Uint8Array(64);
  private place = new Int32Array(64);
  private batch = 0;
  // Consumer only: the batch's frames and its slots in the order of their first frames.
  private readonly chosen = new Int32Array(lookAhead);
  private readonly round = new Uint8Array(lookAhead);
  private readonly slots = new Int32Array(lookAhead);
  /** Consumer only: frames an asset had waiting at the last look, on average; more than one where messages bring several rows. */
  crowding = 1;

  constructor(
    readonly shape: RingShape,
    buffer?: SharedArrayBuffer,
  ) {
    const { capacity, channels } = shape;
    this.buffer = buffer ?? new SharedArrayBuffer(headerBytes + capacity * FrameRing.frameBytes(channels));
    this.mask = capacity - 1;
    let at = 0;
    const next = (bytes: number) => {
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
  static frameBytes(channels: number): number {
    return 8 + 8 + 4 + 4 * channels + 1;
  }

  /** Frames not yet taken, as far as this thread can see. */
  get size(): number {
    const { header } = this;
    return (Atomics.load(header, head) - Atomics.load(header, tail) - Atomics.load(header, outOfTurn)) | 0;
  }

  /** Producer: appends the frame whose values stand at `offset` in `values`; false when there is no room. */
  push(
    slot: number,
    timeMs: number,
    reset: number,
    arrivalMs: number,
    values: ArrayLike<number>,
    offset: number,
  ): boolean {
    const { capacity, channels } = this.shape;
    const at = Atomics.load(this.header, head);
    if (((at - Atomics.load(this.header, tail)) | 0) >= capacity) return false;
    const i = at & this.mask;
    this.slot[i] = slot;
    this.timeMs[i] = timeMs;
    this.arrivalMs[i] = arrivalMs;
    this.reset[i] = reset;
    for (let c = 0, to = i * channels; c < channels; c++) this.values[to + c] = values[offset + c] ?? Number.NaN;
    Atomics.store(this.header, head, (at + 1) | 0);
    return true;
  }

  /**
   * Consumer: fills `batch` with up to `limit` frames, oldest first, in rounds: `most` at most where slots have several waiting, on average, and else one, as a second one
   * goes better with the next batch's than alone. The order of each slot is kept. Gives the number of frames.
   */
  take(batch: MutableFrameBatch, limit: number, most = 1): number {
    const start = Atomics.load(this.header, tail);
    const waiting = (Atomics.load(this.header, head) - start) | 0;
    const end = (start + Math.min(waiting, lookAhead)) | 0;
    const chosen = this.choose(start, end, Math.min(limit, lookAhead), this.crowding < 2 ? 1 : most);
    const n = this.arrange(batch, chosen);
    this.release(start, end, n);
    return n;
  }

  /** Marks frames as taken and lists them in `chosen`, with their rounds. */
  private choose(start: number, end: number, limit: number, most: number): number {
    this.batch = (this.batch + 1) | 0;
    let n = 0;
    let slots = 0;
    let looked = 0;
    // No slot begins that would have fewer frames than the others for want of room.
    const last = limit - (most === 1 ? 1 : Math.min(limit, Math.floor(this.crowding)));
    for (let at = start; at !== end && n < limit; at = (at + 1) | 0) {
      const i = at & this.mask;
      if (this.taken[i] === 1) continue;
      const slot = this.slot[i] ?? 0;
      if (slot >= this.lastBatch.length) this.growTo(slot);
      const isFirst = this.lastBatch[slot] !== this.batch;
      if (isFirst && n > last) continue;
      looked++;
      if (isFirst) {
        this.lastBatch[slot] = this.batch;
        this.frames[slot] = 0;
        this.slots[slots++] = slot;
      } else if ((this.frames[slot] as number) >= most || this.reset[i] === 1) {
        // It and those behind it wait for the next batch.
        this.frames[slot] = (this.frames[slot] as number) | closed;
        continue;
      }
      const round = this.frames[slot] as number;
      this.frames[slot] = round + 1;
      this.taken[i] = 1;
      this.chosen[n] = i;
      this.round[n++] = round;
    }
    if (n > 0) this.crowding = looked / slots;
    return n;
  }

  /** Copies the `n` chosen frames into `batch`, round by round, slots with more frames before those with fewer; gives how many. Rounds of a few wait for the next batch. */
  private arrange(batch: MutableFrameBatch, n: number): number {
    const { channels } = this.shape;
    const { rounds } = batch;
    rounds.length = 0;
    for (let k = 0; k < n; k++) {
      const round = this.round[k] as number;
      while (rounds.length <= round) rounds.push(0);
      rounds[round] = (rounds[round] as number) + 1;
    }
    const slots = rounds[0] ?? 0;
    const few = rounds.findIndex((rows) => rows < Math.min(worthACall, slots / 2));
    if (few > 0) rounds.length = few;
    if (rounds.length > 1) this.slots.subarray(0, slots).sort((a, b) => this.framesOf(b) - this.framesOf(a));
    for (let k = 0; k < slots; k++) this.place[this.slots[k] as number] = k;
    const from = rounds.map((_, r) => rounds.slice(0, r).reduce((sum, rows) => sum + rows, 0));
    for (let k = 0; k < n; k++) {
      const i = this.chosen[k] as number;
      const before = from[this.round[k] as number];
      if (before === undefined) {
        this.taken[i] = 0;
        continue;
      }
      const slot = this.slot[i] as number;
      const row = before + (this.place[slot] as number);
      batch.slot[row] = slot;
      batch.timeMs[row] = this.timeMs[i] ?? 0;
      batch.arrivalMs[row] = this.arrivalMs[i] ?? 0;
      batch.reset[row] = this.reset[i] ?? 0;
      for (let c = 0, at = i * channels, to = row * channels; c < channels; c++)
        batch.values[to + c] = this.values[at + c] ?? Number.NaN;
    }
    batch.n = rounds.reduce((sum, rows) => sum + rows, 0);
    return batch.n;
  }

  /** Gives back the taken frames at the tail, up to the first that is still wanted; `n` were taken just now. */
  private release(start: number, end: number, n: number): void {
    let at = start;
    for (; at !== end && this.taken[at & this.mask] === 1; at = (at + 1) | 0) this.taken[at & this.mask] = 0;
    Atomics.add(this.header, outOfTurn, n - ((at - start) | 0));
    Atomics.store(this.header, tail, at);
  }

  private framesOf(slot: number): number {
    return (this.frames[slot] as number) & ~closed;
  }

  private growTo(slot: number): void {
    const size = 2 ** Math.ceil(Math.log2(slot + 1));
    const lastBatch = new Int32Array(size);
    lastBatch.set(this.lastBatch);
    // The rest is of one batch only, and this one's go on.
    const frames = new Uint8Array(size);
    frames.set(this.frames);
    Object.assign(this, { lastBatch, frames, place: new Int32Array(size) });
  }
}
