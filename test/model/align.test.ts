import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Aligner, type AlignOptions, readingFates } from '../../model/align.js';
import { lateInstantsToRestart } from '../../model/set-back-clock.js';

interface Frame {
  slot: number;
  timeMs: number;
  values: number[];
  reset: boolean;
}

const options: AlignOptions = {
  channels: 2,
  periodMs: 1000,
  holdMs: 2500,
  latenessMs: 1500,
  maxFutureMs: 60_000,
  maxGapMs: 10_000,
};
const far = 1e12;

function setup(overrides: Partial<AlignOptions> = {}) {
  const frames: Frame[] = [];
  const aligner = new Aligner({ ...options, ...overrides }, (slot, timeMs, values, reset) =>
    frames.push({ slot, timeMs, values: [...values], reset }),
  );
  /** Both signals at once, arriving long after. */
  const both = (timeMs: number, value = timeMs / 1000, nowMs = far) =>
    [0, 1].map((c) => aligner.add(0, c, timeMs, value, nowMs));
  return {
    aligner,
    frames,
    both,
    times: () => frames.map(({ timeMs }) => timeMs),
    values: () => frames.map(({ values }) => values),
  };
}

describe('Aligner', () => {
  it('emits a frame as soon as all signals have a reading in it', () => {
    const { aligner, frames } = setup();
    expect(aligner.add(0, 0, 5100, 1, far)).toBe('accepted');
    expect(frames).toEqual([]);
    expect(aligner.add(0, 1, 4600, 2, far)).toBe('accepted');
    expect(frames).toEqual([{ slot: 0, timeMs: 5000, values: [1, 2], reset: true }]);
  });

  it('takes readings from half a period before an instant up to half a period after', () => {
    const { both, times } = setup();
    for (const timeMs of [4500, 5499, 5500, 6499.9]) both(timeMs);
    expect(times()).toEqual([5000, 6000]);
  });

  it('keeps the newer of two readings in one frame, in any order', () => {
    for (const order of [
      [0, 1],
      [1, 0],
    ]) {
      const { aligner, values } = setup();
      const readings = [
        [900, 7],
        [1100, 8],
      ] as const;
      for (const i of order) expect(aligner.add(0, 0, readings[i]![0], readings[i]![1], far)).toBe('accepted');
      aligner.add(0, 1, 1000, 1, far);
      expect(values()).toEqual([[8, 1]]);
    }
  });

  it('closes an incomplete frame when a reading is later than its end by more than the lateness', () => {
    const { aligner, both, times, values } = setup();
    both(0);
    aligner.add(0, 0, 1000, 1, far);
    aligner.add(0, 0, 3000, 3, far);
    expect(times()).toEqual([0]);
    aligner.add(0, 0, 3001, 3, far);
    expect(times()).toEqual([0, 1000]);
    expect(values()[1]).toEqual([1, 0]);
  });

  it('holds the last value for holdMs, then the signal is missing', () => {
    const { aligner, both, values } = setup();
    both(0, 5);
    for (let t = 1000; t <= 8000; t += 1000) aligner.add(0, 0, t, t, far);
    expect(values().map(([, b]) => b)).toEqual([5, 5, 5, Number.NaN, Number.NaN, Number.NaN]);
  });

  it('takes a value that is not finite as known to be missing, and holds nothing for it', () => {
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
      const { aligner, both, values } = setup();
      both(0, 5);
      aligner.add(0, 0, 1000, value, far);
      aligner.add(0, 1, 1000, 6, far);
      expect(values()).toEqual([
        [5, 5],
        [Number.NaN, 6],
      ]);
    }
  });

  it('tells late, duplicate and surplus readings apart', () => {
    const { aligner, both } = setup();
    both(0);
    expect(both(0)).toEqual(['duplicate', 'duplicate']);
    expect(aligner.add(0, 0, 400, 1, far)).toBe('surplus');
    expect(aligner.add(0, 0, -100, 1, far)).toBe('late');
    aligner.add(0, 0, 1000, 1, far);
    expect(aligner.add(0, 0, 1000, 2, far)).toBe('duplicate');
    // Closes 1000, which had nothing of signal 1.
    aligner.add(0, 0, 4000, 1, far);
    expect(aligner.add(0, 1, 1000, 2, far)).toBe('late');
  });

  it('refuses times in the future and times that are none, and does not move', () => {
    const { aligner, both, times } = setup();
    both(0, 1, 0);
    expect(aligner.add(0, 0, 60_001, 1, 0)).toBe('future');
    expect(aligner.add(0, 0, 1e300, 1, 0)).toBe('bad-time');
    expect(aligner.add(0, 0, Number.NaN, 1, 0)).toBe('bad-time');
    expect(aligner.add(0, 0, Number.NEGATIVE_INFINITY, 1, 0)).toBe('bad-time');
    both(1000, 1, 1000);
    expect(times()).toEqual([0, 1000]);
    expect(aligner.add(0, 0, 61_000, 1, 1000)).toBe('accepted');
  });

  it('fills gaps up to maxGapMs and starts anew after longer ones', () => {
    const { aligner, both, frames, times } = setup();
    both(0);
    both(10_000);
    // Readings nearer to the first may be under way, and would leave another gap.
    expect(times()).toEqual([0]);
    aligner.flush();
    expect(times()).toEqual([0, 1000, 2000, 3000, 4000, 5000, 6000, 7000, 8000, 9000, 10_000]);
    expect(frames.slice(1).every(({ reset }) => !reset)).toBe(true);
    expect(frames[2]?.values).toEqual([0, 0]);
    expect(frames[3]?.values).toEqual([Number.NaN, Number.NaN]);
    both(20_001);
    both(40_000);
    aligner.flush();
    expect(frames.slice(-2).map(({ timeMs, reset }) => [timeMs, reset])).toEqual([
      [20_000, false],
      [40_000, true],
    ]);
  });

  it('lets the first frame wait for older readings that are under way', () => {
    const { aligner, times } = setup();
    aligner.add(0, 0, 5000, 1, far);
    aligner.add(0, 0, 4000, 1, far);
    expect(aligner.add(0, 0, 1000, 1, far)).toBe('late');
    aligner.flush();
    expect(times()).toEqual([4000, 5000]);
  });

  it('follows a clock that was set back, after five later and later late instants', () => {
    const { aligner, both, frames, times } = setup();
    for (let t = 100_000; t < 103_000; t += 1000) both(t);
    const before = frames.length;
    // One stuck message, again and again, proves nothing.
    for (let i = 0; i < 50; i++) expect(both(40_000)).toEqual(['late', 'late']);
    const fates = [41_000, 42_000, 43_000, 44_000, 45_000].flatMap((t) => both(t));
    expect(fates.slice(0, 6)).toEqual(new Array(6).fill('late'));
    expect(fates.at(-1)).toBe('accepted');
    expect(aligner.clockSteps).toBe(1);
    both(46_000, 9);
    expect(times().slice(before)).toEqual([44_000, 45_000, 46_000]);
    expect(frames.slice(before).map(({ reset }) => reset)).toEqual([true, false, false]);
    expect(frames.at(-1)?.values).toEqual([9, 9]);
  });

  it('does not take stragglers among good readings for a clock step', () => {
    const { aligner, both } = setup();
    for (let t = 100_000; t < 130_000; t += 1000) {
      both(t);
      expect(aligner.add(0, 0, t - 50_000, 1, far)).toBe('late');
    }
    expect(aligner.clockSteps).toBe(0);
  });

  describe('tick', () => {
    it('closes frames by arrival, whatever the event times', () => {
      for (const eventMs of [0, 1e12]) {
        const { aligner, times, values } = setup({ maxFutureMs: 1e15 });
        aligner.add(0, 0, eventMs, 3, 50_000);
        aligner.tick(51_999);
        expect(times()).toEqual([]);
        aligner.tick(52_000);
        expect(times()).toEqual([eventMs]);
        expect(values()).toEqual([[3, Number.NaN]]);
      }
    });

    it('goes on while values are held, gives one frame with all missing, then rests', () => {
      const { aligner, both, times, values } = setup();
      both(0, 7, 0);
      for (let now = 0; now < 60_000; now += 100) aligner.tick(now);
      expect(times()).toEqual([0, 1000, 2000, 3000]);
      expect(values()[2]).toEqual([7, 7]);
      expect(values()[3]).toEqual([Number.NaN, Number.NaN]);
      both(9000, 8, 60_000);
      aligner.flush();
      expect(times().slice(4)).toEqual([4000, 5000, 6000, 7000, 8000, 9000]);
    });

    it('does not cut data short that are replayed faster than time', () => {
      const { aligner, both, frames } = setup();
      for (let i = 0; i < 1000; i++) {
        both(i * 1000, i, far + i * 10);
        aligner.tick(far + i * 10 + 5);
      }
      expect(frames.map(({ values }) => values[0])).toEqual(Array.from({ length: 1000 }, (_, i) => i));
    });

    it('survives an arrival clock that is set back', () => {
      const { aligner, times } = setup();
      aligner.add(0, 0, 0, 1, 100_000);
      aligner.tick(50_000);
      expect(times()).toEqual([]);
      aligner.tick(52_000);
      expect(times()).toEqual([0]);
    });
  });

  it('forgets a slot, pending frames too', () => {
    const { aligner, both, frames } = setup();
    both(0);
    aligner.add(0, 0, 1000, 1, far);
    aligner.forget(0);
    aligner.forget(12345);
    aligner.flush();
    expect(frames).toHaveLength(1);
    both(-5_000_000, 2);
    expect(frames[1]).toEqual({ slot: 0, timeMs: -5_000_000, values: [2, 2], reset: true });
  });

  it('keeps slots apart while it grows', () => {
    const { aligner, frames } = setup();
    for (let slot = 0; slot < 100; slot++) aligner.add(slot, 0, 1000, slot, far);
    for (let slot = 99; slot >= 0; slot--) aligner.add(slot, 1, 1000, slot + 0.5, far);
    expect(frames.map(({ slot, values }) => [slot, ...values])).toEqual(
      Array.from({ length: 100 }, (_, i) => [99 - i, 99 - i, 99.5 - i]),
    );
  });
});

describe('Aligner properties', () => {
  /** One reading at most per signal and instant, displaced in arrival by less than the lateness. */
  const stream = fc.array(
    fc.record({
      instant: fc.integer({ min: 1, max: 40 }),
      channel: fc.integer({ min: 0, max: 1 }),
      phase: fc.integer({ min: -499, max: 499 }),
      delay: fc.integer({ min: 0, max: 1400 }),
    }),
    { maxLength: 60 },
  );
  const readingsOf = (list: { instant: number; channel: number; phase: number; delay: number }[]) => {
    const unique = new Map(list.map((r) => [`${r.instant} ${r.channel}`, r]));
    return [...unique.values()].map((r, i) => ({
      channel: r.channel,
      timeMs: r.instant * 1000 + r.phase,
      delay: r.delay,
      value: i + 1,
    }));
  };
  const run = (list: ReturnType<typeof readingsOf>) => {
    const { aligner, both, frames } = setup({ maxGapMs: 5000 });
    // The grid's start: what is older than the very first frame is lost.
    both(0, 0.5);
    for (const { channel, timeMs, value } of list) expect(aligner.add(0, channel, timeMs, value, far)).toBe('accepted');
    aligner.flush();
    return frames;
  };
  const byArrival = (list: ReturnType<typeof readingsOf>) =>
    list.toSorted((a, b) => a.timeMs + a.delay - (b.timeMs + b.delay));

  it('order of arrival within the lateness does not matter', () => {
    fc.assert(
      fc.property(stream, (list) => {
        const readings = readingsOf(list);
        expect(run(byArrival(readings))).toEqual(run(readings.toSorted((a, b) => a.timeMs - b.timeMs)));
      }),
    );
  });

  it('each reading stands in the frame of its instant, and elsewhere only by hold; frames rise by a period unless reset', () => {
    fc.assert(
      fc.property(stream, (list) => {
        const readings = byArrival(readingsOf(list));
        const frames = run(readings);
        frames.forEach(({ timeMs, reset }, i) => {
          if (i > 0)
            expect(reset ? timeMs > frames[i - 1]!.timeMs : timeMs === frames[i - 1]!.timeMs + 1000).toBe(true);
        });
        for (const { channel, timeMs, value } of readings) {
          const at = frames.flatMap((f, i) => (f.values[channel] === value ? [i] : []));
          expect(frames[at[0]!]?.timeMs).toBe(Math.round(timeMs / 1000) * 1000);
          for (const i of at) expect(frames[i]!.timeMs - timeMs).toBeLessThanOrEqual(options.holdMs);
          expect(at.at(-1)! - at[0]!).toBe(at.length - 1);
        }
      }),
    );
  });

  it.each([
    ['ahead of', Number.POSITIVE_INFINITY],
    ['behind', Number.NEGATIVE_INFINITY],
  ])('rests where the clock is %s all times', (_, nowMs) => {
    const { aligner, both, times } = setup();
    both(1000, 1, 1000);
    aligner.tick(nowMs);
    aligner.tick(2000);
    aligner.tick(1e9);
    expect(times()).toEqual([1000, 2000, 3000, 4000]);
  });

  it('never throws, and never sends a frame twice, on any numbers', () => {
    const time = fc.oneof(fc.double(), fc.integer({ min: -20_000, max: 20_000 }), fc.constant(8.64e15));
    const call = fc.oneof(
      fc.tuple(fc.constant('add'), fc.nat(3), fc.nat(1), time, fc.double(), time),
      fc.tuple(fc.constant('tick'), fc.nat(3), fc.nat(1), time, fc.double(), time),
      fc.tuple(fc.constant('forget'), fc.nat(3), fc.nat(1), time, fc.double(), time),
    );
    fc.assert(
      fc.property(fc.array(call, { maxLength: 100 }), (calls) => {
        const { aligner, frames } = setup();
        for (const [what, slot, channel, timeMs, value, nowMs] of calls) {
          if (what === 'tick') aligner.tick(nowMs);
          else if (what === 'forget') aligner.forget(slot);
          else expect(readingFates).toContain(aligner.add(slot, channel, timeMs, value, nowMs));
        }
        aligner.flush();
        for (let slot = 0; slot < 4; slot++) {
          const own = frames.filter((f) => f.slot === slot);
          own.forEach(({ timeMs, reset }, i) => {
            expect(Number.isFinite(timeMs)).toBe(true);
            if (i > 0 && !reset) expect(timeMs).toBe(own[i - 1]!.timeMs + 1000);
          });
        }
      }),
      { numRuns: 500 },
    );
  });

  it('documents the restart', () => expect(lateInstantsToRestart).toBeGreaterThanOrEqual(3));
});
