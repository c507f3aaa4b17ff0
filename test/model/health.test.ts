import { describe, expect, it } from 'vitest';
import { healthStates } from '../../model/frames.js';
import { Health, maxSuspectFrames } from '../../model/health.js';
import { learnHealthLimits } from '../../model/limits.js';
import type { Channel } from '../../model/manifest.js';
import { Random } from '../../model/random.js';

const limits = { min: -100, max: 100, maxStep: 5, flatFrames: 4, flatRange: 0.01 };
const channel = (name: string, health: Partial<Channel['health']> = {}): Channel => ({
  name,
  unit: '',
  scale: 1,
  center: 0,
  health: { ...limits, ...health },
});

/** States and what is left, frame by frame. */
function run(channels: Channel[], frames: number[][], slot = 0) {
  const health = new Health(channels);
  health.ensure(slot + 1);
  return frames.map((frame) => {
    const masked = new Float32Array(frame.length);
    const states = new Uint8Array(frame.length);
    const known = health.check(slot, 0, Float32Array.from(frame), masked, states);
    expect(known).toBe(masked.filter((v) => !Number.isNaN(v)).length);
    return { states: [...states].map((s) => healthStates[s]), masked: [...masked] };
  });
}
const states = (channels: Channel[], frames: number[][]) => run(channels, frames).map((r) => r.states);
const two = [channel('a'), channel('b')];
const wave = (i: number) => Math.sin(i);

describe('Health', () => {
  it('passes what is well, unchanged', () => {
    const [frame] = run(two, [[1.5, -2]]);
    expect(frame).toEqual({ states: ['pass', 'pass'], masked: [1.5, -2] });
  });

  it('masks missing values and values out of range', () => {
    const [frame] = run(two, [[Number.NaN, 100.5]]);
    expect(frame).toEqual({ states: ['missing', 'out-of-range'], masked: [Number.NaN, Number.NaN] });
    expect(states(two, [[-100, 100]])).toEqual([['pass', 'pass']]);
  });

  it('masks a spike of one signal, and is at peace when it is over', () => {
    expect(
      states(two, [
        [0, 0],
        [20, 0.1],
        [0.2, 0.2],
      ]).map(([a]) => a),
    ).toEqual(['pass', 'spike', 'pass']);
  });

  it('accepts a new level after a few frames', () => {
    const frames = [0, 20, 20.1, 19.9, 20, 20.2, 1].map((v, i) => [v, wave(i)]);
    expect(maxSuspectFrames).toBe(3);
    const accepted = ['pass', 'spike', 'spike', 'spike', 'pass', 'pass'];
    // Jumps that go on are how the signal now is; after a while of peace the next one is a spike again.
    expect(states(two, frames).map(([a]) => a)).toEqual([...accepted, 'pass']);
    const calm = Array.from({ length: 40 }, (_, i) => [20, wave(i)]);
    expect(
      states([channel('a', { flatFrames: 0 }), channel('b')], [...frames.slice(0, -1), ...calm, [1, 0]]).at(-1),
    ).toEqual(['spike', 'pass']);
  });

  it('does not mask a signal that jumps all the time for long', () => {
    const wild = Array.from({ length: 200 }, (_, i) => [i < 20 ? wave(i) : 40 * wave(i * i), wave(i)]);
    expect(states(two, wild).filter(([a]) => a === 'spike').length).toBeLessThanOrEqual(6);
  });

  it('takes signals that jump together for the machine', () => {
    expect(
      states(two, [
        [0, 0],
        [20, -20],
        [20, -20],
      ]),
    ).toEqual(new Array(3).fill(['pass', 'pass']));
    // The second follows a frame later: then it was no spike either.
    expect(
      states(two, [
        [0, 0],
        [20, 0],
        [20, 20],
      ]),
    ).toEqual([
      ['pass', 'pass'],
      ['spike', 'pass'],
      ['pass', 'pass'],
    ]);
  });

  it('does not judge a jump across a hole', () => {
    expect(
      states(two, [
        [0, 0],
        [Number.NaN, 0.1],
        [20, 0],
      ]).map(([a]) => a),
    ).toEqual(['pass', 'missing', 'pass']);
  });

  it('calls a signal flat while a neighbour moves, until it moves again', () => {
    const frames = [...new Array(7).fill(3), 3.5].map((v, i) => [v, wave(i)]);
    expect(states(two, frames).map(([a]) => a)).toEqual([
      'pass',
      'pass',
      'pass',
      'pass',
      'flat-line',
      'flat-line',
      'flat-line',
      'pass',
    ]);
    expect(states(two, frames).map(([, b]) => b)).toEqual(new Array(8).fill('pass'));
  });

  it('names a signal that stands still far from normal, and leaves it to the models: a blocked pipe has no flow', () => {
    const stopped = Array.from({ length: 8 }, (_, i) => [-60, wave(i)]);
    expect(run(two, stopped).at(-1)).toEqual({
      states: ['flat-line', 'pass'],
      masked: [-60, expect.closeTo(wave(7), 6)],
    });
    expect(
      run(
        two,
        stopped.map(([, b]) => [3, b!]),
      ).at(-1)?.masked[0],
    ).toBeNaN();
  });

  it('calls nothing flat when the whole machine stands still, or never should', () => {
    const still = Array.from({ length: 20 }, () => [3, 4]);
    expect(
      states(two, still)
        .flat()
        .every((s) => s === 'pass'),
    ).toBe(true);
    const constant = [channel('a', { flatFrames: 0 }), channel('b')];
    expect(
      states(
        constant,
        still.map(([a], i) => [a!, wave(i)]),
      )
        .flat()
        .every((s) => s === 'pass'),
    ).toBe(true);
  });

  it('keeps slots apart, and forgets on reset', () => {
    const health = new Health(two);
    health.ensure(1);
    const check = (slot: number, a: number) => {
      const out = new Uint8Array(4);
      health.check(slot, 1, Float32Array.of(9, 9, a, 0), new Float32Array(4), out);
      return healthStates[out[2]!];
    };
    check(0, 0);
    health.ensure(50);
    expect(check(30, 50)).toBe('pass');
    expect(check(0, 50)).toBe('spike');
    health.reset(0);
    expect(check(0, -50)).toBe('pass');
    expect(check(30, 0)).toBe('spike');
  });
});

describe('learnHealthLimits', () => {
  const random = new Random('limits');
  const n = 5000;
  const noisy = Array.from({ length: n }, (_, i) => 60 + 5 * Math.sin(i / 200) + random.normal());
  const slow = Array.from({ length: n }, (_, i) => Math.floor(i / 10) % 7);
  const setpoint = new Array<number>(n).fill(42);
  const frames = Float32Array.from(noisy.flatMap((v, i) => [v, slow[i]!, setpoint[i]!, i % 3 ? v : Number.NaN]));
  const learned = learnHealthLimits([frames.subarray(0, 2000 * 4), frames.subarray(2000 * 4)], 4);
  const [a, b, c, d] = learned as [typeof limits, typeof limits, typeof limits, typeof limits];

  it('never fails the data it was learned from', () => {
    const channels = learned.map((health, i) => ({ ...channel(`s${i}`), health }));
    const results = run(
      channels,
      Array.from({ length: n }, (_, i) => [...frames.subarray(i * 4, i * 4 + 4)]),
    );
    expect(results.flatMap((r) => r.states).filter((s) => s !== 'pass' && s !== 'missing')).toEqual([]);
  });

  it('leaves room for a sick machine, none for an error code', () => {
    expect(a.max).toBeGreaterThan(120);
    expect(a.min).toBeLessThan(0);
    for (const code of [-9999, 65535, 1e9]) expect(code < a.min || code > a.max).toBe(true);
    expect(a.maxStep).toBeGreaterThan(10);
    expect(a.maxStep).toBeLessThan(60);
  });

  it('knows how long a signal may stand still', () => {
    expect(a.flatFrames).toBeGreaterThanOrEqual(20);
    expect(a.flatFrames).toBeLessThan(100);
    expect(b.flatFrames).toBeGreaterThanOrEqual(36);
    expect(b.flatFrames).toBeLessThan(100);
    expect(c.flatFrames).toBe(0);
    expect(d.maxStep).toBeGreaterThan(0);
  });

  it('gives limits that a manifest takes, whatever the data', () => {
    for (const values of [[], [Number.NaN], [0, 0, 0], [1], [1e-20, 1e20]]) {
      const [only] = learnHealthLimits([Float32Array.from(values)], 1);
      expect(Number.isFinite(only!.min) && Number.isFinite(only!.max)).toBe(true);
      expect(only!.maxStep).toBeGreaterThan(0);
      expect(Number.isFinite(only!.maxStep)).toBe(true);
      expect(only!.flatRange).toBeGreaterThanOrEqual(0);
    }
  });
});

describe('the largest step of a healthy sensor', () => {
  /** A level that ramps far and slowly, and jumps by 5 in `jumps` frames, there and back. */
  const ramp = (jumps: readonly number[]) => {
    const random = new Random(5, 'ramp');
    const values = Float32Array.from({ length: 12_000 }, (_, t) => 100 * Math.sin(t / 200) + random.normal(0, 0.1));
    for (const t of jumps) values[t] = (values[t] as number) + 5;
    return learnHealthLimits([values], 1)[0]!.maxStep;
  };

  it('goes by how fast the signal moves, not by how far', () => {
    expect(ramp([])).toBeGreaterThan(0.8);
    expect(ramp([])).toBeLessThan(4);
  });

  it('leaves out an odd spike of the recording, but not what comes again', () => {
    expect(ramp([1000, 2000])).toBeLessThan(4);
    expect(ramp([500, 1000, 1500, 2000])).toBeGreaterThan(5);
  });
});
