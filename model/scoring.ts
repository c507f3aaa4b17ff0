/** From the detectors' outputs to severity: smooth, calibrate, fuse, persist; one row of flat state a slot. */
import { Absence } from './absence.js';
import { Cusum } from './cusum.js';
import type { DetectorOutputs } from './detector.js';
import { firstRegime } from './frames.js';
import { Fusion } from './fusion.js';
import type { CusumTable, DetectorManifest, Manifest, TailTable } from './manifest.js';
import { Mewma } from './mewma.js';
import { Persistence } from './persistence.js';
import { bodyP, surprise } from './tail.js';
import { expectAs, openRow, type ScoringStage, type StageBatch } from './verdicts.js';

/** Severity that the slow path reaches at most: however long an illness was, its alarm is over soon after. */
const mostSlowSeverity = 2;

export interface ScorerOptions {
  readonly channels: number;
  readonly detectors: readonly DetectorManifest['calibration'][];
  readonly persistence: Manifest['persistence'];
  /** Without: no eye for slow wear. */
  readonly cusum?: CusumTable | undefined;
  /** -ln p at severity 1. */
  readonly alarmLevel: number;
}

/**
 * Each detector gives one or two statistics a frame: its score, and the MEWMA of its residual. Their surprises fuse by the Cauchy combination over all statistics of
 * detectors that are past warm-up. The fast path is the `need`-th largest of the last `of` fused surprises, the slow one the surprise of their cumulative sum;
 * severity is the larger of the two over the alarm level.
 */
export class Scorer implements ScoringStage {
  private readonly smoothers: readonly (Mewma | undefined)[];
  private readonly absence: Absence;
  private readonly persistence: Persistence;
  private readonly cusum: Cusum | undefined;

  // Scratch of one frame: statistics 2d (score) and 2d + 1 (MEWMA) of detector d, in the order in which they were made.
  private readonly fusion: Fusion;
  private readonly weights: Float64Array;
  private readonly squares: Float32Array;
  private readonly rest: Float64Array;
  private readonly smoothedScore: Float64Array;

  constructor(private readonly options: ScorerOptions) {
    const { detectors, channels, persistence, cusum } = options;
    this.smoothers = detectors.map(({ smoothed }) => smoothed && new Mewma(smoothed));
    this.absence = new Absence(channels, Math.max(0, ...detectors.map(({ absent }) => absent?.settleFrames ?? 0)));
    this.fusion = new Fusion(2 * detectors.length);
    this.weights = new Float64Array(2 * detectors.length);
    this.squares = new Float32Array(detectors.length * channels);
    this.rest = new Float64Array(detectors.length);
    this.smoothedScore = new Float64Array(detectors.length);
    this.persistence = new Persistence(persistence);
    this.cusum = cusum && new Cusum(channels, cusum, mostSlowSeverity * options.alarmLevel);
  }

  ensure(slots: number): void {
    for (const smoother of this.smoothers) smoother?.ensure(slots);
    this.absence.ensure(slots);
    this.persistence.ensure(slots);
    this.cusum?.ensure(slots);
  }

  reset(slot: number): void {
    this.restart(slot);
    this.cusum?.reset(slot);
  }

  restart(slot: number): void {
    for (const smoother of this.smoothers) smoother?.reset(slot);
    this.absence.reset(slot);
    this.persistence.reset(slot);
  }

  step({ outputs, into, values }: StageBatch, slot: number, row: number, known: number): void {
    const { channels: C, alarmLevel, detectors } = this.options;
    const { absence } = this;
    if (values !== undefined) absence.update(slot, values, row * C);
    const isScored = openRow(row, outputs, known, into);
    const regime = (into.mode[row] as number) - firstRegime;
    const { fusion } = this;
    fusion.clear();
    let favourite = -1;
    let most = -1;
    const D = detectors.length;
    for (let d = 0; d < D; d++) {
      const output = outputs[d] as DetectorOutputs;
      if (output.ready[row] === 0) continue;
      const { score, smoothed, absent, regimes } = detectors[d] as DetectorManifest['calibration'];
      const local = regime < 0 ? undefined : regimes?.[regime];
      const first = fusion.count;
      const rest = absence.scoreWithout(output, row);
      this.rest[d] = rest;
      this.weighIn(local?.score ?? score, rest / absence.growth(absent?.score));
      if (smoothed !== undefined) {
        const smoother = this.smoothers[d] as Mewma;
        const energy = smoother.step(slot, output.residual, row * C, this.squares, d * C, absence.out);
        this.smoothedScore[d] = energy;
        this.weighIn(local?.smoothed ?? smoothed.table, energy / absence.growth(absent?.smoothed));
      }
      if (!isScored) continue;
      const fused = fusion.fused(first);
      into.detector[row * D + d] = fused / alarmLevel;
      if (fused <= most) continue;
      most = fused;
      favourite = d;
    }

    const fused = isScored ? fusion.fused() : 0;
    const persistent = this.persistence.push(slot, fused);
    if (!isScored) return;
    into.instant[row] = fused / alarmLevel;
    expectAs(outputs[favourite] as DetectorOutputs, row, into);
    this.attribute(row, outputs, persistent, into.contribution);
    const slow = this.accumulate(slot, row, fused, into.contribution);
    into.severity[row] = Math.max(persistent, slow) / alarmLevel;
    if (slow > persistent) this.cusum?.share(slot, into.contribution, row * C);
  }

  /** Surprise of the cumulative sum. It stands still while a signal is out: what is left of the evidence is of another kind. */
  private accumulate(slot: number, row: number, fused: number, shares: Float32Array): number {
    const { cusum, absence } = this;
    if (cusum === undefined) return 0;
    return absence.count > 0 ? cusum.surprise(slot) : cusum.step(slot, fused, shares, row * this.options.channels);
  }

  private weighIn(table: TailTable, statistic: number): void {
    if (statistic > table.threshold) this.fusion.addSurprise(surprise(table, statistic));
    else this.fusion.addP(bodyP(table, statistic));
  }

  /** Shares of the signals: each statistic's own shares, weighted by e^surprise, which is its part of the Cauchy sum. */
  private attribute(row: number, outputs: readonly DetectorOutputs[], severity: number, into: Float32Array): void {
    const { channels: C, detectors } = this.options;
    const from = row * C;
    let count = 0;
    this.fusion.weigh(this.weights);
    let total = 0;
    for (let d = 0; d < detectors.length; d++) {
      const output = outputs[d] as DetectorOutputs;
      if (output.ready[row] === 0) continue;
      total += this.addShares(
        into,
        from,
        output.contribution,
        from,
        this.rest[d] as number,
        this.weights[count++] as number,
      );
      if (detectors[d]?.smoothed === undefined) continue;
      total += this.addShares(
        into,
        from,
        this.squares,
        d * C,
        this.smoothedScore[d] as number,
        this.weights[count++] as number,
      );
    }
    for (let c = 0; c < C; c++) {
      if (total > 0) into[from + c] = (into[from + c] as number) / total;
      else into[from + c] = severity > 0 ? 1 / C : 0;
    }
  }

  private addShares(
    into: Float32Array,
    to: number,
    shares: Float32Array,
    from: number,
    sum: number,
    weight: number,
  ): number {
    if (!(sum > 0)) return 0;
    for (let c = 0; c < this.options.channels; c++) {
      if (this.absence.out[c] === 1) continue;
      into[to + c] = (into[to + c] as number) + (weight * (shares[from + c] as number)) / sum;
    }
    return weight;
  }
}
