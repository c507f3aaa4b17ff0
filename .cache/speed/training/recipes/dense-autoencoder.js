import { z } from 'zod';
import { defineRecipe, denoisingOptions, optimiserOptions } from './recipe.js';
import { trainReconstructor } from './reconstructor.js';
const options = z.strictObject({
    window: z.int().min(1).max(1024).default(8).describe('frames that are reconstructed together'),
    hidden: z
        .array(z.int().min(1))
        .default([64, 32])
        .describe('units of the layers down to the bottleneck; mirrored on the way up'),
    bottleneck: z.int().min(1).optional().describe('default: half the number of signals, and two more for movement'),
    activation: z.enum(['tanh', 'relu', 'elu']).default('tanh'),
    stride: z.int().min(1).default(2).describe('frames between the starts of two training windows'),
    ...denoisingOptions,
    ...optimiserOptions,
});
export const denseAe = defineRecipe({
    name: 'dense-ae',
    summary: 'dense autoencoder of a window of frames; judges the newest frame',
    options,
    span: ({ window }) => window,
    train: (options, data, context) => trainReconstructor(build(options, data.channels.length, context), options, data, context),
});
/** [N, T, 2C] -> [N, T, C] */
function build(shape, C, { tf, initializer, label }) {
    const { window, hidden, activation } = shape;
    const bottleneck = shape.bottleneck ?? Math.ceil(C / 2) + 2;
    const dense = (units) => tf.layers.dense({ name: label('dense'), units, activation, kernelInitializer: initializer() });
    return tf.sequential({
        layers: [
            tf.layers.flatten({ name: label('flatten'), inputShape: [window, 2 * C] }),
            ...hidden.map(dense),
            dense(bottleneck),
            ...hidden.toReversed().map(dense),
            tf.layers.dense({ name: label('dense'), units: window * C, kernelInitializer: initializer() }),
            tf.layers.reshape({ name: label('reshape'), targetShape: [window, C] }),
        ],
    });
}
