/** Readings in any order -> frames on the event-time grid, one row of flat state a slot. */
import { PendingFrames } from './pending-frames.js';
import { SetBackClock } from './set-back-clock.js';
import { at, grownSlots, moved } from './slots.js';

/**
 * What becomes of a reading; all but `accepted` are dropped, for the caller to count.
 * - `late`: its frame is out already
 * - `duplicate`: the same signal at the same time came before
 * - `surplus`: its frame went out complete with an older reading of this signal: the device is faster than the grid
 * - `future`: further ahead of the clock than `maxFutureMs`
 * - `bad-time`: no instant that a calendar knows
 */
export const readingFates = ['accepted', 'late', 'duplicate', 'surplus', 'future', 'bad-time'] as const;
export type ReadingFate = (typeof readingFates)[number];

export interface AlignOptions {
  readonly channels: number;
  readonly periodMs: number;
  /** A reading stands for its signal this long. */
  readonly holdMs: number;
  /** An incomplete frame waits this long after its end. */
  readonly latenessMs: number;
  readonly maxFutureMs: number;
  /** Readings further apart start anew with `reset`; closer ones have the frames between filled. */
  readonly maxGapMs: number;
}

/** `values` [C] belong to the aligner and are valid only during the call. */
export type FrameSink = (slot: number, timeMs: number, values: Float32Array, reset: boolean) => void;

/** The last instant of ECMAScript's calendar. */
const maxTimeMs = 8.64e15;

/**
 * Event-time alignment, as ARCHITECTURE.md "Time" tells it. Instants are counted as integers k, `timeMs = k * periodMs`.
 *
 * Frames wait to be complete, and go out in order, each once. A value that is not finite is a reading too: its signal is known to be missing, and nothing
 * is held for it. Nothing is allocated per reading or frame.
 */
export class Aligner {
  /** Restarts of a slot's grid after its device's clock was set back. */
  clockSteps = 0;

  private readonly channels: number;
  private readonly pending: PendingFrames;
  private readonly clock = new SetBackClock();
  private readonly frame: Float32Array;
  private slots = 0;

  // One row a slot.
  private started = new Uint8Array(0);
  /** Nothing pending and nothing held: `tick` has no work. */
  private idle = new Uint8Array(0);
  /** Instant of the next frame to go out. */
  private next = new Float64Array(0);
  /** Instant of the last frame with a reading of its own that went out; -Infinity where the next one starts anew. */
  private fed = new Float64Array(0);
  /** Newest instant that has a reading. */
  private newest = new Float64Array(0);
  private newestTimeMs = new Float64Array(0);
  private arrivedMs = new Float64Array(0);
  // [slots * C] the last reading that went out.
  private held = new Float32Array(0);
  private heldTimeMs = new Float64Array(0);
  /** The row under way: the frame of the reading accepted last, while it is open; `cell` -1 = there is none. */
  private readonly row = { slot: 0, timeMs: 0, nowMs: 0, cell: -1 };

  constructor(
    private readonly options: AlignOptions,
    private readonly emit: FrameSink,
  ) {
    this.channels = options.channels;
    this.frame = new Float32Array(options.channels);
    // Frames that are still open reach from the newest reading back by lateness + 1.5 periods; as many again remember duplicates.
    const depth = 2 * (Math.floor(options.latenessMs / options.periodMs) + 3);
    this.pending = new PendingFrames(options.channels, depth);
  }

  /** Makes room for `slot` and all below it. */
  ensure(slot: number): void {
    if (slot < this.slots) return;
    const slots = Math.max(16, grownSlots(slot + 1, this.slots));
    const { channels } = this;
    this.started = moved(this.started, new Uint8Array(slots), 0);
    this.idle = moved(this.idle, new Uint8Array(slots), 1);
    this.next = moved(this.next, new Float64Array(slots), 0);
    this.fed = moved(this.fed, new Float64Array(slots), -Infinity);
    this.newest = moved(this.newest, new Float64Array(slots), 0);
    this.newestTimeMs = moved(this.newestTimeMs, new Float64Array(slots), 0);
    this.arrivedMs = moved(this.arrivedMs, new Float64Array(slots), 0);
    this.held = moved(this.held, new Float32Array(slots * channels), Number.NaN);
    this.heldTimeMs = moved(this.heldTimeMs, new Float64Array(slots * channels), -Infinity);
    this.pending.grow(slots);
    this.clock.grow(slots);
    this.slots = slots;
  }

  /**
   * Takes one reading; emits the frames that it completes or closes.
   * @param timeMs event time
   * @param value not finite = known to be missing
   * @param nowMs arrival time, by the same clock as `tick`'s
   */
  add(slot: number, channel: number, timeMs: number, value: number, nowMs: number): ReadingFate {
    const { row, pending } = this;
    // The next reading of the same row finds all as the one before left it.
    if (row.cell >= 0 && row.slot === slot && row.timeMs === timeMs && row.nowMs === nowMs) {
      if (!pending.store(row.cell, channel, timeMs, value)) return 'duplicate';
      if (pending.isFull(row.cell)) this.advance(slot, this.closedThrough(at(this.newestTimeMs, slot)));
      return 'accepted';
    }
    return this.addFirst(slot, channel, timeMs, value, nowMs);
  }

  /** The first reading of a row. */
  private addFirst(slot: number, channel: number, timeMs: number, value: number, nowMs: number): ReadingFate {
    this.row.cell = -1;
    if (!(Math.abs(timeMs) <= maxTimeMs)) return 'bad-time';
    if (timeMs - nowMs > this.options.maxFutureMs) return 'future';
    this.ensure(slot);
    const instant = Math.round(timeMs / this.options.periodMs);
    if (this.started[slot] === 0) this.start(slot, instant, timeMs);

    const next = at(this.next, slot);
    if (
      instant <= this.closedThrough(at(this.newestTimeMs, slot)) ||
      (instant < next && at(this.fed, slot) > -Infinity)
    ) {
      const known = this.knownBefore(slot, channel, instant, timeMs);
      if (known !== undefined) return known;
      if (!this.clock.late(slot, instant)) return 'late';
      this.restart(slot, instant, timeMs);
    } else if (instant < next) {
      // Nothing is out yet: the grid may begin earlier.
      this.next[slot] = instant;
    } else {
      // Room in the ring for what is newer.
      this.advance(slot, this.closedThrough(timeMs));
    }

    const cell = this.pending.open(slot, instant);
    if (!this.pending.store(cell, channel, timeMs, value)) return 'duplicate';
    this.arrivedMs[slot] = nowMs;
    this.clock.clear(slot);
    this.idle[slot] = 0;
    if (instant > at(this.newest, slot)) this.newest[slot] = instant;
    if (timeMs > at(this.newestTimeMs, slot)) this.newestTimeMs[slot] = timeMs;
    const { row } = this;
    row.slot = slot;
    row.timeMs = timeMs;
    row.nowMs = nowMs;
    row.cell = cell;
    this.advance(slot, this.closedThrough(at(this.newestTimeMs, slot)));
    return 'accepted';
  }

  /**
   * Closes frames by the arrival clock: what a slot's last reading was followed by silence for longer than the lateness. Event times play no part, so
   * that old data replayed fast is not cut short. Goes on a frame a period while values are held, gives one frame with all missing, then rests.
   */
  tick(nowMs: number): void {
    const { periodMs, latenessMs } = this.options;
    for (let slot = 0; slot < this.slots; slot++) {
      if (this.idle[slot] === 1) continue;
      const arrivedMs = at(this.arrivedMs, slot);
      // The clock was set back: count from here.
      if (nowMs < arrivedMs) this.arrivedMs[slot] = nowMs;
      const silentPeriods = (nowMs - arrivedMs - latenessMs) / periodMs - 0.5;
      if (!(silentPeriods >= 0)) continue;
      const due = at(this.newest, slot) + Math.floor(silentPeriods);
      this.advance(slot, due);
      while (this.idle[slot] === 0 && at(this.next, slot) <= due) {
        const known = this.emitNext(slot, this.pending.find(slot, at(this.next, slot)));
        if (known === 0 && at(this.next, slot) > at(this.newest, slot)) this.idle[slot] = 1;
      }
    }
  }

  /** Emits what is pending, for the end of a recording or of the process. */
  flush(): void {
    for (let slot = 0; slot < this.slots; slot++) {
      if (this.started[slot] === 1) this.advance(slot, at(this.newest, slot));
    }
  }

  /** Drops all that is known of a slot, pending frames too; its next reading starts anew with `reset`. */
  forget(slot: number): void {
    if (slot >= this.slots) return;
    this.started[slot] = 0;
    this.idle[slot] = 1;
    this.clear(slot);
  }

  private start(slot: number, instant: number, timeMs: number): void {
    this.started[slot] = 1;
    this.next[slot] = instant;
    this.fed[slot] = -Infinity;
    this.newest[slot] = instant;
    this.newestTimeMs[slot] = timeMs;
  }

  private restart(slot: number, instant: number, timeMs: number): void {
    this.advance(slot, at(this.newest, slot));
    this.clear(slot);
    this.start(slot, instant, timeMs);
    this.clockSteps++;
  }

  private clear(slot: number): void {
    const { channels } = this;
    this.row.cell = -1;
    this.held.fill(Number.NaN, slot * channels, (slot + 1) * channels);
    this.heldTimeMs.fill(-Infinity, slot * channels, (slot + 1) * channels);
    this.pending.clear(slot);
    this.clock.clear(slot);
  }

  /** The fate of a reading whose frame is out, where that frame had a reading of its signal. */
  private knownBefore(slot: number, channel: number, instant: number, timeMs: number): ReadingFate | undefined {
    const { pending } = this;
    const cell = pending.find(slot, instant);
    if (cell < 0) return undefined;
    const before = at(pending.timesMs, cell * this.channels + channel);
    if (timeMs === before) return 'duplicate';
    return timeMs > before ? 'surplus' : undefined;
  }

  /** Newest instant whose lateness is over once a reading of `timeMs` has come. */
  private closedThrough(timeMs: number): number {
    return Math.ceil((timeMs - this.options.latenessMs) / this.options.periodMs - 0.5) - 1;
  }

  /**
   * Emits complete frames, and others up to `closed`. Frames without a reading wait for the next one that has some, which tells whether they bridge
   * a gap or are left out of one: so that it does not depend on the order of arrival.
   */
  private advance(slot: number, closed: number): void {
    const { pending } = this;
    for (;;) {
      const next = at(this.next, slot);
      const cell = pending.find(slot, next);
      if (cell >= 0) {
        if (next > closed && !pending.isFull(cell)) return;
        this.emitNext(slot, cell);
        continue;
      }
      if (next > closed) return;
      const fresh = pending.first(slot, next);
      // None is pending; `closed` may be beyond all numbers, too.
      if (fresh === Number.POSITIVE_INFINITY) return;
      if (fresh - 1 > closed || (fresh > closed && !pending.isFull(pending.find(slot, fresh)))) return;
      if (this.isGap(slot, fresh)) this.next[slot] = fresh;
      while (at(this.next, slot) <= fresh) this.emitNext(slot, pending.find(slot, at(this.next, slot)));
    }
  }

  /** Whether a frame with readings at `instant` starts anew. */
  private isGap(slot: number, instant: number): boolean {
    const { periodMs, maxGapMs } = this.options;
    return (instant - at(this.fed, slot)) * periodMs > Math.max(maxGapMs, periodMs);
  }

  /** @param cell of the next frame, -1 without a reading; @returns how many signals it knows */
  private emitNext(slot: number, cell: number): number {
    const { channels, frame, pending } = this;
    const { timesMs, values } = pending;
    const { periodMs, holdMs } = this.options;
    const instant = at(this.next, slot);
    const timeMs = instant * periodMs;
    const fresh = cell >= 0;
    const from = cell * channels;
    let known = 0;
    for (let c = 0; c < channels; c++) {
      const h = slot * channels + c;
      const readMs = fresh ? at(timesMs, from + c) : Number.NaN;
      if (Number.isNaN(readMs)) {
        frame[c] = timeMs - at(this.heldTimeMs, h) <= holdMs ? at(this.held, h) : Number.NaN;
      } else {
        this.heldTimeMs[h] = readMs;
        this.held[h] = at(values, from + c);
        frame[c] = at(this.held, h);
      }
      if (!Number.isNaN(frame[c])) known++;
    }
    const reset = fresh && this.isGap(slot, instant);
    if (fresh) this.fed[slot] = instant;
    this.next[slot] = instant + 1;
    if (cell === this.row.cell) this.row.cell = -1;
    this.emit(slot, timeMs, frame, reset);
    return known;
  }
}
