/** From the detectors' outputs to severity: smooth, calibrate, fuse, persist; one row of flat state a slot. */
import { Absence } from './absence.js';
import { Cusum } from './cusum.js';
import type { DetectorOutputs } from './detector.js';
import { firstRegime } from './frames.js';
import { Fusion } from './fusion.js';
import type { CusumTable, DetectorManifest, Manifest } from './manifest.js';
import { Mewma } from './mewma.js';
import { Persistence } from './persistence.js';
import { Tail } from './tail.js';
import { expectAs, openRow, type ScoringStage, type StageBatch, type Verdicts } from './verdicts.js';

/** Rows that are gone through together: one statistic after the other, each in a loop of its own. */
const chunkRows = 256;
/** Severity that the slow path reaches at most: however long an illness was, its alarm is over soon after. */
const mostSlowSeverity = 2;
/** A smaller sum has no parts worth a name, and its inverse might overflow. */
const leastSum = 1e-300;

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
  private readonly gauges: readonly Gauge[];
  private readonly absence: Absence;
  private readonly persistence: Persistence;
  private readonly cusum: Cusum | undefined;

  // Scratch of a chunk: statistics 2d (score) and 2d + 1 (MEWMA) of detector d, in the order in which they were made.
  private readonly fusion: Fusion;
  private readonly weights: Float64Array;
  private readonly isScored = new Uint8Array(chunkRows);

  constructor(private readonly options: ScorerOptions) {
    const { detectors, channels, persistence, cusum } = options;
    this.gauges = detectors.map((calibration) => new Gauge(calibration, channels));
    this.absence = new Absence(channels, Math.max(0, ...detectors.map(({ absent }) => absent?.settleFrames ?? 0)));
    this.absence.reserve(chunkRows);
    this.fusion = new Fusion(2 * detectors.length, chunkRows);
    this.weights = new Float64Array(2 * detectors.length);
    this.persistence = new Persistence(persistence);
    this.cusum = cusum && new Cusum(channels, cusum, mostSlowSeverity * options.alarmLevel);
  }

  ensure(slots: number): void {
    for (const { smoother } of this.gauges) smoother?.ensure(slots);
    this.absence.ensure(slots);
    this.persistence.ensure(slots);
    this.cusum?.ensure(slots);
  }

  reset(slot: number): void {
    this.restart(slot);
    this.cusum?.reset(slot);
  }

  restart(slot: number): void {
    for (const { smoother } of this.gauges) smoother?.reset(slot);
    this.absence.reset(slot);
    this.persistence.reset(slot);
  }

  step(batch: StageBatch, from: number, to: number): void {
    for (let begin = from; begin < to; begin += chunkRows)
      this.stepChunk(batch, begin, Math.min(to, begin + chunkRows));
  }

  private stepChunk(batch: StageBatch, from: number, to: number): void {
    const { values, slot, outputs } = batch;
    const { absence, isScored, fusion, gauges } = this;
    const C = this.options.channels;
    // Without values nothing is ever out.
    if (values !== undefined)
      for (let i = from; i < to; i++) absence.update(slot[i] as number, values, i * C, i - from);
    for (let i = from; i < to; i++) isScored[i - from] = openRow(i, batch) ? 1 : 0;
    fusion.clear(to - from);
    for (let d = 0; d < gauges.length; d++) {
      (gauges[d] as Gauge).weighIn(outputs[d] as DetectorOutputs, batch, from, to, absence, fusion);
      this.judgeAlone(d, batch, from, to);
    }
    this.judge(batch, from, to);
  }

  /** What detector `d`, whose evidence was put in last, says by itself. */
  private judgeAlone(d: number, { outputs, into }: StageBatch, from: number, to: number): void {
    const { isScored, fusion, gauges } = this;
    const { alarmLevel } = this.options;
    const { ready } = outputs[d] as DetectorOutputs;
    const { pieces } = gauges[d] as Gauge;
    const D = gauges.length;
    for (let i = from; i < to; i++) {
      const row = i - from;
      if (isScored[row] === 0 || ready[i] === 0) continue;
      into.detector[i * D + d] = fusion.fused(row, (fusion.count[row] as number) - pieces) / alarmLevel;
    }
  }

  /** What all detectors say together, for long enough. */
  private judge({ outputs, slot, into }: StageBatch, from: number, to: number): void {
    const { isScored, fusion, persistence, cusum } = this;
    const { alarmLevel, channels: C } = this.options;
    for (let i = from; i < to; i++) {
      const row = i - from;
      const s = slot[i] as number;
      if (isScored[row] === 0) {
        persistence.push(s, 0);
        continue;
      }
      const fused = fusion.fused(row);
      const persistent = persistence.push(s, fused);
      into.instant[i] = fused / alarmLevel;
      expectAs(outputs[this.favourite(i, outputs, into)] as DetectorOutputs, i, into);
      this.attribute(i, row, outputs, persistent, into.contribution);
      const slow = this.accumulate(s, i, row, fused, into.contribution);
      into.severity[i] = Math.max(persistent, slow) / alarmLevel;
      if (slow > persistent) cusum?.share(s, into.contribution, i * C);
    }
  }

  /** The detector that is surprised most, of those that are ready the first where none is. */
  private favourite(i: number, outputs: readonly DetectorOutputs[], { detector }: Verdicts): number {
    const D = outputs.length;
    let favourite = -1;
    let most = -1;
    for (let d = 0; d < D; d++) {
      if (outputs[d]?.ready[i] !== 1 || (detector[i * D + d] as number) <= most) continue;
      most = detector[i * D + d] as number;
      favourite = d;
    }
    return favourite;
  }

  /** Surprise of the cumulative sum. It stands still while a signal is out: what is left of the evidence is of another kind. */
  private accumulate(slot: number, i: number, row: number, fused: number, shares: Float32Array): number {
    const { cusum, absence } = this;
    if (cusum === undefined) return 0;
    return (absence.count[row] as number) > 0
      ? cusum.surprise(slot)
      : cusum.step(slot, fused, shares, i * this.options.channels);
  }

  /** Shares of the signals: each statistic's own shares, weighted by e^surprise, which is its part of the Cauchy sum. */
  private attribute(
    i: number,
    row: number,
    outputs: readonly DetectorOutputs[],
    severity: number,
    into: Float32Array,
  ): void {
    const { weights, gauges, absence } = this;
    const C = this.options.channels;
    const at = i * C;
    this.fusion.weigh(weights, row);
    const out = absence.outOf(row);
    let count = 0;
    let total = 0;
    for (let d = 0; d < gauges.length; d++) {
      const { ready, contribution } = outputs[d] as DetectorOutputs;
      if (ready[i] === 0) continue;
      const { rest, smoother, energy, squares } = gauges[d] as Gauge;
      total += addShares(into, at, contribution, at, C, weights[count++] as number, rest[row] as number, out);
      if (smoother === undefined) continue;
      total += addShares(into, at, squares, row * C, C, weights[count++] as number, energy[row] as number, out);
    }
    for (let c = at; c < at + C; c++) {
      if (total > 0) into[c] = (into[c] as number) / total;
      else into[c] = severity > 0 ? 1 / C : 0;
    }
  }
}

/** How one detector's statistics are read: the score of its graph, and the MEWMA of its residual. */
class Gauge {
  readonly smoother: Mewma | undefined;
  /** Pieces of evidence it puts in for a frame. */
  readonly pieces: number;
  // Of the chunk: [rows] score and MEWMA without signals that are out, [rows*C] the MEWMA's part of each signal.
  readonly rest = new Float64Array(chunkRows);
  readonly energy = new Float64Array(chunkRows);
  readonly squares: Float32Array;
  /** Tables of the score and of the MEWMA: one for all frames, then one a regime. */
  private readonly scores: readonly Tail[];
  private readonly energies: readonly Tail[];

  constructor(
    private readonly calibration: DetectorManifest['calibration'],
    private readonly channels: number,
  ) {
    const { score, smoothed, regimes = [] } = calibration;
    this.smoother = smoothed && new Mewma(smoothed);
    this.pieces = smoothed === undefined ? 1 : 2;
    this.squares = new Float32Array(chunkRows * channels);
    const all = new Tail(score);
    this.scores = [all, ...regimes.map((regime) => (regime === null ? all : new Tail(regime.score)))];
    const usual = smoothed && new Tail(smoothed.table);
    this.energies =
      usual === undefined
        ? []
        : [usual, ...regimes.map((regime) => (regime?.smoothed === undefined ? usual : new Tail(regime.smoothed)))];
  }

  /** Puts in the evidence of rows `from` to before `to`. */
  weighIn(
    output: DetectorOutputs,
    { slot, into }: StageBatch,
    from: number,
    to: number,
    absence: Absence,
    fusion: Fusion,
  ): void {
    const { smoother, rest, energy, squares, channels: C } = this;
    const { absent } = this.calibration;
    const { ready, residual } = output;
    for (let i = from; i < to; i++) {
      if (ready[i] === 0) continue;
      const row = i - from;
      const score = absence.scoreWithout(output, i, row);
      rest[row] = score;
      put(fusion, row, tableOf(this.scores, into.mode[i] as number), score / absence.growth(absent?.score, row));
      if (smoother === undefined) continue;
      const moved = smoother.step(slot[i] as number, residual, i * C, squares, row * C, absence.outOf(row));
      energy[row] = moved;
      put(fusion, row, tableOf(this.energies, into.mode[i] as number), moved / absence.growth(absent?.smoothed, row));
    }
  }
}

function tableOf(tables: readonly Tail[], mode: number): Tail {
  return (mode >= firstRegime ? tables[mode - firstRegime + 1] : undefined) ?? (tables[0] as Tail);
}

function put(fusion: Fusion, row: number, tail: Tail, statistic: number): void {
  if (statistic > tail.threshold) fusion.addSurprise(tail.surprise(statistic), row);
  else fusion.addP(tail.p(statistic), row);
}

/** Adds `weight` to `into` [C] at `to`, parted as `shares` [C] at `from`, which add up to `sum`; gives what was added. */
function addShares(
  into: Float32Array,
  to: number,
  shares: Float32Array,
  from: number,
  C: number,
  weight: number,
  sum: number,
  out: Uint8Array | undefined,
): number {
  if (!(sum > leastSum)) return 0;
  const scale = weight / sum;
  for (let c = 0; c < C; c++) {
    if (out !== undefined && out[c] === 1) continue;
    into[to + c] = (into[to + c] as number) + scale * (shares[from + c] as number);
  }
  return weight;
}
