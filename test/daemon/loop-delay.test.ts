import { expect, it } from 'vitest';
import { LoopDelay } from '../../daemon/loop-delay.js';

it('observes how much later than its period a timer comes', () => {
  let nowMs = 1000;
  const delay = new LoopDelay({ now: () => nowMs, monotonic: () => nowMs }, 250);
  for (const passedMs of [250, 249.5, 262, 1250]) {
    nowMs += passedMs;
    delay.tick();
  }
  const { cumulative, sum } = delay.histogramS.read();
  const upTo = (bound: number) => cumulative[delay.histogramS.bounds.indexOf(bound)];
  expect([upTo(0.001), upTo(0.01), upTo(0.025), upTo(0.5), upTo(1)]).toEqual([2, 2, 3, 3, 4]);
  expect(sum).toBeCloseTo(1.012, 6);
});
