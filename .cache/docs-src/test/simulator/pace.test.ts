import { expect, it } from 'vitest';
import { acceleratedUntil, constantPace } from '../../simulator/pace.js';

it('constantPace spreads simulated time evenly over real time', () => {
  const pace = constantPace(1000, 20);
  expect([1000, 3000, 21_000].map(pace)).toEqual([0, 100, 1000]);
});

it('acceleratedUntil falls back to real time without a jump', () => {
  const pace = acceleratedUntil(0, 10, 5000);
  expect([0, 1000, 5000, 5001, 7000].map(pace)).toEqual([0, 100, 500, 501, 2500]);
});
