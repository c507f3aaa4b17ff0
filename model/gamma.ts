/** Quantiles of counts and of sums of exponentials. */

/** Quantile of a Gamma distribution of shape `n` and scale 1 at the normal quantile `z` (Wilson & Hilferty, PNAS 1931). */
export function gammaQuantile(n: number, z: number): number {
  return n <= 0 ? 0 : n * Math.max(0, 1 - 1 / (9 * n) + z / (3 * Math.sqrt(n))) ** 3;
}

/** Normal quantile of 90 %: one side of what is 80 % sure. */
export const sureness = 1.2816;
