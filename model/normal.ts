/** The normal distribution. */

/** P-values above this count as it: the deviate of p = 1 is minus infinity. */
const maxP = 0.99;

/** The deviate that normal chance exceeds with probability p = e^-u, to 4.5e-4 (Abramowitz & Stegun 1964, 26.2.23). */
export function normalDeviate(u: number): number {
  const p = Math.min(maxP, Math.exp(-u));
  return p <= 0.5 ? upper(Math.sqrt(2 * u)) : -upper(Math.sqrt(-2 * Math.log(1 - p)));
}

/** @param t sqrt(-2 ln p), p not above 1/2 */
function upper(t: number): number {
  return t - (2.515517 + t * (0.802853 + t * 0.010328)) / (1 + t * (1.432788 + t * (0.189269 + t * 0.001308)));
}

/** What Student's t with `freedom` degrees exceeds as rarely as normal chance exceeds `z` (Wallace 1959); infinite where nothing is known of the spread. */
export function studentDeviate(z: number, freedom: number): number {
  if (!(freedom > 0)) return Number.POSITIVE_INFINITY;
  const scaled = (z * (8 * freedom + 3)) / (8 * freedom + 1);
  return Math.sqrt(freedom * Math.expm1(scaled ** 2 / freedom));
}
