import { describe, expect, it } from 'vitest';
import { systemClock } from '../../../model/clock.js';
import { Random } from '../../../model/random.js';
import { chains } from '../../../training/evaluate/chains.js';
import { rankChains, simplestFirst } from '../../../training/evaluate/choose.js';
import { normalPart } from '../../../training/evaluate/trials.js';
import { silent } from '../../../training/progress.js';
import type { Series } from '../../../training/sets/series.js';

/** Two signals that move together, and one that drifts. */
function recording(seed: number): Series {
  const random = new Random('choose', seed);
  let drift = 0;
  const rows = 700;
  const values = Float64Array.from(
    Array.from({ length: rows }, () => {
      const load = random.normal();
      drift += random.normal(0, 0.1);
      return [load + random.normal(0, 0.2), 3 * load + random.normal(0, 0.6), drift + random.normal(0, 0.3)];
    }).flat(),
  );
  return {
    name: `machine-${seed}`,
    channels: ['a', 'b', 'c'],
    periodMs: 1000,
    rows,
    fitRows: rows,
    values,
    labels: new Uint8Array(rows),
    timesS: Float64Array.from({ length: rows }, (_, i) => i),
  };
}

const options = {
  seed: 1,
  falseAlarmsPerAssetWeek: 1,
  vusBuffer: 60,
  merit: 'alarms',
  tensorFlow: () => Promise.reject(new Error('no network was asked for')),
  progress: silent,
  clock: systemClock,
} as const;

describe('choice of a chain', () => {
  const normal = [1, 2].map((seed) => normalPart(recording(seed)));
  const stationary = { detectors: ['level'], scoring: 'stationary' } as const;

  it('ranks by injected faults, and prefers what follows drift where normal drifts', async () => {
    const ranked = await rankChains(normal, { ...options, candidates: { stationary, tracking: chains.short } });
    expect(ranked.map(({ name }) => name)).toEqual(['tracking', 'stationary']);
    for (const { merit, summary } of ranked) {
      expect(summary.events).toBe(2 * 12);
      expect(merit).toBeCloseTo((summary.f1 + (summary.vusPr ?? 0)) / 2, 10);
    }
  });

  it('leaves out what cannot be learned, and says so where nothing can', async () => {
    const impossible = { ...stationary, detectors: [{ recipe: 'var', order: 64 }] };
    const ranked = await rankChains(normal, { ...options, candidates: { impossible, tracking: chains.short } });
    expect(ranked.map(({ name }) => name)).toEqual(['tracking']);
    await expect(rankChains(normal.slice(0, 1), { ...options, candidates: { impossible } })).rejects.toThrow(
      'No chain can be learned from so few normal rows. Choose one with --recipes and --scoring.',
    );
  });

  it('takes the simplest of those that tie with the best', () => {
    const of = (merit: number, ...detectors: string[]) => ({ merit, chain: { detectors, scoring: 'energy' } as const });
    const [one, two, three, bad] = [of(0.595, 'a'), of(0.6, 'a', 'b'), of(0.599, 'a', 'b', 'c'), of(0.58, 'a')];
    expect(simplestFirst([bad, three, one, two])).toEqual([one, two, three, bad]);
    expect(simplestFirst([bad, three])).toEqual([three, bad]);
    expect(simplestFirst([])).toEqual([]);
  });
});
