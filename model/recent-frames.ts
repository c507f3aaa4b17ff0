/** The newest frames of every slot, a ring each. */
import { grownSlots } from './slots.js';
export class RecentFrames {
  /** [slots * length * C] */
  private ring: Float32Array<ArrayBuffer> = new Float32Array(0);
  /** Frames since reset, kept small: beyond `length` only its remainder counts. */
  private seen = new Uint32Array(0);

  constructor(
    private readonly channels: number,
    readonly length: number,
  ) {}

  /** Makes room for `slots` slots. */
  ensure(slots: number): void {
    if (slots <= this.seen.length) return;
    const size = grownSlots(slots, this.seen.length);
    const ring = new Float32Array(size * this.length * this.channels);
    ring.set(this.ring);
    this.ring = ring;
    const seen = new Uint32Array(size);
    seen.set(this.seen);
    this.seen = seen;
  }

  reset(slot: number): void {
    this.seen[slot] = 0;
  }

  /** Takes the frame at `from` of `values` as the newest of `slot`. */
  push(slot: number, values: Float32Array, from: number): void {
    const { channels: C, length, ring } = this;
    const seen = this.seen[slot] as number;
    const to = (slot * length + (seen % length)) * C;
    for (let c = 0; c < C; c++) ring[to + c] = values[from + c] as number;
    this.seen[slot] = seen + 1 < 2 * length ? seen + 1 : length;
  }

  /** Copies the frames of `slot`, oldest first, to `at` of `into`; what is older than its reset is missing (NaN). */
  copy(slot: number, into: Float32Array, at: number): void {
    const { channels: C, length, ring } = this;
    const seen = this.seen[slot] as number;
    const start = slot * length * C;
    if (seen < length) {
      const missing = (length - seen) * C;
      into.fill(Number.NaN, at, at + missing);
      into.set(ring.subarray(start, start + seen * C), at + missing);
      return;
    }
    const oldest = start + (seen % length) * C;
    into.set(ring.subarray(oldest, start + length * C), at);
    into.set(ring.subarray(start, oldest), at + start + length * C - oldest);
  }
}
