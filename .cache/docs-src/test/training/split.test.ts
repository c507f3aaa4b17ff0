import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Segment } from '../../model/segment.js';
import { scaleFrames } from '../../training/scaler.js';
import { countFrames, splitByTime } from '../../training/split.js';
import { cutWindows, gather } from '../../training/windows.js';

const shares = { fit: 0.6, validate: 0.15, calibrate: 0.25 };

/** Segments whose only channel holds the number of the frame. */
function segmentsOf(lengths: readonly number[]): Segment[] {
  let frame = 0;
  return lengths.map((length) => {
    const timesMs = Float64Array.from({ length }, (_, i) => (frame + i) * 1000);
    const values = Float32Array.from(timesMs, (timeMs) => timeMs / 1000);
    // A hole between segments.
    frame += length + 20;
    return { timesMs, values };
  });
}

const lengths = fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1, maxLength: 6 });

describe('splitByTime', () => {
  it('keeps the parts in the order of time, apart by the gap, and loses little', () => {
    fc.assert(
      fc.property(lengths, fc.integer({ min: 0, max: 50 }), (lengths, gap) => {
        const segments = segmentsOf(lengths);
        const total = countFrames(segments);
        const { fit, validate, calibrate } = splitByTime(segments.toReversed(), shares, gap, 1);
        const framesOf = (part: readonly Segment[]) => part.flatMap(({ values }) => [...values]);
        const order = [framesOf(fit), framesOf(validate), framesOf(calibrate)];
        const flat = order.flat();
        expect(flat).toEqual(flat.toSorted((a, b) => a - b));
        expect(new Set(flat).size).toBe(flat.length);
        const between = Math.min(gap, Math.floor(total * 0.02));
        expect(flat.length).toBeGreaterThanOrEqual(total - 2 * between);
        const all = framesOf(segments);
        for (const [before, after] of [
          [order[0]!, order[1]!],
          [order[1]!, order[2]!],
        ] as const) {
          const last = before.at(-1);
          const first = after[0];
          if (last !== undefined && first !== undefined)
            expect(all.indexOf(first) - all.indexOf(last)).toBeGreaterThan(between);
        }
      }),
    );
  });

  it('lets no window of one part hold a frame of another', () => {
    fc.assert(
      fc.property(lengths, fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 9 }), (lengths, T, stride) => {
        const split = splitByTime(segmentsOf(lengths), shares, T, 1);
        const scaler = { center: [0], scale: [1], constant: [false] };
        const seen = (part: readonly Segment[]) => {
          const set = cutWindows(
            part.map((segment) => scaleFrames(segment, scaler, Infinity)),
            1,
            T,
            stride,
          );
          const { target } = gather(
            set,
            set.starts.map((_, i) => i),
            { dropSignal: 0, dropValue: 0, noise: 0 },
          );
          return new Set(target);
        };
        const [fit, validate, calibrate] = [seen(split.fit), seen(split.validate), seen(split.calibrate)];
        expect([...fit].filter((frame) => validate.has(frame) || calibrate.has(frame))).toEqual([]);
        expect([...validate].filter((frame) => calibrate.has(frame))).toEqual([]);
      }),
    );
  });
});
