/** The loss of forecasts and reconstructions: Huber (1964), over known values only. */
import type { Scalar, Tensor } from '@tensorflow/tfjs';
import type { TensorFlow } from '../tensorflow/load.js';

/** Errors beyond this many normal spreads count linearly, so that a glitch in the training data does not steer. */
const delta = 1;

/** Mean over entries with weight 1; all three of one shape, as [B, L, C]. @param count of the entries, if these are a part and the share of the whole is asked for */
export function maskedHuber(tf: TensorFlow, predicted: Tensor, target: Tensor, weight: Tensor, count?: number): Scalar {
  const error = tf.abs(tf.sub(predicted, target));
  const quadratic = tf.minimum(error, delta);
  const linear = tf.sub(error, quadratic);
  const each = tf.add(tf.mul(0.5, tf.square(quadratic)), tf.mul(delta, linear));
  return tf.div(tf.sum(tf.mul(each, weight)), tf.maximum(count ?? tf.sum(weight), 1)).asScalar();
}
