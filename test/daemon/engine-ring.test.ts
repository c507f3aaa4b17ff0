/** The frame ring: order per asset, rounds of one frame an asset, no loss, no room when full. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { emptyBatch, FrameRing } from '../../daemon/engine-ring.js';

const values = (v: number) => Float32Array.of(v, -v);

/** Producer's and consumer's ends over the same memory, as two threads have them. */
function ends(capacity: number) {
  const producer = new FrameRing({ capacity, channels: 2 });
  return { producer, consumer: new FrameRing(producer.shape, producer.buffer) };
}

describe('FrameRing', () => {
  it('hands a frame over with all its fields', () => {
    const { producer, consumer } = ends(4);
    expect(producer.push(7, 1000, 1, 5.5, values(3), 0)).toBe(true);
    const batch = emptyBatch(4, 2);
    expect(consumer.take(batch, 4)).toBe(1);
    expect([batch.n, batch.slot[0], batch.timeMs[0], batch.reset[0], batch.arrivalMs[0]]).toEqual([1, 7, 1000, 1, 5.5]);
    expect([...batch.values.subarray(0, 2)]).toEqual([3, -3]);
    expect(consumer.take(batch, 4)).toBe(0);
  });

  it('has no room when full, and has again once frames were taken', () => {
    const { producer, consumer } = ends(4);
    for (let i = 0; i < 4; i++) expect(producer.push(i, i, 0, 0, values(i), 0)).toBe(true);
    expect(producer.push(9, 9, 0, 0, values(9), 0)).toBe(false);
    consumer.take(emptyBatch(2, 2), 2);
    expect(producer.push(9, 9, 0, 0, values(9), 0)).toBe(true);
  });

  it('keeps a second frame of an asset for the next batch', () => {
    const { producer, consumer } = ends(8);
    for (const [slot, time] of [
      [0, 1],
      [0, 2],
      [1, 1],
      [0, 3],
      [1, 2],
    ] as const)
      producer.push(slot, time, 0, 0, values(time), 0);
    const batch = emptyBatch(8, 2);
    const taken: number[][] = [];
    while (consumer.take(batch, 8) > 0)
      taken.push([...batch.slot.subarray(0, batch.n)].flatMap((slot, i) => [slot, batch.timeMs[i] ?? -1]));
    expect(taken).toEqual([
      [0, 1, 1, 1],
      [0, 2, 1, 2],
      [0, 3],
    ]);
  });

  it('tells both ends how many wait, those taken out of turn left out, and how many an asset had', () => {
    const { producer, consumer } = ends(8);
    for (const slot of [0, 0, 0, 1, 1, 1]) producer.push(slot, 0, 0, 0, values(0), 0);
    consumer.take(emptyBatch(8, 2), 8);
    expect([producer.size, consumer.size, consumer.crowding]).toEqual([4, 4, 3]);
    consumer.take(emptyBatch(8, 2), 8);
    expect([producer.size, consumer.size, consumer.crowding]).toEqual([2, 2, 2]);
  });

  it('takes several frames of each asset in rounds, where all have several', () => {
    const { producer, consumer } = ends(32);
    const push = (...slots: number[]) => {
      for (const slot of slots) producer.push(slot, ++time, 0, 0, values(time), 0);
    };
    let time = 0;
    const batch = emptyBatch(32, 2);
    const taken = () => {
      consumer.take(batch, 32, 4);
      let at = 0;
      return batch.rounds.map((rows) => {
        at += rows;
        return [...batch.timeMs.subarray(at - rows, at)];
      });
    };
    push(5, 5, 5, 7, 7, 7);
    // How many there are of each is seen on the way.
    expect(taken()).toEqual([[1, 4]]);
    push(9, 9);
    expect(taken()).toEqual([
      [2, 5, 7],
      [3, 6, 8],
    ]);
    push(1, 2, 2, 2, 2, 2, 2, 2, 2, 2);
    expect(taken()).toEqual([[10, 9], [11], [12], [13]]);
    expect([...batch.slot.subarray(0, batch.n)]).toEqual([2, 1, 2, 2, 2]);
    producer.push(2, 20, 1, 0, values(20), 0);
    expect(taken()).toEqual([[14], [15], [16], [17]]);
    expect(taken()).toEqual([[18]]);
    // A frame that clears its asset's memory begins a batch.
    expect(taken()).toEqual([[20]]);
    expect(batch.reset[0]).toBe(1);
  });

  it('property: whatever is pushed comes out once, in order per asset, never twice an asset in a round', () => {
    const step = fc.oneof(
      fc.record({ push: fc.oneof(fc.nat({ max: 2 }), fc.nat({ max: 90 })), reset: fc.constantFrom(0, 0, 0, 1) }),
      fc.record({ take: fc.integer({ min: 1, max: 6 }), most: fc.integer({ min: 1, max: 4 }) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const { producer, consumer } = ends(8);
        const batch = emptyBatch(6, 2);
        const pushed = new Map<number, number[]>();
        const taken = new Map<number, number[]>();
        let time = 0;
        const take = (limit: number, most = 1) => {
          const n = consumer.take(batch, limit, most);
          const slots = [...batch.slot.subarray(0, n)];
          expect(batch.rounds.length).toBeLessThanOrEqual(most);
          let at = 0;
          let before: number[] = [];
          for (const rows of batch.rounds) {
            const round = slots.slice(at, at + rows);
            expect(new Set(round).size).toBe(rows);
            if (at > 0) {
              expect(round).toEqual(before.slice(0, rows));
              expect(batch.reset.subarray(at, at + rows).every((reset) => reset === 0)).toBe(true);
            }
            before = round;
            at += rows;
          }
          expect(at).toBe(n);
          slots.forEach((slot, i) => {
            expect(batch.values[2 * i]).toBe(batch.timeMs[i]);
            taken.set(slot, [...(taken.get(slot) ?? []), batch.timeMs[i] ?? -1]);
          });
          return n;
        };
        for (const s of steps) {
          if ('take' in s) take(s.take, s.most);
          else if (producer.push(s.push, ++time, s.reset, 0, values(time), 0))
            pushed.set(s.push, [...(pushed.get(s.push) ?? []), time]);
        }
        while (take(6) > 0);
        expect(taken).toEqual(pushed);
        expect(consumer.size).toBe(0);
      }),
    );
  });
});
