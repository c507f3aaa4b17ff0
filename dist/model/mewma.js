/** Multivariate exponentially weighted moving average of residuals (Lowry et al. 1992), whitened: the statistic for slow and small shifts. */
import { inverseSquareRoot } from './linalg.js';
/** Signals that move less than this, in units of their normal spread, are not divided by it. */
const varianceFloor = 1e-6;
/**
 * Symmetric inverse square root (ZCA, Kessy, Lewin & Strimmer 2018) of `(1 - shrink) * covariance + shrink * diag(covariance)`, so that
 * each whitened value stays as close as can be to its own signal, and shares of its square can be told as that signal's.
 */
export function learnWhitening(covariance, shrink) {
    const shrunk = covariance.map((row, i) => row.map((value, j) => (i === j ? value : (1 - shrink) * value)));
    return inverseSquareRoot(shrunk, varianceFloor);
}
/** One average a slot: S <- (1 - lambda) S + lambda r, from 0; a missing signal's residual is 0 and lets its average fade. */
export class Mewma {
    channels;
    lambda;
    whitening;
    /** [slots * C] */
    average = new Float64Array(0);
    constructor(options) {
        this.channels = options.whitening.length;
        this.lambda = options.lambda;
        this.whitening = Float64Array.from(options.whitening.flat());
    }
    /** Makes room for `slots` slots. */
    ensure(slots) {
        const size = slots * this.channels;
        if (size <= this.average.length)
            return;
        const grown = new Float64Array(Math.max(size, 2 * this.average.length));
        grown.set(this.average);
        this.average = grown;
    }
    reset(slot) {
        this.average.fill(0, slot * this.channels, (slot + 1) * this.channels);
    }
    /** Moves the average of `slot` by the residual at `from` of `residual`, and copies it to `to` of `into`. */
    smooth(slot, residual, from, into, to) {
        const { channels: C, average, lambda } = this;
        for (let c = 0; c < C; c++) {
            const i = slot * C + c;
            const next = average[i] + lambda * (residual[from + c] - average[i]);
            average[i] = next;
            into[to + c] = next;
        }
    }
    /** Like `smooth`, but writes the squares of the whitened average; returns their sum. */
    step(slot, residual, from, contribution, to) {
        const { channels: C, average, whitening } = this;
        this.smooth(slot, residual, from, contribution, to);
        let score = 0;
        for (let i = 0; i < C; i++) {
            let w = 0;
            for (let j = 0; j < C; j++)
                w += whitening[i * C + j] * average[slot * C + j];
            contribution[to + i] = w * w;
            score += w * w;
        }
        return score;
    }
}
//# sourceMappingURL=mewma.js.map