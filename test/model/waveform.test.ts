import { describe, expect, it } from 'vitest';
import { bearing6205, defectOrders } from '../../model/bearing.js';
import { Random } from '../../model/random.js';
import { WaveformFeatures, type WaveformOptions } from '../../model/waveform.js';
import { bearingDefects, waveform } from '../../simulator/waveform.js';

const rateHz = 12_800;
const base: WaveformOptions = { signal: 'a', rateHz, unit: 'm/s2' };

function features(burst: ArrayLike<number>, options: Partial<WaveformOptions> = {}, rpm?: number) {
  const one = new WaveformFeatures({ ...base, ...options });
  const values = one.of(burst, rpm);
  return Object.fromEntries(one.signals.map(({ name }, i) => [name.replace(/^a\./, ''), values[i] as number]));
}

function sine(amplitude: number, hz: number, length = 8192, offset = 0): Float64Array {
  return Float64Array.from({ length }, (_, i) => offset + amplitude * Math.sin((2 * Math.PI * hz * i) / rateHz));
}

const decibels = (power: number) => 10 * Math.log10(power);

describe('signals of a burst', () => {
  it('a sine is what the textbook says', () => {
    const found = features(sine(2, 200, 8192, 9.81));
    expect(found.rms).toBeCloseTo(Math.SQRT2, 6);
    expect(found.crest).toBeCloseTo(decibels(2), 4);
    // 3/8 A^4 over (A^2/2)^2 is 1.5, half of what noise has.
    expect(found.kurtosis).toBeCloseTo(decibels(0.5), 6);
    expect(found.velocity).toBeCloseTo((1000 * Math.SQRT2) / (2 * Math.PI * 200), 2);
    expect(found['band-156-313']).toBeCloseTo(decibels(2), 3);
    expect(found['band-1250-2500']).toBeLessThan(-60);
  });

  it('noise has a kurtosis of 3, and its power is spread over bands as wide as they are', () => {
    const random = new Random(1, 'noise');
    const found = features(Float64Array.from({ length: 65_536 }, () => random.normal(0, 3)));
    expect(found.kurtosis).toBeCloseTo(0, 0);
    expect(found['band-2500-5000']).toBeCloseTo(decibels((9 * 2500) / 6400), 0);
    expect((found['band-2500-5000'] ?? 0) - (found['band-1250-2500'] ?? 0)).toBeCloseTo(decibels(2), 0);
  });

  it('the same shaking in g is the same, but for rms, which has the unit of the sensor', () => {
    const [metric, g] = [features(sine(9.80665, 500)), features(sine(1, 500), { unit: 'g' })];
    expect(g.rms).toBeCloseTo((metric.rms ?? 0) / 9.80665, 9);
    for (const name of ['crest', 'kurtosis', 'velocity', 'band-313-625'])
      expect(g[name], name).toBeCloseTo(metric[name] ?? 0, 9);
  });

  it('looks at the largest power of two that a burst holds', () => {
    const burst = sine(1, 300, 5000);
    expect(features(burst)).toEqual(features(burst.subarray(0, 4096)));
    // A larger burst in between changes nothing.
    const one = new WaveformFeatures(base);
    const before = one.of(burst);
    one.of(sine(1, 300, 20_000));
    expect(one.of(burst)).toEqual(before);
  });

  it('a dead sensor has no crest and no kurtosis, and all the rest', () => {
    const found = features(new Float64Array(2048).fill(3));
    expect([found.crest, found.kurtosis]).toEqual([Number.NaN, Number.NaN]);
    expect([found.rms, found.velocity]).toEqual([0, 0]);
    expect(found['band-10-78']).toBeCloseTo(-80, 6);
  });
});

describe('lines of bearing defects', () => {
  const bearing = defectOrders(bearing6205);
  const burst = (more: object) =>
    waveform({ seed: 1, rateHz, samples: 8192, shaftHz: 24, ...more } as Parameters<typeof waveform>[0]);
  const lines = (shaftHz: number, more: object = {}) =>
    features(burst({ shaftHz, ...more }), { bearing }, 60 * shaftHz);

  it.each(bearingDefects)('%s: its line rises, long before the level does, whatever the speed', (defect) => {
    for (const shaftHz of [17, 24, 33]) {
      const healthy = lines(shaftHz);
      const sick = lines(shaftHz, { defect, severity: 0.3 });
      expect((sick.rms ?? 0) / (healthy.rms ?? 1)).toBeLessThan(1.25);
      const rise = (name: string) => (sick[name] ?? 0) - (healthy[name] ?? 0);
      expect(rise(defect), `${shaftHz} Hz`).toBeGreaterThan(8);
      for (const other of bearingDefects)
        if (other !== defect) expect(rise(defect), `${shaftHz} Hz, ${other}`).toBeGreaterThan(rise(other) + 3);
    }
  });

  it('are unknown without a speed, and where the speed is none', () => {
    for (const rpm of [undefined, 0, -1, Number.NaN]) {
      const found = features(burst({}), { bearing }, rpm);
      for (const defect of [...bearingDefects, 'cage']) expect(found[defect]).toBeNaN();
      expect(found.rms).toBeGreaterThan(0);
    }
  });

  it('need no bearing: without one there are none', () => {
    expect(Object.keys(features(burst({}), {}, 1440))).not.toContain('ball');
  });
});
