/** An LSTM over all steps as one differentiable operation of few tfjs products, gates in plain loops; tfjs's own layer takes hundreds of operations. */
import type { Tensor, Tensor2D, Tensor3D } from '@tensorflow/tfjs';
import type { TensorFlow } from '../tensorflow/load.js';
import { known, rowsTimes, type Sequence, sigmoid, tanh, type Wanted } from './sequence.js';

/** What the gradient needs of the forward pass; row t * B + n of each is step t of example n. */
interface Tape {
  /** [T B, 4 H] after their activations, in the order i, f, g, o */
  readonly gates: Float32Array;
  /** [T B, H] cells, their tanh, outputs */
  readonly c: Float32Array;
  readonly squashed: Float32Array;
  readonly h: Float32Array;
}

/** The same as `blockLstm`: z = [x, h] W + b in gates i, f, g, o; c = sigmoid(f) c' + sigmoid(i) tanh(g); h = sigmoid(o) tanh(c). On any backend. */
export function steppedLstm(tf: TensorFlow, inputs: Sequence, wanted: Wanted): Tensor {
  const sequence = known(tf, inputs);
  const [T, B, I] = sequence.shape;
  const H = inputs.units;
  const operation = tf.customGrad((...args: unknown[]) => {
    const [x, kernel, recurrent, bias, h0, c0, save] = args as [
      Tensor3D,
      Tensor2D,
      Tensor2D,
      Tensor,
      Tensor2D,
      Tensor2D,
      (saved: Tensor[]) => void,
    ];
    const tape = forward(x, kernel, recurrent, bias, h0, c0);
    const h = tf.tensor3d(tape.h, [T, B, H]);
    save([x, kernel, recurrent, h0, c0, h]);
    const value = {
      last: () => tf.tensor2d(tape.h.slice((T - 1) * B * H), [B, H]),
      all: () => h,
      cells: () => tf.concat([h, tf.tensor3d(tape.c, [T, B, H])], 2),
    }[wanted]();
    return { value, gradFunc: (dy: Tensor, saved: Tensor[]) => backward(tape, dy, saved) };
  });
  const { kernel, recurrent, bias } = inputs;
  const [h0, c0] = inputs.states ?? [tf.zeros([B, H]), tf.zeros([B, H])];
  return operation(sequence, kernel, recurrent, bias, h0 as Tensor2D, c0 as Tensor2D);

  function forward(x: Tensor3D, kernel: Tensor2D, recurrent: Tensor2D, bias: Tensor, h0: Tensor2D, c0: Tensor2D): Tape {
    const z = tf.add(tf.matMul(tf.reshape(x, [T * B, I]), kernel), bias).dataSync<'float32'>();
    const gates = new Float32Array(T * B * 4 * H);
    const [c, squashed, h] = [0, 0, 0].map(() => new Float32Array(T * B * H)) as [
      Float32Array,
      Float32Array,
      Float32Array,
    ];
    let cells = c0.dataSync<'float32'>();
    for (let t = 0; t < T; t++) {
      const fromState = rowsTimes(tf, B, t === 0 ? h0 : h.subarray((t - 1) * B * H, t * B * H), recurrent);
      for (let n = 0; n < B; n++)
        for (let j = 0, r = n * 4 * H, k = (t * B + n) * 4 * H, s = (t * B + n) * H; j < H; j++, r++, k++, s++) {
          const i = sigmoid((z[k] as number) + (fromState[r] as number));
          const f = sigmoid((z[k + H] as number) + (fromState[r + H] as number));
          const g = tanh((z[k + 2 * H] as number) + (fromState[r + 2 * H] as number));
          const o = sigmoid((z[k + 3 * H] as number) + (fromState[r + 3 * H] as number));
          const cell = f * (cells[n * H + j] as number) + i * g;
          const output = tanh(cell);
          gates[k] = i;
          gates[k + H] = f;
          gates[k + 2 * H] = g;
          gates[k + 3 * H] = o;
          c[s] = cell;
          squashed[s] = output;
          h[s] = o * output;
        }
      cells = c.subarray(t * B * H, (t + 1) * B * H);
    }
    return { gates, c, squashed, h };
  }

  function backward({ gates, c, squashed }: Tape, dy: Tensor, saved: Tensor[]): Tensor[] {
    const [x, kernel, recurrent, h0, c0, h] = saved as [Tensor3D, Tensor2D, Tensor2D, Tensor2D, Tensor2D, Tensor3D];
    const stride = wanted === 'cells' ? 2 * H : H;
    const upstream = new Float32Array(T * B * stride);
    upstream.set(dy.dataSync<'float32'>(), wanted === 'last' ? (T - 1) * B * H : 0);
    const firstCells = c0.dataSync<'float32'>();
    const back = tf.transpose(recurrent);
    const dz = new Float32Array(T * B * 4 * H);
    // What flows back to the step before.
    const dc = new Float32Array(B * H);
    let dh: Float32Array = new Float32Array(B * H);
    for (let t = T - 1; t >= 0; t--) {
      for (let n = 0; n < B; n++)
        for (
          let j = 0, k = (t * B + n) * 4 * H, s = (t * B + n) * H, u = (t * B + n) * stride;
          j < H;
          j++, k++, s++, u++
        ) {
          const i = gates[k] as number;
          const f = gates[k + H] as number;
          const g = gates[k + 2 * H] as number;
          const o = gates[k + 3 * H] as number;
          const output = squashed[s] as number;
          const before = (t === 0 ? firstCells[s] : c[s - B * H]) as number;
          const dOut = (upstream[u] as number) + (dh[n * H + j] as number);
          const dSide = wanted === 'cells' ? (upstream[u + H] as number) : 0;
          const dCell = (dc[n * H + j] as number) + dSide + dOut * o * (1 - output * output);
          dz[k] = dCell * g * i * (1 - i);
          dz[k + H] = dCell * before * f * (1 - f);
          dz[k + 2 * H] = dCell * i * (1 - g * g);
          dz[k + 3 * H] = dOut * output * o * (1 - o);
          dc[n * H + j] = dCell * f;
        }
      dh = rowsTimes(tf, B, dz.subarray(t * B * 4 * H, (t + 1) * B * 4 * H), back);
    }
    const all = tf.tensor2d(dz, [T * B, 4 * H]);
    const states = tf.concat([tf.reshape(h0, [1, B, H]), tf.slice(h, [0, 0, 0], [T - 1, B, H])], 0);
    // The bias as the weight of an input of one: a sum over all rows takes longer than the product.
    const inputs = tf.reshape(tf.concat([x, states, tf.ones([T, B, 1])], 2), [T * B, I + H + 1]);
    const [dKernel, dRecurrent, dBias] = tf.split(tf.matMul(inputs, all, true, false), [I, H, 1], 0) as [
      Tensor2D,
      Tensor2D,
      Tensor2D,
    ];
    return [
      tf.reshape(tf.matMul(all, kernel, false, true), [T, B, I]),
      dKernel,
      dRecurrent,
      tf.reshape(dBias, [4 * H]),
      tf.tensor2d(dh, [B, H]),
      tf.tensor2d(dc, [B, H]),
    ];
  }
}
