import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FrameBlock } from '../../daemon/frame-block.js';

const C = 2;

/** Frames number `i` of slots, cut into blocks as a replay does. */
function blocksOf(frames: readonly { slot: number; reset: boolean }[], size: number, mostRounds: number) {
  const blocks: FrameBlock[] = [];
  frames.forEach(({ slot, reset }, i) => {
    const values = Float32Array.of(i, slot);
    if (blocks.at(-1)?.push(slot, i, values, reset) === true) return;
    const block = new FrameBlock(size, C, mostRounds);
    expect(block.push(slot, i, values, reset)).toBe(true);
    blocks.push(block);
  });
  return blocks.map((block) => block.batch());
}

describe('FrameBlock', () => {
  const frames = fc.array(fc.record({ slot: fc.nat(9), reset: fc.integer({ min: 0, max: 9 }).map((n) => n === 0) }), {
    maxLength: 200,
  });

  it('keeps every frame, in rounds as a batch has them, and none before one that came before it', () => {
    fc.assert(
      fc.property(frames, fc.integer({ min: 1, max: 60 }), fc.integer({ min: 1, max: 20 }), (all, size, most) => {
        let from = 0;
        for (const { n, rounds, slot, timeMs, reset, values } of blocksOf(all, size, most)) {
          expect(n).toBeGreaterThan(0);
          expect(n).toBeLessThanOrEqual(size);
          expect(rounds.length).toBeLessThanOrEqual(most);
          expect(rounds.reduce((sum, rows) => sum + rows, 0)).toBe(n);
          // Those of the block are the next that came.
          expect([...timeMs].sort((a, b) => a - b)).toEqual(Array.from({ length: n }, (_, i) => from + i));
          let start = 0;
          rounds.forEach((rows, r) => {
            if (r > 0) expect(rows).toBeLessThanOrEqual(rounds[r - 1] as number);
            for (let k = 0; k < rows; k++) {
              const row = start + k;
              const i = timeMs[row] as number;
              expect([slot[row], reset[row] === 1]).toEqual([all[i]?.slot, all[i]?.reset]);
              expect([...values.subarray(row * C, (row + 1) * C)]).toEqual([i, slot[row]]);
              if (r === 0) continue;
              // The same slot's frame of the round before, which came before; only the first may clear memory.
              const before = start - (rounds[r - 1] as number) + k;
              expect(slot[before]).toBe(slot[row]);
              expect(timeMs[before]).toBeLessThan(i);
              expect(reset[row]).toBe(0);
            }
            start += rows;
          });
          expect(new Set(slot.subarray(0, rounds[0])).size).toBe(rounds[0]);
          from += n;
        }
        expect(from).toBe(all.length);
      }),
    );
  });
});
