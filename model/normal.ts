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
