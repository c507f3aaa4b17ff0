/** Survival function of a score under normal operation: empirical body, generalised Pareto tail (peaks over threshold). */
import type { TailTable } from './manifest.js';

export interface TailOptions {
  /** Share of scores that make the tail; by sample size where not given. */
  readonly rate?: number;
  /** Points of the body. */
  readonly points?: number;
}

export interface Gpd {
  readonly shape: number;
  readonly scale: number;
}

/**
 * A negative shape would give the score an upper end, beyond which p = 0 and surprise is infinite; above 1/2 the excess has no variance, and fits from a few
 * hundred excesses that land there extrapolate wildly. Normal operation is fitted within, so a stranger score is always finitely more surprising.
 */
const maxShape = 0.5;
/** Below this many excesses a free shape does worse than the exponential tail (METHODS: two dozen are too few). */
const minExcessesForShape = 100;
/** Excesses that the tail should have, as far as `minRate` and `maxRate` of the scores allow. */
const wantedExcesses = 50;
const minRate = 0.02;
const maxRate = 0.2;
/** Parts of a prepared body for each of its points: a score's place is then found within one step or two. */
const partsAPoint = 4;
/** Surprise of an infinite score. */
const maxSurprise = 1e9;

/** @param scores finite, in any order, thinned for autocorrelation; at least 10 */
export function fitTail(scores: ArrayLike<number>, options: TailOptions = {}): TailTable {
  const sorted = Float64Array.from(scores).sort();
  const n = sorted.length;
  if (n < 10 || !sorted.every(Number.isFinite)) throw new RangeError(`fitTail: ${n} scores, needs 10 finite ones`);
  const wanted = options.rate ?? Math.min(maxRate, Math.max(minRate, wantedExcesses / n));
  const tail = Math.min(n - 2, Math.max(1, Math.round(wanted * n)));
  const threshold = sorted[n - tail - 1] as number;
  const excesses = sorted
    .subarray(n - tail)
    .map((score) => score - threshold)
    .filter((excess) => excess > 0);
  const rate = Math.max(excesses.length, 0.5) / n;

  // Scores that equal the threshold belong to the body.
  const bodyEnd = n - excesses.length - 1;
  const points = Math.max(2, Math.min(options.points ?? 200, bodyEnd + 1));
  const body = Array.from({ length: points }, (_, i) => {
    const position = (i / (points - 1)) * bodyEnd;
    const below = Math.floor(position);
    const low = sorted[below] as number;
    return low + (position - below) * ((sorted[Math.min(below + 1, bodyEnd)] as number) - low);
  });
  const gpd =
    excesses.length > 0 ? fitGpd(excesses) : { shape: 0, scale: (threshold - (body[0] as number)) / Math.log(n) };
  // Scores that never differ: any larger one is a surprise, in proportion to the only yardstick there is.
  const scale = gpd.scale > 0 ? gpd.scale : Math.abs(threshold) / 10 || 1;
  return { n, body, threshold, rate, shape: gpd.shape, scale };
}

/** -ln P(score or more under normal operation): finite, not negative, never falls as the score rises; 0 for NaN. */
export function surprise(table: TailTable, score: number): number {
  const { threshold, rate, shape, scale } = table;
  // Not -log, which makes -0 of p = 1.
  if (!(score > threshold)) return 0 - Math.log(bodyP(table, score));
  const excess = (score - threshold) / scale;
  const tail = shape === 0 ? excess : Math.log1p(shape * excess) / shape;
  return Math.min(maxSurprise, tail - Math.log(rate));
}

/** P(score or more under normal operation) of a score that is not above the threshold: from `rate` to 1; 1 for NaN. */
export function bodyP({ body, rate }: TailTable, score: number): number {
  if (!(score > (body[0] as number))) return 1;
  return pBetween(body, rate, firstNotBelow(body, score, 0, body.length - 1) - 1, score);
}

/** The first point after `low` that is not below the score, `high` at most; of equal scores, all count as "this or more". */
function firstNotBelow(body: ArrayLike<number>, score: number, low: number, high: number): number {
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if ((body[middle] as number) < score) low = middle;
    else high = middle;
  }
  return high;
}

/** On the line from point `low` to the next. */
function pBetween(body: ArrayLike<number>, rate: number, low: number, score: number): number {
  const from = body[low] as number;
  const to = body[low + 1] as number;
  const position = low + (score - from) / (to - from);
  // The bound holds to rounding anyway.
  return Math.max(rate, 1 - (position / (body.length - 1)) * (1 - rate));
}

/** A table prepared for many scores: where to look in the body is known from where between its ends a score lies. */
export class Tail {
  readonly threshold: number;
  private readonly body: Float64Array;
  private readonly from: number;
  private readonly perUnit: number;
  /** Of each of equal parts of the body's range, the last point below all of it, by half a part lest rounding matters. */
  private readonly lows: Uint16Array;

  constructor(private readonly table: TailTable) {
    this.threshold = table.threshold;
    this.body = Float64Array.from(table.body);
    const last = this.body.length - 1;
    this.from = this.body[0] as number;
    const parts = partsAPoint * this.body.length;
    const width = ((this.body[last] as number) - this.from) / parts;
    this.perUnit = width > 0 ? 1 / width : 0;
    this.lows = Uint16Array.from({ length: parts + 3 }, (_, k) =>
      Math.max(0, firstNotBelow(this.body, this.from + (k - 0.5) * width, 0, last) - 1),
    );
  }

  /** As `surprise`. */
  surprise(score: number): number {
    return surprise(this.table, score);
  }

  /** As `bodyP`. */
  p(score: number): number {
    const { body, lows } = this;
    if (!(score > this.from)) return 1;
    const part = Math.min(lows.length - 3, (score - this.from) * this.perUnit) | 0;
    const high = Math.min(body.length - 1, (lows[part + 2] as number) + 1);
    return pBetween(body, this.table.rate, firstNotBelow(body, score, lows[part] as number, high) - 1, score);
  }
}

/**
 * Maximum-likelihood generalised Pareto for positive excesses, by Grimshaw's reduction (Technometrics 1993; Siffer et al., KDD 2017): with x = shape / scale, stationary
 * points of the likelihood solve (1 + mean ln(1 + xY)) mean(1 / (1 + xY)) = 1, and there shape = mean ln(1 + xY). Compared, at shape 0, at each root and at the largest
 * shape allowed, by log-likelihood / n: -ln scale - (1 + 1/shape) mean ln(1 + xY), for shape 0: -(1 + ln mean Y). (Siffer's published code has the wrong sign there.)
 * Roots are sought from x = 0 up, not from Siffer's lower bound 2 (mean - min) / (mean min), which leaves out the true one for small minima.
 */
export function fitGpd(excesses: ArrayLike<number>, shapeFrom = minExcessesForShape): Gpd {
  const y = Float64Array.from(excesses);
  const n = y.length;
  const mean = y.reduce((sum, value) => sum + value, 0) / n;
  const exponential = { shape: 0, scale: mean };
  if (n < shapeFrom) return exponential;

  const average = (f: (value: number) => number): number => {
    let sum = 0;
    for (let i = 0; i < n; i++) sum += f(y[i] as number);
    return sum / n;
  };
  const shapeAt = (x: number): number => average((value) => Math.log1p(x * value));
  const likelihood = ({ shape, scale }: Gpd): number =>
    -Math.log(scale) - (shape === 0 ? average((value) => value / scale) : (1 + 1 / shape) * shapeAt(shape / scale));
  const grimshaw = (x: number): number => (1 + shapeAt(x)) * average((value) => 1 / (1 + x * value)) - 1;

  // shapeAt rises from 0 with x: up to where it passes the largest shape.
  let end = 1 / mean;
  while (shapeAt(end) < maxShape) end *= 2;
  end = bisect((x) => shapeAt(x) - maxShape, 0, end);
  const candidates: Gpd[] = [exponential];
  const steps = 60;
  const start = end * 1e-4;
  for (let i = 0; i < steps; i++) {
    const from = start * (end / start) ** (i / steps);
    const to = start * (end / start) ** ((i + 1) / steps);
    if (grimshaw(from) * grimshaw(to) > 0) continue;
    const x = bisect(grimshaw, from, to);
    const shape = shapeAt(x);
    candidates.push({ shape, scale: shape / x });
  }
  // The likelihood's best scale at the bound: mean of xY / (1 + xY) = shape / (1 + shape).
  const share = (x: number): number => average((value) => (x * value) / (1 + x * value)) - maxShape / (1 + maxShape);
  let far = 1 / mean;
  while (share(far) < 0) far *= 2;
  candidates.push({ shape: maxShape, scale: maxShape / bisect(share, 0, far) });
  return candidates.reduce((best, candidate) => (likelihood(candidate) > likelihood(best) ? candidate : best));
}

/** Root of `f` between two ends where its sign differs. */
function bisect(f: (x: number) => number, from: number, to: number): number {
  let low = from;
  let high = to;
  const lowSign = Math.sign(f(low));
  for (let i = 0; i < 100; i++) {
    const middle = (low + high) / 2;
    if (Math.sign(f(middle)) === lowSign) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}
