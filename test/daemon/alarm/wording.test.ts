import { expect, it } from 'vitest';
import { deviations } from '../../../daemon/alarm/wording.js';
import type { Diagnostic } from '../../../daemon/message/alarm.js';

const channel = (scale: number) => ({ name: 'pressure', unit: 'bar', scale });
const pressure = (actual: number | null, expected: number | null): Diagnostic => ({
  signal: 'pressure',
  contribution: 1,
  explains: null,
  expected,
  actual,
  unit: 'bar',
  direction: actual === null ? null : 'below',
});
const told = (scale: number, actual: number | null, expected: number | null) =>
  deviations([pressure(actual, expected)], [channel(scale)] as unknown as Parameters<typeof deviations>[1]);

it.each([
  ['a tenth of the spread shows', 1.16, 3.81, 4.32, 'pressure 3.8 bar, expected 4.3'],
  ['no more of a wide one', 12, 81.4, 72.6, 'pressure 81 bar, expected 73'],
  ['more where only that tells the two apart', 1.16, 4.012, 4.041, 'pressure 4.01 bar, expected 4.04'],
  ['what is the same to the sixth digit stays so', 1.16, 4, 4.00000001, 'pressure 4.000000 bar, expected 4.000000'],
  ['missing', 1.16, null, 4.32, 'pressure missing, expected 4.3'],
  ['nothing expected', 1.16, 3.81, null, 'pressure 3.8 bar'],
])('%s', (_, scale, actual, expected, text) => expect(told(scale, actual, expected)).toBe(text));
