import { describe, expect, it } from 'vitest';
import { type JudgedFile, missedDetections } from '../../../training/evaluate/tep.js';

const file = (name: string, scores: number[], from: number): JudgedFile => ({
  name,
  scores: Float64Array.from(scores),
  labels: Uint8Array.from(scores, (_, i) => (i >= from ? 1 : 0)),
});

describe('missed detections', () => {
  const calm = file(
    'd00',
    Array.from({ length: 200 }, (_, i) => 199 - i),
    200,
  );

  it('are counted where one normal row in a hundred alarms, and averaged over the faults that show', () => {
    // 197 is passed by two of 200.
    const found = missedDetections([calm, file('d01', [0, 198, 198, 197, 500], 1), file('d03', [0, 0], 1)]);
    expect(found).toEqual({ byFault: { d01: 25, d03: 100 }, mean: 25 });
  });

  it('are unknown without normal rows that nobody learned from, and without faults', () => {
    expect(missedDetections([file('d01', [0, 1], 1)])).toBeNull();
    expect(missedDetections([calm])).toEqual({ byFault: {}, mean: null });
  });
});
