import { z } from 'zod';
import { Random } from '../../model/random.js';
/** A context whose random numbers depend on nothing but `seed` and `name`. */
export function trainingContext(tf, seed, name, progress) {
    const random = new Random(seed, name, 'weights');
    const initializer = () => tf.initializers.glorotUniform({ seed: Math.floor(random.uniform(1, 2 ** 31)) });
    let layers = 0;
    const label = (kind) => `${kind}_${++layers}`;
    return { tf, seed, name, progress, initializer, label };
}
/** Gives a recipe with typed options the form that fits a table. */
export function defineRecipe(recipe) {
    return {
        ...recipe,
        span: (options) => recipe.span(recipe.options.parse(options)),
        train: (options, data, context) => recipe.train(recipe.options.parse(options), data, context),
    };
}
/** How training inputs are spoiled, so that a network learns to do without a signal (Vincent et al. 2008). */
export const spoilingOptions = {
    dropSignal: z
        .number()
        .min(0)
        .lt(1)
        .default(0.3)
        .describe('probability that a signal is hidden from a training window; less makes a dead sensor look like a sick machine'),
    dropValue: z.number().min(0).lt(1).default(0.05).describe('probability that a value is hidden'),
    noise: z.number().min(0).default(0).describe('added to training inputs, in normal spreads'),
};
/** For autoencoders, which must not get away with passing their input through. */
export const denoisingOptions = {
    ...spoilingOptions,
    noise: spoilingOptions.noise.unwrap().default(0.1).describe('added to training inputs, in normal spreads'),
};
/** Hyper-parameters of every recipe that learns by gradient descent. */
export const optimiserOptions = {
    epochs: z.int().min(1).default(60).describe('most passes over the data'),
    patience: z.int().min(1).default(5).describe('passes without a better held-out loss that end training early'),
    batch: z.int().min(1).default(128).describe('windows of one gradient step'),
    learningRate: z.number().positive().default(0.003),
    optimiser: z.enum(['adam', 'sgd']).default('adam').describe('`sgd` has momentum 0.9'),
    clipNorm: z
        .number()
        .positive()
        .default(1)
        .describe('longest gradient (Pascanu et al. 2013); longer ones are shortened'),
};
//# sourceMappingURL=recipe.js.map