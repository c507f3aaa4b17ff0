import { describe, expect, it } from 'vitest';
import {
  type BearingRun,
  bearingTruth,
  bursts,
  motors,
  parseBearingFaults,
  publicationOf,
} from '../../simulator/bearings.js';

const assets = motors(2);
const run: BearingRun = {
  seed: 1,
  assets,
  startMs: Date.UTC(2026, 0, 5, 8),
  durationS: 600,
  intervalS: 60,
  rateHz: 12_800,
  samples: 2048,
  faults: parseBearingFaults('motor-2:inner-race@5m+2m', assets, 600),
};
const rms = (samples: Float32Array) => Math.sqrt(samples.reduce((sum, x) => sum + x * x, 0) / samples.length);

describe('motors with bearings', () => {
  it('send bursts in turn; the same options give the same ones', () => {
    const all = [...bursts(run)];
    expect(all.map(({ asset }) => asset)).toEqual(Array.from({ length: 20 }, (_, i) => assets[i % 2]));
    expect(all.map(({ timeMs }) => timeMs - run.startMs)).toEqual(Array.from({ length: 20 }, (_, i) => i * 30_000));
    expect([...bursts(run)]).toEqual(all);
    for (const { rpm } of all) expect(rpm).toBeGreaterThan(1200);
  });

  it('a fault shakes its motor from then on, and no other', () => {
    const sick = [...bursts(run)];
    const healthy = [...bursts({ ...run, faults: [] })];
    sick.forEach(({ asset, timeMs, samples }, i) => {
      const isIll = asset === 'motor-2' && timeMs > run.startMs + 300_000;
      if (!isIll) expect(samples).toEqual(healthy[i]?.samples);
    });
    expect(rms(sick.at(-1)!.samples)).toBeGreaterThan(1.3 * rms(healthy.at(-1)!.samples));
  });

  it('the payload holds the very samples', () => {
    const [burst] = bursts(run);
    const { topic, payload } = publicationOf(burst!, 'plant/{asset}/vibration');
    expect(topic).toBe('plant/motor-1/vibration');
    const { ts, rpm, samples } = JSON.parse(payload) as { ts: number; rpm: number; samples: string };
    expect([ts, rpm]).toEqual([burst!.timeMs, burst!.rpm]);
    const bytes = Buffer.from(samples, 'base64');
    expect(Array.from({ length: 2048 }, (_, i) => bytes.readFloatLE(4 * i))).toEqual([...burst!.samples]);
  });

  it('the truth names the signal that shows the fault', () => {
    expect(bearingTruth(run).faults).toMatchObject([
      { asset: 'motor-2', fault: 'inner-race', signals: ['vibration.inner-race'], start: '2026-01-05T08:05:00.000Z' },
    ]);
  });

  it.each([
    ['motor-1:leak@5m', 'no defect "leak"'],
    ['motor-1:ball:flow@5m', 'names a signal'],
    ['motor-9:ball@5m', 'no asset "motor-9"'],
    ['motor-1:ball', 'is no fault'],
  ])('refuses %s', (text, says) => {
    expect(() => parseBearingFaults(text, assets, 600)).toThrow(says);
  });
});
