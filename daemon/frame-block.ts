/** Frames in the order in which they came, up to a batch of them: no frame is scored before one that came before it, so that a clock made of their times never runs ahead. */
import type { FrameBatch } from '../model/frames.js';

export class FrameBlock {
  private n = 0;
  private readonly slot: Int32Array;
  private readonly timeMs: Float64Array;
  private readonly reset: Uint8Array;
  private readonly values: Float32Array;
  /** Frames of each slot so far, and of each frame how many of its slot's came before it. */
  private readonly counts = new Map<number, number>();
  private readonly round: Uint8Array;

  /**
   * @param size frames
   * @param mostRounds frames of one slot, 255 at most
   */
  constructor(
    private readonly size: number,
    private readonly channels: number,
    private readonly mostRounds: number,
  ) {
    this.slot = new Int32Array(size);
    this.timeMs = new Float64Array(size);
    this.reset = new Uint8Array(size);
    this.values = new Float32Array(size * channels);
    this.round = new Uint8Array(size);
  }

  /** Takes a copy of `values` [C]; false where the frame, and with it all that follow, must wait for the next block. */
  push(slot: number, timeMs: number, values: Float32Array, reset: boolean): boolean {
    const { n } = this;
    const before = this.counts.get(slot) ?? 0;
    if (n === this.size || before === this.mostRounds || (reset && before > 0)) return false;
    this.counts.set(slot, before + 1);
    this.round[n] = before;
    this.slot[n] = slot;
    this.timeMs[n] = timeMs;
    this.reset[n] = reset ? 1 : 0;
    this.values.set(values, n * this.channels);
    this.n++;
    return true;
  }

  /** In rounds, slots with more frames before those with fewer. */
  batch(): FrameBatch & { readonly rounds: readonly number[] } {
    const { n, channels: C } = this;
    const slots = [...this.counts].sort(([, a], [, b]) => b - a);
    const place = new Map(slots.map(([slot], k) => [slot, k]));
    const rounds = Array.from({ length: slots[0]?.[1] ?? 0 }, (_, r) => slots.filter(([, count]) => count > r).length);
    const from = rounds.map((_, r) => rounds.slice(0, r).reduce((sum, rows) => sum + rows, 0));
    const batch = {
      n,
      rounds,
      slot: new Int32Array(n),
      timeMs: new Float64Array(n),
      reset: new Uint8Array(n),
      values: new Float32Array(n * C),
    };
    for (let i = 0; i < n; i++) {
      const slot = this.slot[i] as number;
      const row = (from[this.round[i] as number] as number) + (place.get(slot) as number);
      batch.slot[row] = slot;
      batch.timeMs[row] = this.timeMs[i] as number;
      batch.reset[row] = this.reset[i] as number;
      batch.values.set(this.values.subarray(i * C, (i + 1) * C), row * C);
    }
    return batch;
  }
}
