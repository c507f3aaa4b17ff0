import fc from 'fast-check';
import { expect, it } from 'vitest';
import { closestWord, editDistance } from '../../model/spelling.js';

it('counts inserted, deleted, changed and swapped letters', () => {
  expect(editDistance('kitten', 'sitting')).toBe(3);
  expect(editDistance('topic', 'tpoic')).toBe(1);
  expect(editDistance('', 'abc')).toBe(3);
});

it('is a symmetric distance', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 8 }), fc.string({ maxLength: 8 }), (a, b) => {
      const distance = editDistance(a, b);
      expect(distance).toBe(editDistance(b, a));
      expect(distance === 0).toBe(a === b);
      expect(distance).toBeLessThanOrEqual(Math.max(a.length, b.length));
    }),
  );
});

it('suggests only what is near', () => {
  expect(closestWord('recipies', ['recipes', 'data'])).toBe('recipes');
  expect(closestWord('periodms', ['periodMs', 'holdMs'])).toBe('periodMs');
  expect(closestWord('colour', ['seed', 'data'])).toBeUndefined();
});
