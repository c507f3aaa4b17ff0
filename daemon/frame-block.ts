/** Frames in the order in which they came, up to a batch of them: no frame is scored before one that came before it, so that a clock made of their times never runs ahead. */
import { emptyBatch, type MutableFrameBatch } from './engine-ring.js';

export class FrameBlock {
  /** In the order in which they came. */
  private readonly came: MutableFrameBatch;
  /** Of each frame, how many of its slot's came before it; and frames of each slot so far. */
  private readonly round: Uint8Array;
  private readonly counts = new Map<number, number>();

  /**
   * @param size frames
   * @param mostRounds frames of one slot, 255 at most
   */
  constructor(
    private readonly size: number,
    private readonly channels: number,
    private readonly mostRounds: number,
  ) {
    this.came = emptyBatch(size, channels);
    this.round = new Uint8Array(size);
  }

  /** Takes a copy of `values` [C]; false where the frame, and with it all that follow, must wait for the next block. */
  push(slot: number, timeMs: number, values: Float32Array, reset: boolean): boolean {
    const { came } = this;
    const before = this.counts.get(slot) ?? 0;
    if (came.n === this.size || before === this.mostRounds || (reset && before > 0)) return false;
    const i = came.n++;
    this.counts.set(slot, before + 1);
    this.round[i] = before;
    came.slot[i] = slot;
    came.timeMs[i] = timeMs;
    came.reset[i] = reset ? 1 : 0;
    came.values.set(values, i * this.channels);
    return true;
  }

  /** In rounds, slots with more frames before those with fewer. */
  batch(): MutableFrameBatch {
    const { came, channels: C } = this;
    const slots = [...this.counts].sort(([, a], [, b]) => b - a);
    const place = new Map(slots.map(([slot], k) => [slot, k]));
    const batch = emptyBatch(came.n, C);
    batch.n = came.n;
    /** First row of each round. */
    const from: number[] = [];
    for (let row = 0, r = 0; row < came.n; r++) {
      const rows = slots.filter(([, count]) => count > r).length;
      batch.rounds.push(rows);
      from.push(row);
      row += rows;
    }
    for (let i = 0; i < came.n; i++) {
      const slot = came.slot[i] as number;
      const row = (from[this.round[i] as number] as number) + (place.get(slot) as number);
      batch.slot[row] = slot;
      batch.timeMs[row] = came.timeMs[i] as number;
      batch.reset[row] = came.reset[i] as number;
      batch.values.set(came.values.subarray(i * C, (i + 1) * C), row * C);
    }
    return batch;
  }
}
