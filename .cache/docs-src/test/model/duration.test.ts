import { expect, it } from 'vitest';
import { parseDuration } from '../../model/duration.js';

it.each([
  ['90s', 90],
  ['15m', 900],
  ['1.5h', 5400],
  ['1d', 86_400],
  ['250ms', 0.25],
  ['7', 7],
])('%s is %d s', (text, seconds) => {
  expect(parseDuration(text, '--duration')).toBe(seconds);
});

it.each(['', 'soon', '5 minutes', '-3s', '1h30m'])('"%s" is refused', (text) => {
  expect(() => parseDuration(text, '--duration')).toThrow(/--duration: .* is no duration.*15m/);
});
