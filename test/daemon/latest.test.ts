/** The newest result of each asset. */
import { expect, it } from 'vitest';
import { Latest } from '../../daemon/latest.js';
import type { ResultBatch } from '../../model/frames.js';
import { undiagnosed } from '../../model/suspicion.js';

const result = (slot: number, timeMs: number): ResultBatch => ({
  n: 1,
  slot: Int32Array.of(slot),
  timeMs: Float64Array.of(timeMs),
  severity: Float32Array.of(slot / 8),
  instant: Float32Array.of(0),
  detector: Float32Array.of(timeMs),
  contribution: Float32Array.of(0.25, 0.75),
  expected: Float32Array.of(slot, timeMs),
  actual: Float32Array.of(Number.NaN, 5),
  health: Uint8Array.of(1, 0),
  mode: Uint8Array.of(1),
  ...undiagnosed(1, 2),
});

it('keeps rows apart while it grows, and says which slots have none', () => {
  const latest = new Latest(2, 1);
  expect(latest.has(0)).toBe(false);
  for (const slot of [2, 40, 500]) latest.note(result(slot, 10));
  latest.note(result(40, 11));
  expect([0, 2, 3, 40, 500, 501].map((slot) => latest.has(slot))).toEqual([false, true, false, true, true, false]);
  expect([...latest.expected.subarray(80, 82)]).toEqual([40, 11]);
  expect([...latest.expected.subarray(4, 6)]).toEqual([2, 10]);
  expect(latest.severity[500]).toBe(62.5);
  expect(latest.health[1000]).toBe(1);
});
