import fc from 'fast-check';
import { expect, it } from 'vitest';
import { RecentFrames } from '../../model/recent-frames.js';

it('gives back the newest frames of each slot, oldest first, and missing ones before its reset', () => {
  const C = 2;
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 6 }),
      fc.array(fc.integer({ min: -1, max: 2 }), { maxLength: 60 }),
      (length, events) => {
        const recent = new RecentFrames(C, length);
        recent.ensure(3);
        const known: number[][][] = [[], [], []];
        events.forEach((slot, k) => {
          if (slot < 0) {
            recent.reset(1);
            known[1] = [];
            return;
          }
          recent.push(slot, Float32Array.of(9, k, -k), 1);
          known[slot]!.push([k, -k]);
        });
        for (const slot of [0, 1, 2]) {
          const into = new Float32Array(length * C + 1).fill(7);
          recent.copy(slot, into, 1);
          const newest = known[slot]!.slice(-length);
          const missing = Array.from({ length: length - newest.length }, () => [Number.NaN, Number.NaN]);
          expect([...into]).toEqual([7, ...[...missing, ...newest].flat()].map(Math.fround));
        }
      },
    ),
  );
});
