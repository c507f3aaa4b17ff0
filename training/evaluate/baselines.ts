/** What a detector must beat: chance, crying wolf, |z|, and principal components; calibrated as anomalyd is, on the last part of the normal rows. */
import { eigenSymmetric } from '../../model/linalg.js';
import { Random } from '../../model/random.js';
import { fitTail, surprise } from '../../model/tail.js';
import { thin } from '../../model/thinning.js';
import type { Series } from '../sets/series.js';
import { type Verdicts, verdictsOf } from './verdicts.js';

/** @param level -ln p at which to alarm */
export type Baseline = (series: Series, seed: number, level: number) => Verdicts;

/** Part of the normal rows that is fitted on; the rest sets the threshold. */
const fitShare = 0.7;
const explained = 0.9;
const smallest = 1e-9;

export const baselines = {
  pca: (series, _, level) => calibrated(series, level, pcaStatistics),
  zscore: (series, _, level) => calibrated(series, level, zStatistic),
  random: ({ name, rows, fitRows }, seed) => {
    const random = new Random('evaluate', name, seed);
    return verdictsOf(Float64Array.from({ length: rows - fitRows }, () => random.uniform(0, 2)));
  },
  alwaysOn: ({ rows, fitRows }) => verdictsOf(new Float64Array(rows - fitRows).fill(1)),
} as const satisfies Record<string, Baseline>;

/** Each statistic becomes a surprise; the largest counts. */
function calibrated(
  series: Series,
  level: number,
  statisticsOf: (z: Float64Array, channels: number, fit: number) => Float32Array[],
): Verdicts {
  const { rows, fitRows, channels } = series;
  const fit = Math.floor(fitShare * fitRows);
  const statistics = statisticsOf(standardise(series, fit), channels.length, fit).map((values) => {
    const table = fitTail(thin([values.subarray(fit, fitRows)]));
    return { values, table };
  });
  return verdictsOf(
    Float64Array.from(
      { length: rows - fitRows },
      (_, i) =>
        Math.max(...statistics.map(({ values, table }) => surprise(table, values[fitRows + i] as number))) / level,
    ),
  );
}

/** By mean and standard deviation of the first `fit` rows; a signal that never varied there: by 1 % of its size. */
function standardise({ values, channels, rows }: Series, fit: number): Float64Array {
  const C = channels.length;
  const z = new Float64Array(values.length);
  for (let c = 0; c < C; c++) {
    let mean = 0;
    for (let row = 0; row < fit; row++) mean += (values[row * C + c] as number) / fit;
    let square = 0;
    for (let row = 0; row < fit; row++) square += ((values[row * C + c] as number) - mean) ** 2 / fit;
    const spread = square > smallest ** 2 ? Math.sqrt(square) : Math.abs(mean) / 100 || 1;
    for (let row = 0; row < rows; row++) z[row * C + c] = ((values[row * C + c] as number) - mean) / spread;
  }
  return z;
}

function zStatistic(z: Float64Array, C: number): Float32Array[] {
  const largest = new Float32Array(z.length / C);
  for (let i = 0; i < z.length; i++) {
    const row = Math.floor(i / C);
    largest[row] = Math.max(largest[row] as number, Math.abs(z[i] as number));
  }
  return [largest];
}

/** Hotelling's T^2 in the space of the leading components, and Q (SPE) outside it (Jackson & Mudholkar 1979). */
function pcaStatistics(z: Float64Array, C: number, fit: number): Float32Array[] {
  const moments = Array.from({ length: C }, (_, i) =>
    Array.from({ length: C }, (__, j) => {
      let sum = 0;
      for (let row = 0; row < fit; row++) sum += (z[row * C + i] as number) * (z[row * C + j] as number);
      return sum / fit;
    }),
  );
  const { values, vectors } = eigenSymmetric(moments);
  const total = values.reduce((sum, value) => sum + value, 0);
  let first = C;
  for (let sum = 0; first > (C > 1 ? 1 : 0) && sum < explained * total; ) sum += values[--first] as number;
  const rows = z.length / C;
  const t2 = new Float32Array(rows);
  const q = new Float32Array(rows);
  for (let row = 0; row < rows; row++) {
    let length = 0;
    for (let c = 0; c < C; c++) length += (z[row * C + c] as number) ** 2;
    for (let k = first; k < C; k++) {
      let t = 0;
      for (let c = 0; c < C; c++) t += (z[row * C + c] as number) * (vectors[c]?.[k] ?? 0);
      t2[row] = (t2[row] as number) + t ** 2 / Math.max(smallest, values[k] as number);
      length -= t ** 2;
    }
    q[row] = Math.max(0, length);
  }
  return C === 1 ? [t2] : [t2, q];
}
