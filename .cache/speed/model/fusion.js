/** Cauchy combination of surprises (Liu & Xie, JASA 2020): p-values of correlated detectors fused into one that holds in the far tail. */
/** A p-value near 1 would outvote any evidence: its term goes to minus infinity. Larger ones count as this. */
const maxP = 0.99;
/** Above this surprise cot(pi p) is 1 / (pi p) to double precision. */
const asymptotic = 20;
/**
 * Fused -ln p of the first `n` surprises -ln p_i: T = mean of tan((1/2 - p_i) pi) = mean of cot(pi p_i), p = 1/2 - atan(T) / pi.
 * For tiny p the sum is one of exponentials, so it is taken in the log domain: ln T = log-sum-exp(u_i) - ln(n pi). 0 for n = 0.
 */
export function fuse(surprises, n = surprises.length) {
    let largest = 0;
    for (let i = 0; i < n; i++)
        largest = Math.max(largest, surprises[i]);
    if (n === 0)
        return 0;
    // T is kept divided by e^shift.
    const shift = largest > asymptotic ? largest : 0;
    let sum = 0;
    for (let i = 0; i < n; i++) {
        const u = surprises[i];
        sum +=
            u > asymptotic
                ? Math.exp(u - shift) / Math.PI
                : Math.exp(-shift) / Math.tan(Math.PI * Math.min(maxP, Math.exp(-u)));
    }
    const mean = sum / n;
    if (shift > 0)
        return Math.max(0, shift + Math.log(Math.PI * mean));
    // atan2 is atan(1 / T) for T > 0 and its continuation through T = 0.
    return Math.max(0, -Math.log(Math.atan2(1, mean) / Math.PI));
}
