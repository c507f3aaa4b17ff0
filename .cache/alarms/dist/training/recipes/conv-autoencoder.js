import { z } from 'zod';
import { defineRecipe, denoisingOptions, optimiserOptions } from './recipe.js';
import { trainReconstructor } from './reconstructor.js';
const options = z
    .strictObject({
    window: z
        .int()
        .min(4)
        .max(4096)
        .default(32)
        .describe('frames that are reconstructed together; halved by each layer'),
    filters: z
        .array(z.int().min(1))
        .min(1)
        .default([16, 8])
        .describe('of the layers down to the code; mirrored on the way up'),
    kernel: z.int().min(1).default(5).describe('frames that a filter sees'),
    stride: z.int().min(1).default(2).describe('frames between the starts of two training windows'),
    ...denoisingOptions,
    ...optimiserOptions,
})
    .refine(({ window, filters }) => window % 2 ** filters.length === 0, {
    path: ['window'],
    message: 'must be a multiple of 2 for each layer of filters',
});
export const convAe = defineRecipe({
    name: 'conv-ae',
    summary: 'convolutional autoencoder of a window of frames; judges the newest frame',
    options,
    span: ({ window }) => window,
    train: (options, data, context) => trainReconstructor(build(options, data.channels.length, context), options, data, context),
});
/** [N, T, 2C] -> [N, T, C]; time is the height of an image one pixel wide, as tfjs has no transposed Conv1D. */
function build({ window, filters, kernel }, C, { tf, initializer, label }) {
    const shape = {
        kernelSize: [kernel, 1],
        strides: [2, 1],
        padding: 'same',
    };
    const down = filters.map((units) => tf.layers.conv2d({
        name: label('conv2d'),
        ...shape,
        filters: units,
        activation: 'elu',
        kernelInitializer: initializer(),
    }));
    const up = [...filters.toReversed().slice(1), filters[0] ?? 1].map((units) => tf.layers.conv2dTranspose({
        name: label('conv2dTranspose'),
        ...shape,
        filters: units,
        activation: 'elu',
        kernelInitializer: initializer(),
    }));
    return tf.sequential({
        layers: [
            tf.layers.reshape({ name: label('reshape'), targetShape: [window, 1, 2 * C], inputShape: [window, 2 * C] }),
            ...down,
            ...up,
            tf.layers.conv2d({ name: label('conv2d'), filters: C, kernelSize: [1, 1], kernelInitializer: initializer() }),
            tf.layers.reshape({ name: label('reshape'), targetShape: [window, C] }),
        ],
    });
}
//# sourceMappingURL=conv-autoencoder.js.map