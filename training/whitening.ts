/** How the residuals of normal operation spread, turned into the whitening inside each graph. */
import type { DetectorOutputs } from '../model/detector.js';
import { learnWhitening } from '../model/mewma.js';
import type { Whitening } from './graph/index.js';

/** A hundredth of a normal spread: what a signal's residual never shows less of, or rounding in single precision would be whitened too. */
const varianceFloor = 1e-4;

/**
 * Mean, and symmetric inverse square root of the shrunk covariance, of the residuals past warm-up. A missing signal's residual is 0, as in the graph.
 * @param shrink share of the off-diagonal that is given up
 */
export function whitenResiduals(outputs: readonly DetectorOutputs[], channels: number, shrink: number): Whitening {
  const C = channels;
  const rows = outputs.flatMap(({ n, ready, residual }) =>
    Array.from({ length: n }, (_, i) => i)
      .filter((i) => ready[i] === 1)
      .map((i) => residual.subarray(i * C, (i + 1) * C)),
  );
  const n = Math.max(1, rows.length);
  const mu = Array.from({ length: C }, (_, c) => rows.reduce((sum, row) => sum + (row[c] as number), 0) / n);
  const covariance = mu.map((mi, i) =>
    mu.map((mj, j) => rows.reduce((sum, row) => sum + ((row[i] as number) - mi) * ((row[j] as number) - mj), 0) / n),
  );
  // Numbers of float32, as the graph holds them.
  const matrix = learnWhitening(covariance, shrink, varianceFloor).map((row) => Array.from(row, Math.fround));
  return { mu: mu.map(Math.fround), matrix };
}
