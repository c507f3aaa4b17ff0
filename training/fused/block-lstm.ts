/** TensorFlow's fused LSTM kernels, BlockLSTMV2 and its gradient, as one differentiable tfjs operation. */
import type { Tensor, TensorInfo } from '@tensorflow/tfjs';
import type { TensorFlow } from '../tensorflow/load.js';
import type { Sequence, Wanted } from './sequence.js';

/** What is used of tfjs-node's backend; it is not in tfjs's types. */
interface NativeBackend {
  readonly binding: {
    readonly TF_ATTR_TYPE: number;
    readonly TF_ATTR_BOOL: number;
    readonly TF_ATTR_FLOAT: number;
    readonly TF_FLOAT: number;
    readonly TF_INT64: number;
    createTensor(shape: readonly number[], dtype: number, values: Int32Array | Float32Array): number;
  };
  readonly tensorMap: {
    set(dataId: object, info: object): void;
    /** `values`: numbers that have not gone to TensorFlow yet. */
    get(dataId: object): { readonly values: Float32Array | null };
  };
  executeMultipleOutputs(
    name: string,
    attributes: readonly { name: string; type: number; value: unknown }[],
    inputs: readonly (Tensor | TensorInfo)[],
    outputs: number,
  ): Tensor[];
}

/** Undefined unless tfjs runs on native TensorFlow. */
export function nativeBackend(tf: TensorFlow): NativeBackend | undefined {
  if (tf.getBackend() !== 'tensorflow') return undefined;
  return tf.backend() as unknown as NativeBackend;
}

/** What never changes is made once and kept, outside tfjs's accounts: zeros, and numbers as int64, which tfjs has not and the kernels want. */
const constants = new WeakMap<NativeBackend, Map<string, TensorInfo>>();

function constant(
  backend: NativeBackend,
  shape: number[],
  dtype: number,
  values: () => Int32Array | Float32Array,
): TensorInfo {
  const known = constants.get(backend) ?? new Map<string, TensorInfo>();
  constants.set(backend, known);
  const key = `${shape} ${dtype} ${shape.length === 0 ? values()[0] : 0}`;
  const before = known.get(key);
  if (before !== undefined) return before;
  const id = backend.binding.createTensor(shape, dtype, values());
  const info: TensorInfo = { dataId: {}, shape, dtype: dtype === backend.binding.TF_FLOAT ? 'float32' : 'int32' };
  backend.tensorMap.set(info.dataId, { shape, dtype, id, values: null, refCount: 1 });
  known.set(key, info);
  return info;
}

function zeros(backend: NativeBackend, ...shape: number[]): TensorInfo {
  const length = shape.reduce((product, size) => product * size, 1);
  return constant(backend, shape, backend.binding.TF_FLOAT, () => new Float32Array(length));
}

/**
 * H', the units that the kernel is given for H: those beyond have weights of zero, so that their cells and outputs stay zero.
 *
 * Rows of the weights lie 4 H floats apart. With multiples of 32 from 64 on, a column falls into few sets of the first cache, and the gradient, which reads columns, takes up to
 * twice the time; four units more move the rows apart.
 */
function storedUnits(units: number): number {
  return units >= 64 && units % 32 === 0 ? units + 4 : units;
}

/** Copies runs that begin `stride` numbers apart to where they begin `toStride` apart, of each what has room. */
function restride(from: Float32Array, stride: number, to: Float32Array, toStride: number): Float32Array {
  if (stride === toStride) {
    to.set(from);
    return to;
  }
  const size = Math.min(stride, toStride);
  for (let i = 0, k = 0; i < from.length; i += stride, k += toStride)
    for (let j = 0; j < size; j++) to[k + j] = from[i + j] as number;
  return to;
}

/**
 * z = [x, h] W + b in gates i, f, g, o; c = sigmoid(f) c' + sigmoid(i) tanh(g); h = sigmoid(o) tanh(c), for all steps in one kernel, with gradients.
 *
 * BlockLSTMV2 has Keras' order of the gates, so tfjs's weights go in as they are. Its peephole weights are switched off. As tfjs differentiates operations of one output only,
 * and each operation that it sees costs as much as a small kernel, the steps are chosen in here, and weights, which are in JavaScript anyway, joined and parted there.
 * @throws unless tfjs runs on native TensorFlow
 */
export function blockLstm(tf: TensorFlow, inputs: Sequence, wanted: Wanted): Tensor {
  const backend = nativeBackend(tf);
  if (backend === undefined) throw new Error('BlockLSTMV2 is a kernel of native TensorFlow');
  const { units } = inputs;
  const stored = storedUnits(units);
  const gates = 4 * stored;
  const [steps, batch, width] = inputs.x.shape;
  const [known] = inputs.kernel.shape;
  const { binding } = backend;
  const type = { name: 'T', type: binding.TF_ATTR_TYPE, value: binding.TF_FLOAT };
  const peephole = { name: 'use_peephole', type: binding.TF_ATTR_BOOL, value: false };
  const clip = { name: 'cell_clip', type: binding.TF_ATTR_FLOAT, value: 0 };
  const count = constant(backend, [], binding.TF_INT64, () => Int32Array.of(steps, 0));
  const none = zeros(backend, stored);
  const noState = zeros(backend, batch, stored);
  const lastStep = (steps - 1) * batch * stored;
  const states = (inputs.states ?? []).map((state) =>
    stored === units
      ? state
      : tf.pad(state, [
          [0, 0],
          [0, stored - units],
        ]),
  );

  const operation = tf.customGrad((...args: unknown[]) => {
    const save = args.pop() as (saved: Tensor[]) => void;
    const [x, kernel, recurrent, bias, ...given] = args as [Tensor, Tensor, Tensor, Tensor, ...Tensor[]];
    const [h0, c0] = [given[0] ?? noState, given[1] ?? noState];
    const joined = new Float32Array((width + stored) * gates);
    restride(kernel.dataSync<'float32'>(), units, joined, stored);
    restride(recurrent.dataSync<'float32'>(), units, joined.subarray(width * gates), stored);
    const weights = tf.tensor2d(joined, [width + stored, gates]);
    const biases = tf.tensor1d(restride(bias.dataSync<'float32'>(), units, new Float32Array(gates), stored));
    const outputs = backend.executeMultipleOutputs(
      'BlockLSTMV2',
      [type, peephole, clip],
      [count, x, c0, h0, weights, none, none, none, biases],
      7,
    );
    const [, cells, , , , , h] = outputs as [...Six, Tensor];
    // All that the gradient needs, the first state too: what is not saved is gone with the tidy around the forward pass.
    save([x, weights, biases, ...outputs, ...given]);
    const value = {
      last: () => {
        const numbers = h.dataSync<'float32'>().subarray(lastStep);
        return tf.tensor2d(restride(numbers, stored, new Float32Array(batch * units), units), [batch, units]);
      },
      all: () => h,
      cells: () => tf.concat([h, cells], 2),
    }[wanted]();
    return { value, gradFunc };
  });

  function gradFunc(dy: Tensor, saved: Tensor[]): Tensor[] {
    const [x, weights, biases, ...rest] = saved as [Tensor, Tensor, Tensor, ...Tensor[]];
    const [outputs, [h0 = noState, c0 = noState]] = [rest.slice(0, 7), rest.slice(7)];
    const [dh, dc = zeros(backend as NativeBackend, steps, batch, stored)] = {
      last: () => {
        const all = new Float32Array(steps * batch * stored);
        restride(dy.dataSync<'float32'>(), units, all.subarray(lastStep), stored);
        return [tf.tensor3d(all, [steps, batch, stored])];
      },
      all: () => [dy],
      cells: () => tf.split(dy, 2, 2),
    }[wanted]() as [Tensor, Tensor?];
    const gradients = backend?.executeMultipleOutputs(
      'BlockLSTMGradV2',
      [type, peephole],
      [count, x, c0, h0, weights, none, none, none, biases, ...outputs, dc, dh],
      8,
    );
    const [dx, dc0, dh0, dWeights, , , , dBias] = gradients as [...Six, Tensor, Tensor];
    const values = dWeights.dataSync<'float32'>();
    const rows = (from: number, count: number) => {
      const part = values.subarray(from * gates, (from + count) * gates);
      return tf.tensor2d(restride(part, stored, new Float32Array(count * 4 * units), units), [count, 4 * units]);
    };
    return [
      dx,
      rows(0, known),
      rows(width, units),
      tf.tensor1d(restride(dBias.dataSync<'float32'>(), stored, new Float32Array(4 * units), units)),
      ...(states.length === 0 ? [] : [dh0, dc0]),
    ];
  }

  const { x, kernel, recurrent, bias } = inputs;
  return operation(x, kernel, recurrent, bias, ...states);
}

type Six = [Tensor, Tensor, Tensor, Tensor, Tensor, Tensor];
