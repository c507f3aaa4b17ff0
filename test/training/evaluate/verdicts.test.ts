import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { newsOf } from '../../../training/evaluate/verdicts.js';

describe('news', () => {
  it('are rows stranger than all of the rows before them within reach', () => {
    expect([...newsOf(Float64Array.of(1, 3, 3, 2, 1, 2, 5, 5), 2)]).toEqual([1, 3, 0, 0, 0, 0, 5, 0]);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 9 })), fc.integer({ min: 1, max: 5 }), (values, hold) => {
        const expected = values.map((value, i) =>
          value > Math.max(-1, ...values.slice(Math.max(0, i - hold), i)) ? value : 0,
        );
        expect([...newsOf(Float64Array.from(values), hold)]).toEqual(expected);
      }),
    );
  });
});
