import { z } from 'zod';
import { trainForecaster } from './forecaster.js';
import { defineRecipe, optimiserOptions, spoilingOptions } from './recipe.js';
const options = z.strictObject({
    hidden: z
        .union([z.int().min(1), z.array(z.int().min(1)).min(1)])
        .default(32)
        .describe('memory cells; a list makes several layers'),
    window: z.int().min(4).max(4096).default(32).describe('frames that gradients flow back through'),
    stride: z.int().min(1).default(8).describe('frames between the starts of two training windows'),
    warmup: z.int().min(1).default(12).describe('frames after a reset that are not judged'),
    ...spoilingOptions,
    ...optimiserOptions,
});
const recurrentForecaster = (cell, summary) => defineRecipe({
    name: cell,
    summary,
    options,
    span: ({ window }) => window + 1,
    train: (options, data, context) => {
        const C = data.channels.length;
        return trainForecaster(build(cell, options, C, context), options, data, context);
    },
});
export const lstm = recurrentForecaster('lstm', 'LSTM that forecasts the next frame; one step a frame');
export const gru = recurrentForecaster('gru', 'like lstm, with gated recurrent units: fewer parameters');
export const rnn = recurrentForecaster('rnn', 'like lstm, with simple units: a baseline');
/** [N, T, 2C] -> [N, T, C]: after each frame the forecast of the next, in normal spreads. */
function build(cell, { hidden }, C, { tf, initializer, label }) {
    const recurrent = (units, i) => {
        const config = {
            name: label(cell),
            units,
            returnSequences: true,
            kernelInitializer: initializer(),
            recurrentInitializer: initializer(),
            ...(i === 0 ? { inputShape: [null, 2 * C] } : {}),
        };
        // tfjs defaults to the piecewise linear hardSigmoid.
        if (cell === 'lstm')
            return tf.layers.lstm({ ...config, recurrentActivation: 'sigmoid' });
        if (cell === 'gru')
            return tf.layers.gru({ ...config, recurrentActivation: 'sigmoid' });
        return tf.layers.simpleRNN(config);
    };
    return tf.sequential({
        layers: [
            [hidden].flat().map(recurrent),
            tf.layers.dense({ name: label('head'), units: C, kernelInitializer: initializer() }),
        ].flat(),
    });
}
