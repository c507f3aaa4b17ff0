/** What recurrent layers that compute all steps in one operation have in common. */
import type { Tensor, Tensor2D, Tensor3D } from '@tensorflow/tfjs';
import type { TensorFlow } from '../tensorflow/load.js';

/** Weights as tfjs has them, of G gates each: four of an LSTM, three of a GRU. */
export interface Sequence {
  /** [T, B, I]; columns beyond those that `kernel` has rows for count for nothing */
  readonly x: Tensor3D;
  /** [I, G H] and [H, G H] */
  readonly kernel: Tensor2D;
  readonly recurrent: Tensor2D;
  /** [G H] */
  readonly bias: Tensor;
  /** H */
  readonly units: number;
  /** Before the first step, [B, H] each: h, and c of an LSTM; zeros where not given */
  readonly states?: readonly Tensor2D[] | undefined;
}

/**
 * `last`: output of the last step [B, H]; `all`: of all steps [T, B, H'] with H' >= H and zeros beyond H, which a copy would take off; `cells`: with the cell states behind [T, B, 2 H'],
 * which costs a copy of both.
 */
export type Wanted = 'last' | 'all' | 'cells';

/** All steps as one differentiable operation. */
export type SequenceOperation = (tf: TensorFlow, inputs: Sequence, wanted: Wanted) => Tensor;

/** `x` without the columns that `kernel` has no rows for. */
export function known(tf: TensorFlow, { x, kernel }: Sequence): Tensor3D {
  const [I] = kernel.shape;
  return x.shape[2] === I ? x : tf.slice(x, [0, 0, 0], [-1, -1, I]);
}

export const sigmoid = (value: number): number => 1 / (1 + Math.exp(-value));
/** Half the time of `Math.tanh`; within 1e-15. */
export const tanh = (value: number): number => 1 - 2 / (1 + Math.exp(2 * value));

/** `rows` [B, any] by `matrix`, out of tfjs. */
export function rowsTimes(tf: TensorFlow, B: number, rows: Tensor2D | Float32Array, matrix: Tensor2D): Float32Array {
  const left = rows instanceof Float32Array ? tf.tensor2d(rows, [B, rows.length / B]) : rows;
  const product = tf.matMul(left, matrix);
  // No tidy: it looks for tensors in each number of an array that is returned through it.
  const values = product.dataSync<'float32'>();
  tf.dispose(left === rows ? product : [left, product]);
  return values;
}
