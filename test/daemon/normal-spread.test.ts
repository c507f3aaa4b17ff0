/** The width of the band: what it is made of, and what must not widen it. */
import { expect, it } from 'vitest';
import { NormalSpread } from '../../daemon/normal-spread.js';
import type { ResultBatch } from '../../model/frames.js';
import { undiagnosed } from '../../model/suspicion.js';

/** One frame of slot 1 with two signals. */
const frame = (error: number, { severity = 0.2, mode = 1, health = 0 } = {}): ResultBatch => ({
  n: 1,
  slot: Int32Array.of(1),
  timeMs: Float64Array.of(0),
  severity: Float32Array.of(severity),
  instant: Float32Array.of(severity),
  detector: Float32Array.of(severity),
  contribution: Float32Array.of(0.5, 0.5),
  expected: Float32Array.of(60, 5),
  actual: Float32Array.of(60 + error, Number.NaN),
  health: Uint8Array.of(health, 1),
  mode: Uint8Array.of(mode),
  ...undiagnosed(1, 2),
});

it('is the root mean square of the error, signal by signal, once thirty frames were seen', () => {
  const spread = new NormalSpread(2);
  for (let i = 0; i < 29; i++) spread.note(frame(i % 2 === 0 ? 2 : -2));
  expect(spread.of(2)).toBeNaN();
  spread.note(frame(-2));
  expect(spread.of(2)).toBeCloseTo(2);
  expect(spread.of(3)).toBeNaN();
  expect(spread.of(0)).toBeNaN();
});

it('learns nothing from what is strange, warms up, or comes from a sick sensor', () => {
  const spread = new NormalSpread(2);
  for (let i = 0; i < 30; i++) spread.note(frame(1));
  for (const how of [{ severity: 1 }, { severity: Number.NaN }, { mode: 0 }, { health: 2 }])
    for (let i = 0; i < 100; i++) spread.note(frame(50, how));
  expect(spread.of(2)).toBeCloseTo(1);
});

it('follows what has changed for good', () => {
  const spread = new NormalSpread(2);
  for (let i = 0; i < 5000; i++) spread.note(frame(1));
  for (let i = 0; i < 10_000; i++) spread.note(frame(3));
  expect(spread.of(2)).toBeGreaterThan(2.9);
});
