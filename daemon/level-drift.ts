/**
 * Streaming adaptation of one asset's alarm level to what is normal for it, after DSPOT (Siffer et al. 2017): peaks over threshold of its own severities, fitted anew each hour.
 * Bounded in reach and in pace. What could be a fault is not learned: severities from the alarm level on are left out, an hour counts only a day later, and an alarm takes back
 * the day before it.
 */
import { z } from 'zod';
import { weekMs } from '../model/duration.js';
import { alarmLevel, fitPeaks } from '../model/peaks.js';
import { BaselineRing } from './baseline-ring.js';

export interface DriftFacts {
  readonly periodMs: number;
  /** False alarms accepted an asset-week. */
  readonly budget: number;
  /** -ln p at severity 1, without adaptation. */
  readonly level: number;
  /** The ratio stays between 1 / reach and reach. */
  readonly reach: number;
}

const hourMs = 3_600_000;
const framesPerBlock = 60;
/** Blocks until one counts: a fault that grows this long before its alarm teaches nothing. */
export const quarantine = 24;
/** Blocks that must count before the level moves at all, and those that count at most: one week, four weeks. */
export const leastBlocks = 168;
const mostBlocks = 672;
/** Blocks below the threshold that end a peak. */
const runBlocks = 3;
/** The ratio moves by this share a block at most: 5 % a day. */
const pace = 0.002;

export const storedDriftSchema = z.object({ ratio: z.number().positive(), largest: z.array(z.number().nonnegative()) });
export type StoredDrift = z.infer<typeof storedDriftSchema>;

export class LevelDrift {
  readonly #ring: BaselineRing;
  #ratio = 1;
  #paused = false;

  constructor(
    private readonly facts: DriftFacts,
    stored?: StoredDrift,
  ) {
    this.#ring = new BaselineRing(Math.max(hourMs, framesPerBlock * facts.periodMs), mostBlocks + quarantine);
    for (const largest of stored?.largest.slice(-this.#ring.most) ?? []) this.#ring.add(largest);
    this.#ratio = this.#bounded(stored?.ratio ?? 1);
  }

  /** Level of the asset in units of what it would be without adaptation. */
  get ratio(): number {
    return this.#ratio;
  }

  get stored(): StoredDrift {
    return { ratio: this.#ratio, largest: Array.from(this.#ring.values(), (value) => Number(value.toPrecision(3))) };
  }

  /** Hot. @param severity in units of the level without adaptation  @returns whether an hour is full, so that it is time to `learn` */
  note(timeMs: number, severity: number): boolean {
    return !this.#paused && this.#ring.note(timeMs, severity < this.#ratio ? severity : 0);
  }

  /** Moves towards the level that the hours that count ask for. */
  learn(): void {
    const { level, budget } = this.facts;
    const surprises = this.#ring.values(quarantine).map((severity) => severity * level);
    if (surprises.length < leastBlocks) return;
    const table = fitPeaks([surprises], weekMs / this.#ring.blockMs, { runFrames: runBlocks });
    const scale = untruncated(table.scale, this.#ratio * level - table.threshold);
    const wanted = this.#bounded(alarmLevel({ ...table, scale }, budget) / level);
    this.#ratio = Math.min(this.#ratio * (1 + pace), Math.max(this.#ratio * (1 - pace), wanted));
  }

  /** While the asset is in alarm, silenced, or has a faulty sensor; what it did in the day before does not count either. */
  pause(paused: boolean): void {
    if (paused && !this.#paused) this.#ring.forget(quarantine);
    this.#paused = paused;
  }

  #bounded(ratio: number): number {
    const { reach } = this.facts;
    return Math.min(reach, Math.max(1 / reach, ratio));
  }
}

const steps = 40;

/**
 * Scale of an exponential distribution whose mean is `mean` once all above `limit` is left out: the maximum-likelihood estimate under truncation. Without it the level would sink,
 * because what reaches it is not learned. From half the limit on the data say only that it is large: infinity.
 */
export function untruncated(mean: number, limit: number): number {
  if (!(mean < limit / 2)) return Number.POSITIVE_INFINITY;
  let [low, high] = [mean, 1];
  const truncatedMean = (scale: number) => scale - limit / Math.expm1(limit / scale);
  while (truncatedMean(high) < mean) high *= 2;
  for (let i = 0; i < steps; i++) {
    const middle = (low + high) / 2;
    if (truncatedMean(middle) < mean) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}
