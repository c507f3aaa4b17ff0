/** How much of a deviation is left when one signal after the other is hidden: the newest frames scored again without each. */
import type { DetectorOutputs, DetectorSession } from './detector.js';
import type { Manifest } from './manifest.js';
import { scoringStage } from './stage.js';
import type { Explanation } from './suspicion.js';
import { emptyVerdicts, type ScoringStage, type StageBatch, type Verdicts } from './verdicts.js';

/** Frames after warm-up that are scored again. */
const judgedFrames = 24;
/** A wrong signal smears over others, but is among those that deviate most itself. */
const mostCandidates = 8;

export class Hiding {
  /** Frames that `explain` needs. */
  readonly length: number;
  private readonly channels: number;
  private readonly scorer: ScoringStage;
  private readonly scored: Verdicts;
  private hidden: Float32Array<ArrayBuffer>;
  private readonly slot: Int32Array;
  private readonly known: Int32Array;

  constructor(
    manifest: Manifest,
    private readonly sessions: readonly DetectorSession[],
    alarmLevel: number,
  ) {
    const { channels, detectors } = manifest;
    this.channels = channels.length;
    this.length =
      judgedFrames + Math.max(...detectors.map(({ window, warmupFrames }) => Math.max(window, warmupFrames)));
    this.scorer = scoringStage(manifest, alarmLevel);
    this.scorer.ensure(1);
    const candidates = Math.min(mostCandidates, channels.length);
    const rows = (1 + candidates) * this.length;
    this.scored = emptyVerdicts(rows, channels.length, detectors.length);
    this.hidden = new Float32Array(rows * channels.length);
    this.slot = new Int32Array(rows);
    this.known = new Int32Array(rows).fill(channels.length);
  }

  /**
   * @param frames [length*C] after health, oldest first
   * @param deviating frames of the deviation so far
   * @param shares [C] evidence of each signal: with many signals the leading ones are tried
   * @param mode of the newest frame
   */
  async explain(frames: Float32Array, deviating: number, shares: Float32Array, mode: number): Promise<Explanation> {
    const { channels: C, length: T, hidden } = this;
    const candidates = Array.from(shares, (share, channel) => ({ share, channel }))
      .sort((a, b) => b.share - a.share)
      .slice(0, mostCandidates);
    hidden.set(frames);
    this.scored.mode.fill(mode);
    candidates.forEach(({ channel }, k) => {
      const from = (k + 1) * T * C;
      hidden.set(frames, from);
      for (let i = from + channel; i < from + T * C; i += C) hidden[i] = Number.NaN;
    });
    const severities = await this.severities(candidates.length + 1, Math.min(judgedFrames, Math.max(3, deviating)));
    const rest = new Float64Array(C).fill(Number.NaN);
    candidates.forEach(({ channel }, k) => {
      rest[channel] = severities[k + 1] as number;
    });
    return { whole: severities[0] as number, rest };
  }

  /** Mean instant severity over the `last` frames of each of `count` sequences in `hidden`. */
  private async severities(count: number, last: number): Promise<number[]> {
    const { length: T, scorer, scored, hidden, slot, known } = this;
    const outputs: DetectorOutputs[] = [];
    for (const session of this.sessions) outputs.push(await session.sequences(hidden, count, T));
    const batch: StageBatch = { outputs, into: scored, slot, known, values: hidden };
    return Array.from({ length: count }, (_, k) => {
      scorer.reset(0);
      scorer.step(batch, k * T, (k + 1) * T);
      let sum = 0;
      for (let row = (k + 1) * T - last; row < (k + 1) * T; row++) sum += scored.instant[row] as number;
      return sum / last;
    });
  }
}
