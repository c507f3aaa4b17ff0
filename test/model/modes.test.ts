import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { firstRegime, modeCode } from '../../model/frames.js';
import { parseRule, ruleProblem } from '../../model/mode-rule.js';
import { likeliestRegime, ModeTracker, modeOf, regimeNames } from '../../model/modes.js';

const off = [{ signal: 'current', op: '<' as const, value: 1 }];
const rules = {
  off,
  startUpMs: 2000,
  regimes: [
    { name: 'low', when: [{ signal: 'speed', op: '<' as const, value: 50 }] },
    { name: 'high', when: [{ signal: 'speed', op: '>=' as const, value: 80 }] },
  ],
};

/** Modes in words of frames [current, speed], one a second. */
function follow(frames: readonly (readonly [number, number])[]): string[] {
  const tracker = new ModeTracker(rules, ['current', 'speed']);
  tracker.ensure(1);
  return frames.map((frame, i) => modeOf(rules, tracker.step(0, Float32Array.from(frame), 0, 1000 * i)));
}

describe('ModeTracker', () => {
  it('a machine that runs is steady from its first frame, in the regime of the first rule that holds', () => {
    expect(
      follow([
        [5, 60],
        [5, 20],
        [5, 90],
      ]),
    ).toEqual(['steady', 'low', 'high']);
  });

  it('starts up for as long as it was told after the last frame in which it was off', () => {
    expect(
      follow([
        [5, 60],
        [0, 0],
        [0, 0],
        [5, 60],
        [5, 60],
        [5, 60],
        [5, 20],
      ]),
    ).toEqual(['steady', 'off', 'off', 'start-up', 'start-up', 'steady', 'low']);
  });

  it('a missing signal leaves it off or on as it was, and names no regime', () => {
    expect(
      follow([
        [Number.NaN, Number.NaN],
        [0, 0],
        [Number.NaN, 0],
        [5, 60],
        [Number.NaN, 60],
      ]),
    ).toEqual(['steady', 'off', 'off', 'start-up', 'start-up']);
  });

  it('a slot that is reset has never been off', () => {
    const tracker = new ModeTracker(rules, ['current', 'speed']);
    tracker.ensure(2);
    tracker.step(1, Float32Array.of(0, 0), 0, 0);
    tracker.reset(1);
    expect(tracker.step(1, Float32Array.of(5, 60), 0, 1000)).toBe(modeCode.steady);
  });

  it('each slot has a memory of its own, however many come', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(40), fc.constantFrom(0, 5)), { maxLength: 60 }), (frames) => {
        const together = new ModeTracker(rules, ['current', 'speed']);
        const alone = new Map<number, ModeTracker>();
        for (const [i, [slot, current]] of frames.entries()) {
          const own = alone.get(slot) ?? new ModeTracker(rules, ['current', 'speed']);
          alone.set(slot, own);
          own.ensure(1);
          together.ensure(slot + 1);
          const frame = Float32Array.of(current, 60);
          expect(together.step(slot, frame, 0, 1000 * i)).toBe(own.step(0, frame, 0, 1000 * i));
        }
      }),
    );
  });
});

describe('regimes', () => {
  it('of rules have their names, those of a hidden Markov model are counted', () => {
    expect(regimeNames(rules)).toEqual(['low', 'high']);
    expect(regimeNames({ startUpMs: 0, regimes: { detector: 'hmm', count: 2 } })).toEqual(['regime-1', 'regime-2']);
    expect(likeliestRegime(Float32Array.of(0.9, 0.1, 0.2, 0.8), 1, 2)).toBe(firstRegime + 1);
  });
});

describe('rules', () => {
  it.each([
    ['current < 1', [{ signal: 'current', op: '<', value: 1 }]],
    [
      ' speed>=0.5  rpm AND motor.current <= -2e1 A ',
      [
        { signal: 'speed', op: '>=', value: 0.5, unit: 'rpm' },
        { signal: 'motor.current', op: '<=', value: -20, unit: 'A' },
      ],
    ],
  ])('%s', (text, conditions) => {
    expect(parseRule(text)).toEqual(conditions);
  });

  it.each(['', 'current', 'current = 1', 'current < x', 'current < 1 or flow < 2', 'a < 1 and'])(
    '%j is none',
    (text) => {
      expect(parseRule(text)).toBeUndefined();
    },
  );

  it('are about signals that there are, in their own units', () => {
    const signals = [{ name: 'current', unit: 'A' }];
    expect(ruleProblem(parseRule('current < 1 A')!, signals)).toBeUndefined();
    expect(ruleProblem(parseRule('current < 1')!, signals)).toBeUndefined();
    expect(ruleProblem(parseRule('current < 1 mA')!, signals)).toBe('current is in A, not in mA');
    expect(ruleProblem(parseRule('flow < 1')!, signals)).toBe('there is no signal flow; there are: current');
  });
});
