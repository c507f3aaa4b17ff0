import { describe, expect, it } from 'vitest';
import { Episodes } from '../../model/episodes.js';

const rules = {
  freezeAt: 4,
  holdFrames: 3,
  clearAt: 0.3,
  returnAt: 0.3,
  signatureFrames: 5,
  settleAfter: 4,
  settleFrames: 6,
  settleGain: 0.5,
  quietFrames: 4,
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

  it('end where the signature is gone, though another signal has drifted far away', () => {
    const phases = run([...times(8, [2, 9, 0] as const), ...times(3, [2, 0, 20] as const)]);
    expect(phases.slice(7)).toEqual(['alarm', 'alarm', 'alarm', 'returned']);
  });

  it('do not end while the signature is there, and not in the first frames', () => {
    expect(run(times(40, [2, 9, 0] as const)).slice(1)).toEqual(times(39, 'alarm'));
    expect(run([[2, 9], [2, 9], ...times(2, [2, 0, 1] as const)]).at(-1)).toBe('alarm');
  });

  it('are quiet after a return while the baseline settles, then begin anew', () => {
    const back = [...times(8, [2, 9, 0] as const), ...times(3, [2, 0, 20] as const)];
    const after = run([...back, ...times(8, [2, 9, 0] as const)]).slice(back.length);
    expect(after).toEqual([...times(5, 'settling'), ...times(3, 'alarm')]);
  });
});
