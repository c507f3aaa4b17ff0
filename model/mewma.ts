/** Multivariate exponentially weighted moving average of residuals (Lowry et al. 1992), whitened. */

export interface MewmaOptions {
  readonly lambda: number;
  /** C x C symmetric. */
  readonly whitening: readonly (readonly number[])[];
}

/** Symmetric inverse square root (ZCA, Kessy et al. 2018) of (1 - shrink) C + shrink diag C. */
export function learnWhitening(_covariance: readonly (readonly number[])[], _shrink: number): number[][] {
  throw new Error('not built yet');
}

export class Mewma {
  constructor(readonly options: MewmaOptions) {}

  ensure(_slots: number): void {
    throw new Error('not built yet');
  }

  reset(_slot: number): void {
    throw new Error('not built yet');
  }

  /** Takes row `row` of `residual` [n*C]; writes the squared whitened average to the same row of `contribution`; returns their sum. */
  step(_slot: number, _row: number, _residual: Float32Array, _contribution: Float32Array): number {
    throw new Error('not built yet');
  }
}
