/** An LSTM over all steps as one differentiable operation in plain loops, for tfjs's JavaScript backend, whose own takes hundreds of operations. */
import type { Tensor, Tensor3D } from '@tensorflow/tfjs';
import type { TensorFlow } from '../tensorflow/load.js';
import type { BlockLstm } from './kernel.js';

const sigmoid = (value: number): number => 1 / (1 + Math.exp(-value));

/** The same as `blockLstm`: z = [x, h] W + b in gates i, f, g, o; c = sigmoid(f) c' + sigmoid(i) tanh(g); h = sigmoid(o) tanh(c). */
export function plainLstm(tf: TensorFlow, { x, weights, bias, h0, c0 }: BlockLstm, withCells: boolean): Tensor3D {
  const [T, B, I] = x.shape;
  const H = h0.shape[1];
  const width = I + H;
  const operation = tf.customGrad((...args: unknown[]) => {
    const [xs, W, b, first, firstCell] = (args.slice(0, 5) as Tensor[]).map((tensor) => tensor.dataSync<'float32'>());
    const tape = forward(
      xs as Float32Array,
      W as Float32Array,
      b as Float32Array,
      first as Float32Array,
      firstCell as Float32Array,
    );
    const h = tf.tensor3d(tape.h, [T, B, H]);
    const value = withCells ? tf.concat([h, tf.tensor3d(tape.c, [T, B, H])], 2) : h;
    return { value, gradFunc: (dy: Tensor) => backward(tape, W as Float32Array, firstCell as Float32Array, dy) };
  });
  return operation(x, weights, bias, h0, c0) as Tensor3D;

  /** Row r = t * B + n of each: inputs and state [width], gates after their activations [4 H], cells, outputs. */
  interface Tape {
    readonly inputs: Float32Array;
    readonly gates: Float32Array;
    readonly c: Float32Array;
    readonly h: Float32Array;
  }

  function forward(xs: Float32Array, W: Float32Array, b: Float32Array, h0: Float32Array, c0: Float32Array): Tape {
    const rows = T * B;
    const inputs = new Float32Array(rows * width);
    const gates = new Float32Array(rows * 4 * H);
    const c = new Float32Array(rows * H);
    const h = new Float32Array(rows * H);
    for (let r = 0; r < rows; r++) {
      const [state, cell, before] = r < B ? [h0, c0, r * H] : [h, c, (r - B) * H];
      const input = inputs.subarray(r * width, (r + 1) * width);
      input.set(xs.subarray(r * I, (r + 1) * I));
      input.set(state.subarray(before, before + H), I);
      const z = gates.subarray(r * 4 * H, (r + 1) * 4 * H);
      z.set(b);
      for (let k = 0; k < width; k++) {
        const a = input[k] as number;
        if (a === 0) continue;
        for (let j = 0, w = k * 4 * H; j < 4 * H; j++, w++) z[j] = (z[j] as number) + a * (W[w] as number);
      }
      for (let j = 0; j < H; j++) {
        const i = sigmoid(z[j] as number);
        const f = sigmoid(z[H + j] as number);
        const g = Math.tanh(z[2 * H + j] as number);
        const o = sigmoid(z[3 * H + j] as number);
        const next = f * (cell[before + j] as number) + i * g;
        z[j] = i;
        z[H + j] = f;
        z[2 * H + j] = g;
        z[3 * H + j] = o;
        c[r * H + j] = next;
        h[r * H + j] = o * Math.tanh(next);
      }
    }
    return { inputs, gates, c, h };
  }

  function backward({ inputs, gates, c }: Tape, W: Float32Array, c0: Float32Array, dy: Tensor): Tensor[] {
    const upstream = dy.dataSync<'float32'>();
    const stride = withCells ? 2 * H : H;
    const dx = new Float32Array(T * B * I);
    const dW = new Float32Array(width * 4 * H);
    const db = new Float32Array(4 * H);
    // What flows back to the step before, a row an example.
    const dh = new Float32Array(B * H);
    const dc = new Float32Array(B * H);
    const dz = new Float32Array(4 * H);
    for (let r = T * B - 1; r >= 0; r--) {
      const n = (r % B) * H;
      const gate = gates.subarray(r * 4 * H, (r + 1) * 4 * H);
      for (let j = 0; j < H; j++) {
        const i = gate[j] as number;
        const f = gate[H + j] as number;
        const g = gate[2 * H + j] as number;
        const o = gate[3 * H + j] as number;
        const cell = Math.tanh(c[r * H + j] as number);
        const before = (r < B ? c0[r * H + j] : c[(r - B) * H + j]) as number;
        const dOut = (upstream[r * stride + j] as number) + (dh[n + j] as number);
        const dSide = withCells ? (upstream[r * stride + H + j] as number) : 0;
        const dCell = (dc[n + j] as number) + dSide + dOut * o * (1 - cell * cell);
        dz[j] = dCell * g * i * (1 - i);
        dz[H + j] = dCell * before * f * (1 - f);
        dz[2 * H + j] = dCell * i * (1 - g * g);
        dz[3 * H + j] = dOut * cell * o * (1 - o);
        dc[n + j] = dCell * f;
      }
      for (let j = 0; j < 4 * H; j++) db[j] = (db[j] as number) + (dz[j] as number);
      for (let k = 0; k < width; k++) {
        const a = inputs[r * width + k] as number;
        let sum = 0;
        for (let j = 0, w = k * 4 * H; j < 4 * H; j++, w++) {
          const d = dz[j] as number;
          sum += d * (W[w] as number);
          dW[w] = (dW[w] as number) + a * d;
        }
        if (k < I) dx[r * I + k] = sum;
        else dh[n + k - I] = sum;
      }
    }
    return [
      tf.tensor(dx, [T, B, I]),
      tf.tensor(dW, [width, 4 * H]),
      tf.tensor(db, bias.shape),
      tf.tensor(dh, [B, H]),
      tf.tensor(dc, [B, H]),
    ];
  }
}
