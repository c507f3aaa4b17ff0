/** Assets watched without the signal that is suspected: the same graphs and scoring, with memories of their own. */
import type { DetectorOutputs, DetectorSession } from './detector.js';
import type { Channel, Manifest } from './manifest.js';
import { scoringStage } from './stage.js';
import { emptyVerdicts, type ScoringStage, type Verdicts } from './verdicts.js';

/** A row to be scored without a signal. */
export interface Watched {
  readonly row: number;
  /** Of the row. */
  readonly mode: number;
  /** From `take`. */
  readonly shadow: number;
  readonly signal: number;
}

export class Shadows {
  private readonly channels: readonly Channel[];
  private readonly sessions: readonly DetectorSession[];
  private readonly scorer: ScoringStage;
  private readonly unused: number[] = [];
  private taken = 0;
  private rows = 0;
  private slot = new Int32Array(0);
  private known = new Int32Array(0);
  private values: Float32Array<ArrayBuffer> = new Float32Array(0);
  private scored: Verdicts;

  constructor(
    private readonly manifest: Manifest,
    sessions: readonly DetectorSession[],
    alarmLevel: number,
  ) {
    this.channels = manifest.channels;
    this.sessions = sessions.map((session) => session.fork());
    this.scorer = scoringStage(manifest, alarmLevel);
    this.scored = emptyVerdicts(0, this.channels.length, sessions.length);
  }

  /** A shadow without memory. */
  take(): number {
    const shadow = this.unused.pop() ?? this.taken++;
    for (const part of [this.scorer, ...this.sessions]) {
      part.ensure(shadow + 1);
      part.reset(shadow);
    }
    return shadow;
  }

  free(shadow: number): void {
    this.unused.push(shadow);
  }

  /**
   * Scores the rows of `values` [n*C] without their signals.
   * @param observe is told for each row that is past warm-up: what the signal reads less what the others imply for it (NaN where either is unknown), what they
   * imply, both in normal spreads, and the instant severity without it
   */
  async step(
    watched: readonly Watched[],
    values: Float32Array,
    observe: (one: Watched, error: number, implied: number, rest: number) => void,
  ): Promise<void> {
    const C = this.channels.length;
    this.reserve(watched.length);
    watched.forEach(({ row, mode, shadow, signal }, k) => {
      this.scored.mode[k] = mode;
      this.slot[k] = shadow;
      this.values.set(values.subarray(row * C, (row + 1) * C), k * C);
      this.values[k * C + signal] = Number.NaN;
      this.known[k] = this.countKnown(k);
    });
    const outputs: DetectorOutputs[] = [];
    for (const session of this.sessions) outputs.push(await session.step(watched.length, this.slot, this.values));
    const { scored, slot, known, values: seen } = this;
    this.scorer.step({ outputs, into: scored, slot, known, values: seen }, 0, watched.length);
    watched.forEach((one, k) => {
      if (outputs.some(({ ready }) => ready[k] === 0)) return;
      const actual = values[one.row * C + one.signal] as number;
      const { scale } = this.channels[one.signal] as Channel;
      const implied = impliedBy(outputs, k * C + one.signal);
      observe(one, (actual - implied) / scale, implied / scale, scored.instant[k] as number);
    });
  }

  private countKnown(k: number): number {
    const C = this.channels.length;
    let known = 0;
    for (let i = k * C; i < (k + 1) * C; i++) if (!Number.isNaN(this.values[i])) known++;
    return known;
  }

  private reserve(rows: number): void {
    if (rows <= this.rows) return;
    this.rows = Math.max(rows, 2 * this.rows);
    const C = this.channels.length;
    this.slot = new Int32Array(this.rows);
    this.known = new Int32Array(this.rows);
    this.values = new Float32Array(this.rows * C);
    this.scored = emptyVerdicts(this.rows, C, this.manifest.detectors.length);
  }
}

/** Mean of what the detectors expect; NaN where none expects anything. */
function impliedBy(outputs: readonly DetectorOutputs[], at: number): number {
  let sum = 0;
  let count = 0;
  for (const { expected } of outputs) {
    const value = expected[at] as number;
    if (!Number.isFinite(value)) continue;
    sum += value;
    count++;
  }
  return count === 0 ? Number.NaN : sum / count;
}
