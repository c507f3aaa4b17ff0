import { describe, expect, it } from 'vitest';
import { Episodes } from '../../model/episodes.js';

const rules = {
  holdFrames: 3,
  clearAt: 0.3,
  returnAt: 0.5,
  signatureFrames: 5,
  settleFrames: 6,
  settleGain: 0.5,
};

function run(frames: readonly (readonly [severity: number, ...deviation: number[]])[], of = 3, need = 2) {
  const episodes = new Episodes(rules, { of, need }, 2);
  episodes.ensure(1);
  return frames.map(([severity, a = 0, b = 0]) => episodes.step(0, severity, Float64Array.of(a, b)));
}

const times = <T>(n: number, value: T): T[] => Array.from({ length: n }, () => value);

describe('Episodes', () => {
  it('begin with need of the last of frames, not with one', () => {
    expect(run([[2, 5], [0.5], [0.5], [2, 5], [0.5], [2, 5]])).toEqual([...times(5, 'normal'), 'alarm']);
  });

  it('end where severity has been low for holdFrames in a row', () => {
    expect(
      run([
        [2, 5],
        [2, 5],
        [0.2, 5],
        [0.2, 5],
        [0.5, 5],
        [0.2, 5],
        [0.2, 5],
        [0.2, 5],
      ]),
    ).toEqual(['normal', ...times(6, 'alarm'), 'normal']);
  });

  /** Seven frames of alarm, then another signal far away: the energy of the first takes 14 to fall below half its first mean, and 3 make sure. */
  const back = [...times(8, [2, 9, 0] as const), ...times(16, [2, 0, 20] as const)];

  it('end where the signature is gone, though another signal has drifted far away', () => {
    expect(run(back).slice(1)).toEqual([...times(22, 'alarm'), 'returned']);
  });

  it('do not end while the signature is there, in its mean or in its energy', () => {
    expect(run(times(40, [2, 9, 0] as const)).slice(1)).toEqual(times(39, 'alarm'));
    const swings = Array.from({ length: 40 }, (_, i) => [2, i % 2 === 0 ? 9 : -9] as const);
    expect(run(swings).slice(1)).toEqual(times(39, 'alarm'));
  });

  it('are quiet after a return while the baseline settles, then begin anew', () => {
    const after = run([...back, ...times(10, [2, 9, 0] as const)]).slice(back.length);
    expect(after).toEqual([...times(5, 'settling'), 'normal', ...times(4, 'alarm')]);
  });
});
