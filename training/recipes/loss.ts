/** Losses in plain loops, with their gradients: as tfjs operations they would take thirty, each dearer than a network's small numbers. */
import type { Scalar, Tensor } from '@tensorflow/tfjs';
import type { TensorFlow } from '../tensorflow/load.js';

/** Errors beyond this many normal spreads count linearly, so that a glitch in the training data does not steer. */
const delta = 1;

/**
 * Huber (1964), over known values only: mean over entries with weight 1.
 * @param predicted [B, L, C] or any shape; `target` and `weight` are as long
 * @param count of the known entries, if these are a part and the share of the whole is asked for
 */
export function maskedHuber(
  tf: TensorFlow,
  predicted: Tensor,
  target: Float32Array,
  weight: Float32Array,
  count = weight.reduce((sum, one) => sum + one, 0),
): Scalar {
  const known = Math.max(count, 1);
  return plainLoss(tf, predicted, (values, gradient) => {
    let sum = 0;
    for (let i = 0; i < values.length; i++) {
      const w = weight[i] as number;
      // A missing value has a target that is no number.
      if (w === 0) continue;
      const error = (values[i] as number) - (target[i] as number);
      const quadratic = Math.max(-delta, Math.min(delta, error));
      sum += w * quadratic * (error - quadratic / 2);
      gradient[i] = (w * quadratic) / known;
    }
    return sum / known;
  });
}

/** Mean of the squares. @param count of all entries, if these are a part and the share of the whole is asked for */
export function meanSquare(tf: TensorFlow, predicted: Tensor, target: Float32Array, count = target.length): Scalar {
  return plainLoss(tf, predicted, (values, gradient) => {
    let sum = 0;
    for (let i = 0; i < values.length; i++) {
      const error = (values[i] as number) - (target[i] as number);
      sum += error * error;
      gradient[i] = (2 * error) / count;
    }
    return sum / count;
  });
}

/** @param evaluate writes the gradient by each of `values`, zeros at first, and returns the loss */
function plainLoss(
  tf: TensorFlow,
  predicted: Tensor,
  evaluate: (values: Float32Array, gradient: Float32Array) => number,
): Scalar {
  const loss = tf.customGrad((...args: unknown[]) => {
    const [tensor, save] = args as [Tensor, (saved: Tensor[]) => void];
    const gradient = new Float32Array(tensor.size);
    const value = tf.scalar(evaluate(tensor.dataSync<'float32'>(), gradient));
    save([tf.tensor(gradient, tensor.shape)]);
    return {
      value,
      gradFunc: (dy: Tensor, [saved]: Tensor[]) => tf.mul(saved as Tensor, dy),
    };
  });
  return loss(predicted) as Scalar;
}
