/** Linear dense layers as one differentiable operation of two kernels and three for the gradient; tfjs's own takes some fifteen, each of which costs what a small product does. */
import type { layers, Tensor, Tensor2D } from '@tensorflow/tfjs';
import type { TensorFlow } from '../tensorflow/load.js';
import { nativeBackend } from './block-lstm.js';

interface DenseLayer extends layers.Layer {
  call(inputs: Tensor | Tensor[], kwargs: object): Tensor | Tensor[];
}

/** Makes `layer`, if it is a linear dense one with a bias, take its input [N, I] in one operation where tfjs runs on native TensorFlow. */
export function fuseDense(tf: TensorFlow, layer: layers.Layer): void {
  const { activation, useBias } = layer.getConfig();
  const dense = layer as DenseLayer;
  if (layer.getClassName() !== 'Dense' || activation !== 'linear' || useBias !== true) return;
  // Done before.
  if (Object.hasOwn(dense, 'call')) return;
  const stock = dense.call.bind(dense);
  dense.call = (inputs, kwargs) => {
    const [input, ...others] = [inputs].flat() as [Tensor, ...Tensor[]];
    if (others.length > 0 || input.rank !== 2 || nativeBackend(tf) === undefined) return stock(inputs, kwargs);
    const [kernel, bias] = dense.weights.map((weight) => weight.read()) as [Tensor2D, Tensor];
    return tf.tidy(() => affine(tf, input as Tensor2D, kernel, bias));
  };
}

/** x W + b */
function affine(tf: TensorFlow, x: Tensor2D, kernel: Tensor2D, bias: Tensor): Tensor {
  const backend = nativeBackend(tf);
  if (backend === undefined) throw new Error('MatMul is a kernel of native TensorFlow');
  const { binding } = backend;
  const type = { name: 'T', type: binding.TF_ATTR_TYPE, value: binding.TF_FLOAT };
  const run = (
    name: string,
    inputs: Tensor[],
    attributes: readonly { name: string; type: number; value: unknown }[] = [],
  ) => backend.executeMultipleOutputs(name, [type, ...attributes], inputs, 1)[0] as Tensor;
  const product = (a: Tensor, b: Tensor, turnA = false, turnB = false) =>
    run(
      'MatMul',
      [a, b],
      [
        { name: 'transpose_a', type: binding.TF_ATTR_BOOL, value: turnA },
        { name: 'transpose_b', type: binding.TF_ATTR_BOOL, value: turnB },
      ],
    );
  const operation = tf.customGrad((...args: unknown[]) => {
    const [x, kernel, bias, save] = args as [Tensor, Tensor, Tensor, (saved: Tensor[]) => void];
    save([x, kernel]);
    return {
      value: run('BiasAdd', [product(x, kernel), bias]),
      gradFunc: (dy: Tensor, [x, kernel]: Tensor[]) => [
        product(dy, kernel as Tensor, false, true),
        product(x as Tensor, dy, true, false),
        run('BiasAddGrad', [dy]),
      ],
    };
  });
  return operation(x, kernel, bias);
}
