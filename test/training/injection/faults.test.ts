import { describe, expect, it } from 'vitest';
import { Random } from '../../../model/random.js';
import { cutPlaces, type Fault, spoil, usualFaults } from '../../../training/injection/faults.js';

const span = { lead: 3, fault: 4 };
/** A quarter of four frames holds the value that is there anyway. */
const faults = usualFaults.filter(({ kind, size }) => kind !== 'stuck' || size > 0.25);
const place = Float32Array.from({ length: 14 }, (_, i) => i);
const donor = Float32Array.from({ length: 14 }, (_, i) => 100 + i);
const spoiled = (fault: Fault) =>
  spoil(place, fault, span, { channel: 1, channels: 2, scale: 10, donor, random: new Random('test') });
const column = (values: Float32Array) => [...values].filter((_, i) => i % 2 === 1);

describe('spoil', () => {
  it('touches one signal, from the end of the lead on', () => {
    for (const fault of faults) {
      const copy = spoiled(fault);
      const changed = [...copy].flatMap((value, i) => (value === place[i] ? [] : [i]));
      expect(changed.length).toBeGreaterThan(0);
      expect(changed.every((i) => i >= 2 * span.lead && i % 2 === 1)).toBe(true);
    }
    expect(place[13]).toBe(13);
  });

  it.each([
    [{ kind: 'step', size: 2 }, [1, 3, 5, 27, 29, 31, 33]],
    [{ kind: 'ramp', size: 4 }, [1, 3, 5, 17, 29, 41, 53]],
    [{ kind: 'stuck', size: 0.5 }, [1, 3, 5, 7, 7, 11, 13]],
    [{ kind: 'detached', size: 1 }, [1, 3, 5, 113, 111, 109, 107]],
  ] as const)('%o', (fault, expected) => {
    expect(column(spoiled(fault))).toEqual(expected);
  });

  it('noise has the asked spread', () => {
    const long = new Float32Array(4000);
    const victim = { channel: 0, channels: 1, scale: 10, donor: long, random: new Random('noise') };
    const copy = spoil(long, { kind: 'noise', size: 2 }, { lead: 0, fault: 4000 }, victim);
    expect(Math.sqrt(copy.reduce((sum, value) => sum + value * value, 0) / 4000)).toBeCloseTo(20, 0);
  });
});

describe('cutPlaces', () => {
  it('spreads them over all stretches that are long enough', () => {
    const stretches = [20, 5, 20, 20].map((n, s) => new Float32Array(2 * n).fill(s));
    const places = cutPlaces(stretches, span, 2, 4);
    expect(places.map(({ length }) => length)).toEqual([14, 14, 14, 14]);
    expect(new Set(places.map(([first]) => first))).toEqual(new Set([0, 2, 3]));
    expect(cutPlaces([new Float32Array(12)], span, 2, 4)).toEqual([]);
  });

  it('begins with the first frame and ends with the last', () => {
    const places = cutPlaces([Float32Array.from({ length: 100 }, (_, i) => i)], span, 1, 3);
    expect(places.map(([first]) => first)).toEqual([0, 46, 93]);
  });
});
