/** How often the alarm statistic peaks under normal operation, and the level that keeps an alarm budget. */
import { gammaQuantile, sureness } from './gamma.js';
import type { PeakTable } from './manifest.js';

export interface PeakOptions {
  /** Frames at or below the threshold that end a peak. */
  readonly runFrames?: number;
  /** Share of frames above the threshold; by sample size where not given. */
  readonly rate?: number;
  /** Mean excess to expect before any is seen; default: 1, that of a -ln p. */
  readonly priorScale?: number;
}

const defaultRunFrames = 10;
/** Frames that should lie above the threshold, as far as `maxRate` allows. */
const wantedFrames = 1000;
const maxRate = 0.1;
/**
 * The statistic is a -ln p, so excesses of one that is calibrated well are exponential with mean 1: that counts as much as this many
 * peaks, which steadies the level where normal data are short.
 */
const priorPeaks = 4;
const defaultPriorScale = 1;
/** Nothing seen is still not never. */
const leastPeaks = 0.5;
export const hoursPerWeek = 168;
/** No budget sets the alarm where every third frame of normal operation would raise it. */
const minLevel = 1;

/**
 * Peaks over threshold, declustered by runs (Coles 2001, 5.3.2): frames above the threshold belong to one peak until `runFrames` in a row are not, or the
 * segment ends. Excesses of the peaks' maxima get an exponential tail, the default in the -ln p domain.
 * @param series alarm statistic of consecutive frames, one entry a segment
 */
export function fitPeaks(series: readonly Float32Array[], framesPerWeek: number, options: PeakOptions = {}): PeakTable {
  const runFrames = options.runFrames ?? defaultRunFrames;
  const frames = series.reduce((sum, segment) => sum + segment.length, 0);
  if (frames === 0) throw new RangeError('fitPeaks: no frames');
  const sorted = new Float32Array(frames);
  let filled = 0;
  for (const segment of series) {
    sorted.set(segment, filled);
    filled += segment.length;
  }
  sorted.sort();
  const rate = options.rate ?? Math.min(maxRate, wantedFrames / frames);
  const above = Math.min(frames - 1, Math.max(1, Math.round(rate * frames)));
  const threshold = sorted[frames - above - 1] ?? (sorted[0] as number);

  let peaks = 0;
  let total = 0;
  for (const segment of series) {
    let largest = 0;
    let below = runFrames;
    for (const value of segment) {
      if (value > threshold) {
        if (below >= runFrames) {
          total += largest;
          largest = 0;
          peaks++;
        }
        below = 0;
        largest = Math.max(largest, value - threshold);
      } else {
        below++;
      }
    }
    total += largest;
  }
  return {
    frames,
    peaks,
    threshold,
    peaksPerWeek: (Math.max(peaks, leastPeaks) / frames) * framesPerWeek,
    shape: 0,
    scale: (total + priorPeaks * (options.priorScale ?? defaultPriorScale)) / (peaks + priorPeaks),
  };
}

/**
 * Level above which to expect `perWeek` independent peaks an asset-week, at least 1. It lies far beyond what short normal data show, so it is taken from the posterior
 * predictive distribution: excesses are exponential, their rate is Gamma-distributed after `witnesses` of them, and the mixture is a generalised Pareto of shape
 * 1 / witnesses. With weeks of data that is the exponential again; with half an hour the level is half as high again.
 */
export function alarmLevel(table: PeakTable, perWeek: number): number {
  const n = witnesses(table);
  const spreads = n * Math.expm1(Math.log(table.peaksPerWeek / perWeek) / n);
  const { shape } = table;
  return Math.max(
    minLevel,
    table.threshold + table.scale * (shape > 0 ? Math.expm1(shape * spreads) / shape : spreads),
  );
}

/** Independent peaks above `level` to expect an asset-week. */
export function expectedPerWeek(table: PeakTable, level: number): number {
  const n = witnesses(table);
  return table.peaksPerWeek * Math.max(0, 1 + spreadsAt(table, level) / n) ** -n;
}

/** What `expectedPerWeek` may be in truth: the limits that the data leave it, 80 % sure. */
export function expectedBounds(table: PeakTable, level: number): readonly [low: number, high: number] {
  const n = witnesses(table);
  const spreads = spreadsAt(table, level);
  const at = (z: number): number => table.peaksPerWeek * Math.exp((-spreads * gammaQuantile(n, z)) / n);
  const [a, b] = [at(sureness), at(-sureness)];
  return a < b ? [a, b] : [b, a];
}

/** How far a level lies above the threshold, so that normal peaks reach it with probability e^-spreads. */
function spreadsAt({ threshold, scale, shape }: PeakTable, level: number): number {
  const excess = (level - threshold) / scale;
  return shape > 0 ? Math.log1p(Math.max(shape * excess, -0.999)) / shape : excess;
}

/**
 * Peaks that tell of the scale independently, prior included. Peaks of one machine within an hour count as one: the load, the weather and the warmth that made one made the
 * others, and the next hour has others.
 */
function witnesses(table: PeakTable): number {
  return Math.min(table.peaks, assetHours(table)) + priorPeaks;
}

/** Machine-hours of held-out normal operation behind a table. */
export function assetHours({ peaks, peaksPerWeek }: PeakTable): number {
  return (Math.max(peaks, leastPeaks) / peaksPerWeek) * hoursPerWeek;
}
