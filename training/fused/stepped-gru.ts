/** A GRU over all steps as one differentiable operation of few tfjs products, gates in plain loops; TensorFlow has no such kernel, and tfjs's own layer takes hundreds of operations. */
import type { Tensor, Tensor2D, Tensor3D } from '@tensorflow/tfjs';
import type { TensorFlow } from '../tensorflow/load.js';
import { known, rowsTimes, type Sequence, sigmoid, tanh, type Wanted } from './sequence.js';

/** What the gradient needs of the forward pass, [T B, H] each; row t * B + n is step t of example n. */
interface Tape {
  readonly z: Float32Array;
  readonly r: Float32Array;
  readonly candidate: Float32Array;
  /** r * h' */
  readonly reset: Float32Array;
  readonly h: Float32Array;
}

/**
 * z = sigmoid(x Wz + h' Uz + bz), r likewise, candidate = tanh(x W + (r h') U + b), h = z h' + (1 - z) candidate, gates in the order z, r, candidate: Cho et al. 2014 as tfjs has it. On any
 * backend. A GRU has no cells, so `cells` gives what `all` does.
 */
export function steppedGru(tf: TensorFlow, inputs: Sequence, wanted: Wanted): Tensor {
  const sequence = known(tf, inputs);
  const [T, B, I] = sequence.shape;
  const H = inputs.units;
  const lastStep = (T - 1) * B * H;
  const operation = tf.customGrad((...args: unknown[]) => {
    const [x, kernel, recurrent, bias, h0, save] = args as [
      Tensor3D,
      Tensor2D,
      Tensor2D,
      Tensor,
      Tensor2D,
      (saved: Tensor[]) => void,
    ];
    const tape = forward(x, kernel, recurrent, bias, h0);
    save([x, kernel, recurrent, h0]);
    return {
      value: wanted === 'last' ? tf.tensor2d(tape.h.slice(lastStep), [B, H]) : tf.tensor3d(tape.h, [T, B, H]),
      gradFunc: (dy: Tensor, saved: Tensor[]) => backward(tape, dy, saved),
    };
  });
  const { kernel, recurrent, bias } = inputs;
  return operation(sequence, kernel, recurrent, bias, (inputs.states?.[0] ?? tf.zeros([B, H])) as Tensor2D);

  function forward(x: Tensor3D, kernel: Tensor2D, recurrent: Tensor2D, bias: Tensor, h0: Tensor2D): Tape {
    const fromInput = tf.add(tf.matMul(tf.reshape(x, [T * B, I]), kernel), bias).dataSync<'float32'>();
    const [gates, candidates] = tf.split(recurrent, [2 * H, H], 1) as [Tensor2D, Tensor2D];
    const [z, r, candidate, reset, h] = Array.from({ length: 5 }, () => new Float32Array(T * B * H)) as Five;
    let before = h0.dataSync<'float32'>();
    for (let t = 0; t < T; t++) {
      const [from, to] = [t * B * H, (t + 1) * B * H];
      const inner = rowsTimes(tf, B, before, gates);
      for (let n = 0, s = from; n < B; n++)
        for (let j = 0, k = (t * B + n) * 3 * H, g = n * 2 * H; j < H; j++, k++, g++, s++) {
          z[s] = sigmoid((fromInput[k] as number) + (inner[g] as number));
          r[s] = sigmoid((fromInput[k + H] as number) + (inner[g + H] as number));
          reset[s] = (r[s] as number) * (before[s - from] as number);
        }
      const proposed = rowsTimes(tf, B, reset.subarray(from, to), candidates);
      for (let n = 0, s = from; n < B; n++)
        for (let j = 0, k = (t * B + n) * 3 * H + 2 * H; j < H; j++, k++, s++) {
          const kept = z[s] as number;
          candidate[s] = tanh((fromInput[k] as number) + (proposed[s - from] as number));
          h[s] = kept * (before[s - from] as number) + (1 - kept) * (candidate[s] as number);
        }
      before = h.subarray(from, to);
    }
    return { z, r, candidate, reset, h };
  }

  function backward({ z, r, candidate, reset, h }: Tape, dy: Tensor, saved: Tensor[]): Tensor[] {
    const [x, kernel, recurrent, h0] = saved as [Tensor3D, Tensor2D, Tensor2D, Tensor2D];
    const upstream = new Float32Array(T * B * H);
    upstream.set(dy.dataSync<'float32'>(), wanted === 'last' ? lastStep : 0);
    const first = h0.dataSync<'float32'>();
    const [gates, candidates] = tf.split(tf.transpose(recurrent), [2 * H, H], 0) as [Tensor2D, Tensor2D];
    // By what goes into each gate, [T B, 3 H]; of the step at hand, of z and r, and of the candidate.
    const all = new Float32Array(T * B * 3 * H);
    const both = new Float32Array(B * 2 * H);
    const proposed = new Float32Array(B * H);
    // What flows back to the step before.
    const dh = new Float32Array(B * H);
    for (let t = T - 1; t >= 0; t--) {
      const from = t * B * H;
      const before = t === 0 ? first : h.subarray(from - B * H, from);
      for (let n = 0, i = 0; n < B; n++)
        for (let j = 0, k = (t * B + n) * 3 * H, g = n * 2 * H; j < H; j++, k++, g++, i++) {
          const s = from + i;
          const [kept, value] = [z[s] as number, candidate[s] as number];
          const d = (upstream[s] as number) + (dh[i] as number);
          both[g] = d * ((before[i] as number) - value) * kept * (1 - kept);
          all[k] = both[g] as number;
          proposed[i] = d * (1 - kept) * (1 - value * value);
          all[k + 2 * H] = proposed[i] as number;
          dh[i] = d * kept;
        }
      const dReset = rowsTimes(tf, B, proposed, candidates);
      for (let n = 0, i = 0; n < B; n++)
        for (let j = 0, k = (t * B + n) * 3 * H + H, g = n * 2 * H + H; j < H; j++, k++, g++, i++) {
          const open = r[from + i] as number;
          both[g] = (dReset[i] as number) * (before[i] as number) * open * (1 - open);
          all[k] = both[g] as number;
          dh[i] = (dh[i] as number) + (dReset[i] as number) * open;
        }
      const back = rowsTimes(tf, B, both, gates);
      for (let i = 0; i < dh.length; i++) dh[i] = (dh[i] as number) + (back[i] as number);
    }
    const d = tf.tensor2d(all, [T * B, 3 * H]);
    const states = tf.concat([tf.reshape(h0, [1, B, H]), tf.tensor3d(h.subarray(0, lastStep), [T - 1, B, H])], 0);
    // The bias as the weight of an input of one: a sum over all rows takes longer than the product.
    const rows = tf.concat([x, states, tf.tensor3d(reset, [T, B, H]), tf.ones([T, B, 1])], 2);
    const product = tf.matMul(tf.reshape(rows, [T * B, I + 2 * H + 1]), d, true, false);
    return [
      tf.reshape(tf.matMul(d, kernel, false, true), [T, B, I]),
      tf.slice(product, [0, 0], [I, 3 * H]),
      tf.concat([tf.slice(product, [I, 0], [H, 2 * H]), tf.slice(product, [I + H, 2 * H], [H, H])], 1),
      tf.reshape(tf.slice(product, [I + 2 * H, 0], [1, 3 * H]), [3 * H]),
      tf.tensor2d(dh, [B, H]),
    ];
  }
}

type Five = [Float32Array, Float32Array, Float32Array, Float32Array, Float32Array];
