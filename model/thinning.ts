/** Scores of neighbouring frames are alike: which of them to count. */

/** Fewer scores than this make no table. */
const minScores = 50;
/** Thinning leaves at least this many scores, where there are as many. */
const keptScores = 2000;
const maxLag = 500;

/**
 * Every k-th score, k = the integrated autocorrelation time 1 + 2 sum rho, so that neighbours count once; less where few would be left: their order does not bias
 * a quantile, it only makes the sample look larger than it is.
 */
export function thin(series: readonly Float32Array[]): Float32Array {
  const all = series.reduce((sum, s) => sum + s.length, 0);
  if (all < minScores) throw new RangeError(`${all} held-out frames past warm-up; calibration needs ${minScores}`);
  const step = Math.max(1, Math.min(Math.ceil(correlationTime(series)), Math.floor(all / keptScores)));
  const kept = new Float32Array(series.reduce((sum, s) => sum + Math.ceil(s.length / step), 0));
  let filled = 0;
  for (const s of series) for (let i = 0; i < s.length; i += step) kept[filled++] = s[i] as number;
  return kept;
}

/** In frames; the sum stops where the autocorrelation falls below 0.05. Of the logarithm, as scores have heavy tails. */
export function correlationTime(series: readonly Float32Array[]): number {
  return integratedTime(series.map((s) => Float64Array.from(s, (v) => Math.log(1e-9 + Math.max(0, v)))));
}

/** The same of values as they are, one entry a stretch. */
export function integratedTime(series: readonly Float64Array[]): number {
  const n = series.reduce((sum, s) => sum + s.length, 0);
  const mean = series.reduce((sum, s) => s.reduce((t, v) => t + v, sum), 0) / n;
  const covariance = (lag: number): number => {
    let sum = 0;
    for (const s of series)
      for (let i = lag; i < s.length; i++) sum += ((s[i] as number) - mean) * ((s[i - lag] as number) - mean);
    return sum;
  };
  const variance = covariance(0);
  let time = 1;
  for (let lag = 1; lag <= maxLag && variance > 0; lag++) {
    const rho = covariance(lag) / variance;
    if (rho < 0.05) break;
    time += 2 * rho;
  }
  return time;
}
