import { describe, expect, it } from 'vitest';
import { Random } from '../../model/random.js';
import { type ScaledFrames, scaleFrames } from '../../training/scaler.js';
import { cutWindows, gather } from '../../training/windows.js';

const scaler = { center: [10, 0], scale: [2, 1], constant: [false, false] };

function frames(n: number): ScaledFrames {
  const values = Float32Array.from({ length: 2 * n }, (_, i) => (i % 2 === 0 ? 10 + 2 * (i / 2) : Number.NaN));
  return scaleFrames({ timesMs: Float64Array.from({ length: n }, (_, i) => i), values }, scaler, 8);
}

const clean = { dropSignal: 0, dropValue: 0, noise: 0 };

describe('scaleFrames', () => {
  it('centres, scales and clips; missing is 0 and not known', () => {
    const { values, known } = frames(12);
    expect([...values].filter((_, i) => i % 2 === 0)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 8, 8, 8]);
    expect([...known].filter((_, i) => i % 2 === 0)).toEqual(new Array(12).fill(1));
    expect([...values, ...known].filter((_, i) => i % 2 === 1)).toEqual(new Array(24).fill(0));
  });
});

describe('cutWindows', () => {
  it('cuts within segments only, up to their last frame', () => {
    const { starts } = cutWindows([frames(5), frames(2), frames(3)], 2, 3, 2);
    expect(starts).toEqual([
      { segment: 0, at: 0 },
      { segment: 0, at: 2 },
      { segment: 2, at: 0 },
    ]);
  });
});

describe('gather', () => {
  const set = cutWindows([frames(6)], 2, 3, 1);

  it('puts values and known flags side by side', () => {
    const { size, input, target, weight } = gather(set, [1], clean);
    expect(size).toBe(1);
    expect([...input]).toEqual([1, 0, 1, 0, 2, 0, 1, 0, 3, 0, 1, 0]);
    expect([...target]).toEqual([1, 0, 2, 0, 3, 0]);
    expect([...weight]).toEqual([1, 0, 1, 0, 1, 0]);
  });

  it('hides inputs, never targets', () => {
    const { input, target, weight } = gather(set, [0, 1, 2, 3], { ...clean, dropSignal: 1 }, new Random(1));
    expect(input.every((value) => value === 0)).toBe(true);
    expect([...target, ...weight]).toEqual(
      (({ target, weight }) => [...target, ...weight])(gather(set, [0, 1, 2, 3], clean)),
    );
  });

  it('spoils the same way for the same seed, and not without one', () => {
    const spoiling = { dropSignal: 0.3, dropValue: 0.3, noise: 1 };
    const input = (random?: Random) => [...gather(set, [0, 1, 2, 3], spoiling, random).input];
    expect(input(new Random(1))).toEqual(input(new Random(1)));
    expect(input(new Random(1))).not.toEqual(input(new Random(2)));
    expect(input()).toEqual([...gather(set, [0, 1, 2, 3], clean).input]);
  });
});
