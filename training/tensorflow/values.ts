/** Numbers out of tfjs. */
import type { Tensor } from '@tensorflow/tfjs';
import type { TensorFlow } from './load.js';

/**
 * Values of the tensors that `compute` returns, flat; no tensor stays. `tf.tidy` looks for tensors in whatever its function returns, at some 150 ns an element of a
 * typed array, so numbers had better not be returned from it.
 */
export function valuesOf(tf: TensorFlow, compute: () => readonly Tensor[]): Float32Array[] {
  const tensors = tf.tidy(() => [...compute()]);
  return tensors.map((tensor) => {
    const values = tensor.dataSync<'float32'>().slice();
    tensor.dispose();
    return values;
  });
}
