/** The result ring: every field arrives, also around the end of the ring. */
import { describe, expect, it } from 'vitest';
import { ResultRing } from '../../daemon/engine-results.js';
import type { ResultBatch } from '../../model/frames.js';

function batchOf(n: number, from: number): ResultBatch {
  const row = (width: number, scale: number) =>
    Float32Array.from({ length: n * width }, (_, i) => scale * (from + Math.floor(i / width)) + (i % width));
  return {
    n,
    slot: Int32Array.from({ length: n }, (_, i) => from + i),
    timeMs: Float64Array.from({ length: n }, (_, i) => 1e12 + from + i),
    severity: row(1, 2),
    instant: row(1, 3),
    detector: row(2, 10),
    contribution: row(3, 100),
    expected: row(3, 1000),
    actual: row(3, 10000),
    health: Uint8Array.from({ length: 3 * n }, (_, i) => i % 5),
    mode: Uint8Array.from({ length: n }, (_, i) => (from + i) % 3),
    verdict: Uint8Array.from({ length: n }, (_, i) => (from + i) % 4),
    suspect: Uint8Array.from({ length: 3 * n }, (_, i) => i % 2),
    explains: row(3, 7),
    cause: Uint8Array.from({ length: n }, (_, i) => (from + i) % 7),
    certainty: row(1, 0.01),
  };
}

describe('ResultRing', () => {
  it('brings back all rows in order, wrapping around its end', () => {
    const worker = new ResultRing({ capacity: 8, channels: 3, detectors: 2 });
    const main = new ResultRing(worker.shape, worker.buffer);
    let next = 0;
    let seen = 0;
    for (const n of [5, 5, 8, 1, 7]) {
      expect(worker.room).toBe(8);
      worker.push(
        batchOf(n, next),
        Float64Array.from({ length: n }, (_, i) => next + i + 0.5),
      );
      next += n;
      main.drain((results) => {
        for (let i = 0; i < results.n; i++, seen++) {
          const want = batchOf(1, seen);
          expect(results.slot[i]).toBe(seen);
          expect(results.timeMs[i]).toBe(1e12 + seen);
          expect(results.arrivalMs[i]).toBe(seen + 0.5);
          expect(results.severity[i]).toBe(want.severity[0]);
          expect(results.instant[i]).toBe(want.instant[0]);
          expect(results.mode[i]).toBe(want.mode[0]);
          expect(results.detector.slice(2 * i, 2 * i + 2)).toEqual(want.detector);
          for (const name of ['contribution', 'expected', 'actual'] as const)
            expect(results[name].slice(3 * i, 3 * i + 3)).toEqual(want[name]);
        }
      });
    }
    expect(seen).toBe(26);
  });
});
