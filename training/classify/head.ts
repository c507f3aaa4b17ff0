/** The classifier's head, trained by gradient descent: one hidden layer, softmax (Bridle 1990), cross-entropy. */
import type { LayersModel, Tensor, Tensor2D } from '@tensorflow/tfjs';
import { optimise } from '../optimise.js';
import { silent } from '../progress.js';
import { predict } from '../recipes/predict.js';
import { trainingContext } from '../recipes/recipe.js';
import type { TensorFlow } from '../tensorflow/load.js';
import type { Example } from './example.js';
import { perceptron, type Weights } from './perceptron.js';

const hidden = 24;
/** A class is not more certain than this: one that is wrong with certainty is no use to anybody (Szegedy et al. 2016). */
const smoothing = 0.1;
const decay = 1e-3;
const settings = { epochs: 40, patience: 40, batch: 64, learningRate: 0.01, optimiser: 'adam', clipNorm: 1 } as const;

/** @param examples standardised features [F] and class; @returns the weights of a perceptron [F] -> [K] */
export async function trainHead(
  tf: TensorFlow,
  examples: readonly Example[],
  classes: number,
  seed: number,
  name: string,
): Promise<Weights> {
  const context = trainingContext(tf, seed, name, silent);
  const F = examples[0]?.features.length ?? 0;
  const dense = (units: number, more: object) =>
    tf.layers.dense({ name: context.label('dense'), units, kernelInitializer: context.initializer(), ...more });
  const model = tf.sequential({
    layers: [dense(hidden, { activation: 'tanh', inputShape: [F] }), dense(classes, {})],
  });
  const loss = (rows: readonly number[]) => {
    const chosen = rows.map((row) => examples[row] as Example);
    const x = tf.tensor2d(chosen.map(({ features }) => [...features]));
    const wanted = tf.oneHot(
      tf.tensor1d(
        chosen.map(({ label }) => label),
        'int32',
      ),
      classes,
    );
    const entropy = tf.losses.softmaxCrossEntropy(wanted, predict(model, x), undefined, smoothing);
    return tf.add(entropy, tf.mul(decay, squares(tf, model))).asScalar();
  };
  try {
    // Examples are few, and none is spared to stop by: weights are held small instead.
    await optimise(model, { count: examples.length, loss }, { count: 0, loss }, settings, context);
    return model.getWeights().map((weight) => Float32Array.from(weight.dataSync())) as unknown as Weights;
  } finally {
    model.dispose();
  }
}

function squares(tf: TensorFlow, model: LayersModel): Tensor {
  const kernels = model.trainableWeights.map((weight) => weight.read()).filter(({ rank }) => rank === 2);
  return tf.addN(kernels.map((kernel) => tf.sum(tf.square(kernel as Tensor2D))));
}

/** The head in plain loops: probabilities of one burst. @param features standardised */
export function probabilities(weights: Weights, features: readonly number[]): number[] {
  const logits = perceptron(weights, features);
  const most = Math.max(...logits);
  const powers = logits.map((logit) => Math.exp(logit - most));
  const total = powers.reduce((sum, power) => sum + power, 0);
  return powers.map((power) => power / total);
}
