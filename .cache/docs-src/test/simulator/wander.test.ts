import { describe, expect, it } from 'vitest';
import { Random } from '../../model/random.js';
import { Wander } from '../../simulator/wander.js';

describe('Wander', () => {
  it('has unit spread and forgets with its time constant, whatever the step', () => {
    for (const dtS of [0.1, 1, 5]) {
      const wander = new Wander(new Random(1, dtS), 20);
      const x = Array.from({ length: 40_000 }, () => wander.step(dtS));
      const variance = x.reduce((sum, v) => sum + v * v, 0) / x.length;
      const lag = Math.round(20 / dtS);
      const covariance = x.slice(lag).reduce((sum, v, i) => sum + v * x[i]!, 0) / (x.length - lag);
      expect(variance).toBeGreaterThan(0.7);
      expect(variance).toBeLessThan(1.35);
      expect(Math.abs(covariance / variance - Math.exp(-1))).toBeLessThan(0.15);
    }
  });
});
