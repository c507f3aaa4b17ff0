/** Cumulative sum of the fused evidence (Page, Biometrika 1954): wear too slow and too small for any single frame to show. */
import type { CusumTable, PeakTable } from './manifest.js';
import { normalDeviate, studentDeviate } from './normal.js';
import { fitPeaks, hoursPerWeek } from './peaks.js';

/** No frame counts for more than this many standard deviations: a gross one is the business of the fast path. */
const mostDeviations = 4;
/** The sum allows for at least this drift of normal. */
const leastAllowance = 0.5;
/** Normal operation is compared in blocks of about so many frames. */
const blockFrames = 240;
/** A block of normal operation whose mean lies as far above what blocks have on average as this normal deviate is not to be expected. */
const blockDeviations = 4;

/** S <- max(0, S + z - allowance), a sum a slot, and which signals' evidence made it. */
export class Cusum {
  // [slots]
  private sum = new Float64Array(0);
  /** [slots * C] */
  private evidence = new Float64Array(0);

  /** @param mostSurprise a sum as surprising as this rises no more, so that it has fallen again soon after a repair */
  constructor(
    private readonly channels: number,
    private readonly table: CusumTable,
    private readonly mostSurprise: number,
  ) {}

  /** Makes room for `slots` slots. */
  ensure(slots: number): void {
    if (slots <= this.sum.length) return;
    const size = Math.max(slots, 2 * this.sum.length);
    const sum = new Float64Array(size);
    sum.set(this.sum);
    this.sum = sum;
    const evidence = new Float64Array(size * this.channels);
    evidence.set(this.evidence);
    this.evidence = evidence;
  }

  reset(slot: number): void {
    this.sum[slot] = 0;
    this.evidence.fill(0, slot * this.channels, (slot + 1) * this.channels);
  }

  /** Takes the fused surprise of the next frame, and the shares of its signals [C] at `from`; gives the surprise of the sum. */
  step(slot: number, fused: number, shares: Float32Array, from: number): number {
    const gain = deviations(fused) - this.table.allowance;
    const before = this.sum[slot] as number;
    if (gain > 0 && this.surprise(slot) >= this.mostSurprise) return this.surprise(slot);
    const sum = Math.max(0, before + gain);
    this.sum[slot] = sum;
    if (sum === 0) {
      // Mostly it was nothing before.
      if (before > 0) this.evidence.fill(0, slot * this.channels, (slot + 1) * this.channels);
    } else if (gain > 0)
      for (let c = 0; c < this.channels; c++) {
        const i = slot * this.channels + c;
        this.evidence[i] = (this.evidence[i] as number) + gain * (shares[from + c] as number);
      }
    return this.surprise(slot);
  }

  /** Of the sum as it stands. */
  surprise(slot: number): number {
    const sum = this.sum[slot] as number;
    const { threshold, offset, slope } = this.table;
    return sum > threshold ? Math.max(0, offset + slope * sum) : 0;
  }

  /** Writes whose evidence made the sum, as shares that add up to 1. */
  share(slot: number, into: Float32Array, to: number): void {
    let total = 0;
    for (let c = 0; c < this.channels; c++) total += this.evidence[slot * this.channels + c] as number;
    if (!(total > 0)) return;
    for (let c = 0; c < this.channels; c++) into[to + c] = (this.evidence[slot * this.channels + c] as number) / total;
  }
}

/** Sums of consecutive frames of one machine, from nothing. */
function sumsOf(allowance: number, fused: Float32Array): Float32Array {
  let sum = 0;
  return fused.map((u) => {
    sum = Math.max(0, sum + deviations(u) - allowance);
    return sum;
  });
}

/**
 * Sums of normal operation are put on the scale of the fast path: both have exponential peaks, so the sum that peaks as rarely as a surprise does is a straight line.
 * @param fused surprises of consecutive normal frames, one entry a segment
 * @param fast peaks of the fast path on the same frames
 * @param assets machines that the frames are of
 * @returns undefined where the frames are too few to tell what normal operation deviates by for long: a slow path that guesses it cries at every longer swing of the load
 */
export function calibrateCusum(
  fused: readonly Float32Array[],
  fast: PeakTable,
  framesPerWeek: number,
  assets = 1,
): CusumTable | undefined {
  const { allowance, priorScale } = learnAllowance(fused, framesPerWeek, assets);
  if (!(allowance < mostDeviations)) return undefined;
  const slow = fitPeaks(
    fused.map((segment) => sumsOf(allowance, segment)),
    framesPerWeek,
    { priorScale },
  );
  const slope = fast.scale / slow.scale;
  const atThreshold = fast.threshold + fast.scale * Math.log(fast.peaksPerWeek / slow.peaksPerWeek);
  return { allowance, threshold: slow.threshold, offset: atThreshold - slope * slow.threshold, slope };
}

/** Surprises of the sum on consecutive frames, as `Cusum.step` gives them. */
export function surprisesOf(
  table: CusumTable,
  fused: Float32Array,
  mostSurprise = Number.POSITIVE_INFINITY,
): Float32Array {
  const cusum = new Cusum(1, table, mostSurprise);
  cusum.ensure(1);
  const shares = Float32Array.of(1);
  return fused.map((u) => cusum.step(0, u, shares, 0));
}

/** A surprise -ln p as a normal deviate, `mostDeviations` at most. */
function deviations(u: number): number {
  return Math.min(mostDeviations, normalDeviate(u));
}

/**
 * What normal operation may deviate by for long, in normal deviates a frame: machines differ from what they all were learned as, and the same machine from hour to
 * hour, without being ill. It is the predictive bound of the next block's mean, by Student's t: a few blocks know little of how far blocks stray, and those of one
 * machine within an hour count as one.
 * @param fused surprises of consecutive normal frames, one entry a segment
 * @returns besides it the mean height of the sum's excursions, were it a diffusion with drift -d and the blocks' long-run variance v, no less than that of
 * independent frames: v / 2d (Siegmund, Sequential Analysis, 1985, III)
 */
function learnAllowance(
  fused: readonly Float32Array[],
  framesPerWeek: number,
  assets: number,
): { readonly allowance: number; readonly priorScale: number } {
  const means: number[] = [];
  let frames = 0;
  for (const segment of fused) {
    frames += segment.length;
    const blocks = Math.max(1, Math.floor(segment.length / blockFrames));
    for (let k = 0; k < blocks && segment.length > 0; k++) {
      const block = segment.subarray((k * segment.length) / blocks, ((k + 1) * segment.length) / blocks);
      means.push(block.reduce((sum, u) => sum + deviations(u), 0) / block.length);
    }
  }
  const mean = means.reduce((sum, value) => sum + value, 0) / Math.max(1, means.length);
  const variance = means.reduce((sum, value) => sum + (value - mean) ** 2, 0) / Math.max(1, means.length - 1);
  const independent = Math.min(means.length, Math.max(assets, (frames / framesPerWeek) * hoursPerWeek));
  const margin = studentDeviate(blockDeviations, independent - 1) * Math.sqrt(variance * (1 + 1 / independent));
  const drift = Math.max(leastAllowance, margin);
  const longRunVariance = Math.max(1, (variance * frames) / means.length);
  return { allowance: Math.max(0, mean) + drift, priorScale: longRunVariance / (2 * drift) };
}
