/** TensorFlow's fused LSTM kernels, BlockLSTMV2 and its gradient, as one differentiable tfjs operation. */
import type { Tensor, Tensor2D, Tensor3D, TensorInfo } from '@tensorflow/tfjs';
import type { TensorFlow } from '../tensorflow/load.js';

/** What is used of tfjs-node's backend; it is not in tfjs's types. */
interface NativeBackend {
  readonly binding: {
    readonly TF_ATTR_TYPE: number;
    readonly TF_ATTR_BOOL: number;
    readonly TF_ATTR_FLOAT: number;
    readonly TF_FLOAT: number;
    readonly TF_INT64: number;
    createTensor(shape: readonly number[], dtype: number, values: Int32Array): number;
  };
  readonly tensorMap: { set(dataId: object, info: object): void };
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

/** The kernels want the number of steps as int64, which tfjs has not; each number is made once and kept. */
const stepCounts = new WeakMap<NativeBackend, Map<number, TensorInfo>>();

function stepCount(backend: NativeBackend, steps: number): TensorInfo {
  const known = stepCounts.get(backend) ?? new Map<number, TensorInfo>();
  stepCounts.set(backend, known);
  const before = known.get(steps);
  if (before !== undefined) return before;
  const { binding } = backend;
  const id = binding.createTensor([], binding.TF_INT64, Int32Array.of(steps, 0));
  const info: TensorInfo = { dataId: {}, shape: [], dtype: 'int32' };
  backend.tensorMap.set(info.dataId, { shape: [], dtype: binding.TF_INT64, id, values: null, refCount: 1 });
  known.set(steps, info);
  return info;
}

export interface BlockLstm {
  /** [T, B, I] */
  readonly x: Tensor3D;
  /** [I, 4 H] and [H, 4 H], gates in the order i, f, g, o, which tfjs and BlockLSTMV2 share */
  readonly kernel: Tensor2D;
  readonly recurrent: Tensor2D;
  /** [4 H] */
  readonly bias: Tensor;
  /** [B, H] */
  readonly h0: Tensor2D;
  readonly c0: Tensor2D;
}

/** `last`: output of the last step [B, H]; `all`: of all steps [T, B, H]; `cells`: with the cell states behind [T, B, 2 H], which costs a copy of both. */
export type Wanted = 'last' | 'all' | 'cells';

/**
 * z = [x, h] W + b in gates i, f, g, o; c = sigmoid(f) c' + sigmoid(i) tanh(g); h = sigmoid(o) tanh(c), for all steps in one kernel, with gradients.
 *
 * BlockLSTMV2 has Keras' order of the gates, so tfjs's weights go in as they are. Its peephole weights are switched off. As tfjs differentiates operations of one output only,
 * and each operation that it sees costs as much as a small kernel, the weights are joined and the steps chosen in here.
 * @throws unless tfjs runs on native TensorFlow
 */
export function blockLstm(tf: TensorFlow, inputs: BlockLstm, wanted: Wanted): Tensor {
  const backend = nativeBackend(tf);
  if (backend === undefined) throw new Error('BlockLSTMV2 is a kernel of native TensorFlow');
  const [steps, batch, width] = inputs.x.shape;
  const units = inputs.h0.shape[1];
  const { binding } = backend;
  const type = { name: 'T', type: binding.TF_ATTR_TYPE, value: binding.TF_FLOAT };
  const peephole = { name: 'use_peephole', type: binding.TF_ATTR_BOOL, value: false };
  const clip = { name: 'cell_clip', type: binding.TF_ATTR_FLOAT, value: 0 };
  const count = stepCount(backend, steps);

  const operation = tf.customGrad((...args: unknown[]) => {
    const [x, kernel, recurrent, bias, h0, c0, save] = args as [...Six, (saved: Tensor[]) => void];
    const weights = tf.concat([kernel, recurrent], 0);
    const none = tf.zeros([units]);
    const outputs = backend.executeMultipleOutputs(
      'BlockLSTMV2',
      [type, peephole, clip],
      [count, x, c0, h0, weights, none, none, none, bias],
      7,
    );
    const [, cells, , , , , h] = outputs as [...Six, Tensor];
    // All that the gradient needs, the first state too: what is not saved is gone with the tidy around the forward pass.
    save([x, weights, bias, h0, c0, none, ...outputs]);
    const value = {
      last: () => tf.reshape(tf.slice(h, [steps - 1, 0, 0], [1, batch, units]), [batch, units]),
      all: () => h,
      cells: () => tf.concat([h, cells], 2),
    }[wanted]();
    return { value, gradFunc };
  });

  function gradFunc(dy: Tensor, saved: Tensor[]): Tensor[] {
    const [x, weights, bias, h0, c0, none, ...outputs] = saved as [...Six, ...Tensor[]];
    const zeros = () => tf.fill([steps, batch, units], 0);
    const [dh, dc] = {
      last: () => [
        tf.pad(tf.reshape(dy, [1, batch, units]), [
          [steps - 1, 0],
          [0, 0],
          [0, 0],
        ]),
        zeros(),
      ],
      all: () => [dy, zeros()],
      cells: () => tf.split(dy, 2, 2),
    }[wanted]() as [Tensor, Tensor];
    const gradients = backend?.executeMultipleOutputs(
      'BlockLSTMGradV2',
      [type, peephole],
      [count, x, c0, h0, weights, none, none, none, bias, ...outputs, dc, dh],
      8,
    );
    const [dx, dc0, dh0, dWeights, , , , dBias] = gradients as [...Six, Tensor, Tensor];
    return [dx, ...tf.split(dWeights, [width, units], 0), dBias, dh0, dc0];
  }

  const { x, kernel, recurrent, bias, h0, c0 } = inputs;
  return operation(x, kernel, recurrent, bias, h0, c0);
}

type Six = [Tensor, Tensor, Tensor, Tensor, Tensor, Tensor];
