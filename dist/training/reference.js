import { predict } from './recipes/predict.js';
import { inputLimit } from './scaler.js';
/**
 * The outputs that a detector's graph must have for `x` [N, T, C], from no memory. A recurrent forecaster judges every frame by the forecast after the
 * frame before; before the first it expects what is normal. A reconstructor judges the newest frame.
 */
export function referenceOutputs(tf, model, task, scaler, whitening, x) {
    const [N = 0, T = 0, C = 0] = x.dims;
    const z = x.data.map((raw, i) => (raw - scaler.center[i % C]) / scaler.scale[i % C]);
    const input = new Float32Array(N * T * 2 * C);
    z.forEach((value, i) => {
        if (Number.isNaN(value))
            return;
        const at = Math.floor(i / C) * 2 * C + (i % C);
        input[at] = Math.min(inputLimit, Math.max(-inputLimit, value));
        input[at + C] = 1;
    });
    const predicted = tf.tidy(() => predict(model, tf.tensor3d(input, [N, T, 2 * C])).dataSync());
    const frames = task === 'forecaster' ? T : 1;
    const [score, ...others] = [1, C, C, C].map((width) => new Float32Array(N * frames * width));
    const [contribution, expected, residual] = others;
    for (let n = 0; n < N; n++) {
        for (let k = 0; k < frames; k++) {
            const t = task === 'forecaster' ? k : T - 1;
            const from = task === 'forecaster' ? t - 1 : t;
            const row = n * frames + k;
            const deviation = whitening.mu.map((mu, c) => {
                const forecast = from < 0 ? 0 : predicted[(n * T + from) * C + c];
                const value = z[(n * T + t) * C + c];
                expected[row * C + c] = forecast * scaler.scale[c] + scaler.center[c];
                if (Number.isNaN(value))
                    return 0;
                residual[row * C + c] = value - forecast;
                return value - forecast - mu;
            });
            for (let c = 0; c < C; c++) {
                if (Number.isNaN(z[(n * T + t) * C + c]))
                    continue;
                const white = deviation.reduce((sum, e, i) => sum + e * whitening.matrix[i]?.[c], 0);
                contribution[row * C + c] = white * white;
                score[row] = score[row] + white * white;
            }
        }
    }
    return { score: score, contribution, expected, residual };
}
//# sourceMappingURL=reference.js.map