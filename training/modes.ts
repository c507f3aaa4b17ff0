/** Operating modes at training: rules of the config against the signals that there are, and frames that nobody should learn from. */
import { UserError } from '../model/errors.js';
import { isIdle } from '../model/frames.js';
import type { ModeRules } from '../model/manifest.js';
import { plain, ruleProblem } from '../model/mode-rule.js';
import { ModeTracker } from '../model/modes.js';
import type { Segment } from '../model/segment.js';
import type { SignalConfig, TrainConfig } from './config.js';

/** A machine that runs for less than this many frames between two stops is not judged anyway. */
const leastRun = 2;

/**
 * Rules as the manifest has them; regimes of a hidden Markov model are counted when it is trained.
 * @throws UserError for a rule about a signal that there is none of, or in another unit
 */
export function modeRulesOf(
  { modes }: Pick<TrainConfig, 'modes'>,
  signals: readonly SignalConfig[],
  configFile: string | undefined,
): ModeRules | undefined {
  if (modes === undefined) return undefined;
  const { off, startUpS, regimes } = modes;
  const rules = typeof regimes === 'object' ? Object.entries(regimes) : [];
  const written = [...(off === undefined ? [] : [{ key: 'modes.off', rule: off }])].concat(
    rules.map(([name, rule]) => ({ key: `modes.regimes.${name}`, rule })),
  );
  for (const { key, rule } of written) {
    const problem = ruleProblem(rule, signals);
    if (problem === undefined) continue;
    throw new UserError(
      `${problem}.`,
      { ...(configFile === undefined ? {} : { file: configFile }), key },
      'Compare a signal of this recording with a number in its own unit.',
    );
  }
  return {
    ...(off === undefined ? {} : { off: plain(off) }),
    startUpMs: 1000 * startUpS,
    ...(rules.length === 0 ? {} : { regimes: rules.map(([name, rule]) => ({ name, when: plain(rule) })) }),
  };
}

/** What is left of a machine's segments without the frames in which it is off or starts up. */
export function runningSegments(
  segments: readonly Segment[],
  rules: ModeRules | undefined,
  signals: readonly string[],
): Segment[] {
  if (rules?.off === undefined) return [...segments];
  return segments.flatMap((segment) => {
    const codes = modesOf(segment, rules, signals);
    const C = signals.length;
    const runs: Segment[] = [];
    for (let from = 0; from < codes.length; ) {
      if (isIdle(codes[from] as number)) {
        from++;
        continue;
      }
      let to = from;
      while (to < codes.length && !isIdle(codes[to] as number)) to++;
      if (to - from >= leastRun)
        runs.push({ timesMs: segment.timesMs.slice(from, to), values: segment.values.slice(from * C, to * C) });
      from = to;
    }
    return runs;
  });
}

/** [n] code of each frame. */
export function modesOf({ timesMs, values }: Segment, rules: ModeRules, signals: readonly string[]): Uint8Array {
  const tracker = new ModeTracker(rules, signals);
  tracker.ensure(1);
  return Uint8Array.from(timesMs, (timeMs, i) => tracker.step(0, values, i * signals.length, timeMs));
}
