/** Survival function of a score under normal operation: empirical body, generalised Pareto tail. */
import type { TailTable } from './manifest.js';

export interface TailOptions {
  /** Share of scores that make the tail; by sample size where not given. */
  readonly rate?: number;
  /** Points of the body. */
  readonly points?: number;
}

/** @param scores finite, in any order, thinned for autocorrelation; at least 10 */
export function fitTail(_scores: ArrayLike<number>, _options: TailOptions = {}): TailTable {
  throw new Error('not built yet');
}

/** -ln P(score or more under normal operation): finite, not negative, never falls as the score rises. */
export function surprise(_table: TailTable, _score: number): number {
  throw new Error('not built yet');
}
