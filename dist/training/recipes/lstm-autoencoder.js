import { z } from 'zod';
import { defineRecipe, denoisingOptions, optimiserOptions } from './recipe.js';
import { trainReconstructor } from './reconstructor.js';
const options = z.strictObject({
    window: z.int().min(2).max(1024).default(16).describe('frames that are reconstructed together'),
    hidden: z.int().min(1).default(24).describe('memory cells of encoder and decoder'),
    code: z.int().min(1).default(6).describe('numbers that a window is packed into'),
    stride: z.int().min(1).default(4).describe('frames between the starts of two training windows'),
    ...denoisingOptions,
    ...optimiserOptions,
});
export const lstmAe = defineRecipe({
    name: 'lstm-ae',
    summary: 'LSTM autoencoder of a window of frames; judges the newest frame',
    options,
    span: ({ window }) => window,
    train: (options, data, context) => trainReconstructor(build(options, data.channels.length, context), options, data, context),
});
/** [N, T, 2C] -> [N, T, C] */
function build({ window, hidden, code }, C, { tf, initializer, label }) {
    const memory = () => ({
        name: label('lstm'),
        units: hidden,
        recurrentActivation: 'sigmoid',
        kernelInitializer: initializer(),
        recurrentInitializer: initializer(),
    });
    return tf.sequential({
        layers: [
            tf.layers.lstm({ ...memory(), inputShape: [window, 2 * C] }),
            tf.layers.dense({ name: label('dense'), units: code, activation: 'tanh', kernelInitializer: initializer() }),
            tf.layers.repeatVector({ name: label('repeatVector'), n: window }),
            tf.layers.lstm({ ...memory(), returnSequences: true }),
            tf.layers.dense({ name: label('dense'), units: C, kernelInitializer: initializer() }),
        ],
    });
}
//# sourceMappingURL=lstm-autoencoder.js.map