/** Overload: the newest frame of each asset wins, what gave way is counted, holes clear memory. */
import { describe, expect, it } from 'vitest';
import { FrameQueue } from '../../daemon/engine-queue.js';
import { emptyBatch, FrameRing } from '../../daemon/engine-ring.js';

function setUp(maxGapMs = 1000) {
  const ring = new FrameRing({ capacity: 4, channels: 1 });
  const queue = new FrameQueue(ring, maxGapMs);
  const consumer = new FrameRing(ring.shape, ring.buffer);
  const push = (slot: number, time: number, reset = false) => queue.push(slot, time, reset, 0, Float32Array.of(time));
  const takeAll = () => {
    const batch = emptyBatch(8, 1);
    const rows: number[][] = [];
    for (let more = true; more; ) {
      const n = consumer.take(batch, 8);
      for (let i = 0; i < n; i++)
        rows.push([batch.slot[i] ?? -1, batch.timeMs[i] ?? -1, batch.reset[i] ?? -1, batch.values[i] ?? -1]);
      more = queue.spill() || n > 0;
    }
    return rows;
  };
  return { queue, push, takeAll };
}

describe('FrameQueue', () => {
  it('sheds nothing while there is room', () => {
    const { queue, push, takeAll } = setUp();
    for (let i = 0; i < 4; i++) push(i, i);
    expect(queue.size).toBe(4);
    expect(takeAll().map(([slot]) => slot)).toEqual([0, 1, 2, 3]);
    expect(queue.dropped).toBe(0);
  });

  it('keeps the newest frame of each asset when the ring is full, in order per asset, and counts the others', () => {
    const { queue, push, takeAll } = setUp();
    for (let time = 1; time <= 10; time++) for (const slot of [0, 100]) push(slot, time);
    const rows = takeAll();
    expect(rows.filter(([slot]) => slot === 0).map(([, time]) => time)).toEqual([1, 2, 10]);
    expect(rows.filter(([slot]) => slot === 100).map(([, time]) => time)).toEqual([1, 2, 10]);
    expect(rows.every(([, time, , value]) => time === value)).toBe(true);
    expect(queue.dropped).toBe(20 - rows.length);
    expect(queue.size).toBe(0);
  });

  it('clears memory after a hole that alignment would not bridge either, and hands on a reset that gave way', () => {
    const { push, takeAll } = setUp(3);
    for (let i = 0; i < 4; i++) push(i, 0);
    push(0, 1);
    push(0, 3);
    push(1, 1);
    push(1, 9);
    push(2, 1, true);
    push(2, 2);
    const late = takeAll().filter(([, time]) => time !== 0);
    expect(late).toEqual([
      [0, 3, 0, 3],
      [1, 9, 1, 9],
      [2, 2, 1, 2],
    ]);
  });
});
