/** TensorFlow.js in WebAssembly, made fit for training: it lacks kernels, and multiplies transposed matrices in slow loops. */
import { createRequire } from 'node:module';
import { dirname, join, sep } from 'node:path';
import type { KernelBackend, KernelConfig, NamedTensorInfoMap, TensorInfo } from '@tensorflow/tfjs';
import { loopFilterGradient } from './filter-gradient.js';

type TensorFlow = typeof import('@tensorflow/tfjs');

/** Ready on one thread, with SIMD where Node has it; needs no download and no compiler. */
export async function startWasm(tf: TensorFlow): Promise<void> {
  const { setWasmPaths } = (await import('@tensorflow/tfjs-backend-wasm')).default;
  const file = createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm/package.json');
  setWasmPaths(join(dirname(file), 'wasm-out', sep));
  await tf.setBackend('wasm');
  await tf.ready();
  loopFilterGradient(tf);
  borrowKernels(tf);
  transposeFirst(tf);
}

/** Its maximum of negative numbers is 0. */
const wrongKernels = ['MaxPool3D'];

/** Kernels that only the JavaScript backend has, mostly gradients of convolutions, work on copies there. */
function borrowKernels(tf: TensorFlow): void {
  const cpu = tf.findBackend('cpu');
  for (const name of wrongKernels) tf.unregisterKernel(name, 'wasm');
  for (const lent of tf.getKernelsForBackend('cpu'))
    if (tf.getKernel(lent.kernelName, 'wasm') === undefined)
      tf.registerKernel({ ...lent, backendName: 'wasm', kernelFunc: borrowed(lent, cpu) });
}

function borrowed({ kernelFunc }: KernelConfig, cpu: KernelBackend): KernelConfig['kernelFunc'] {
  return ({ inputs, attrs, backend }) => {
    const wasm = backend as KernelBackend;
    const copies = Object.entries(inputs).map(([key, info]) => [key, copy(info as TensorInfo, wasm, cpu)] as const);
    // Kernels of any number of inputs take an array.
    const copied = Array.isArray(inputs) ? copies.map(([, info]) => info) : Object.fromEntries(copies);
    const outputs = [
      kernelFunc({ inputs: copied as NamedTensorInfoMap, backend: cpu, ...(attrs && { attrs }) }),
    ].flat();
    const results = outputs.map((info) => copy(info, cpu, wasm));
    for (const { dataId } of [...outputs, ...copies.map(([, info]) => info)]) cpu.disposeData(dataId, true);
    return results.length === 1 ? (results[0] as TensorInfo) : results;
  };
}

function copy({ dataId, shape, dtype }: TensorInfo, from: KernelBackend, to: KernelBackend): TensorInfo {
  return { dataId: to.write(from.readSync(dataId), shape, dtype), shape, dtype };
}

/** XNNPACK multiplies matrices as they are, ten times as fast as the backend's own loops multiply transposed ones; every gradient of a product has one. */
function transposeFirst(tf: TensorFlow): void {
  const product = tf.getKernel('BatchMatMul', 'wasm');
  const { kernelFunc: transpose } = tf.getKernel('Transpose', 'wasm');
  tf.unregisterKernel('BatchMatMul', 'wasm');
  tf.registerKernel({
    ...product,
    kernelFunc: ({ inputs, attrs, backend }) => {
      const { transposeA, transposeB } = attrs as unknown as {
        readonly transposeA: boolean;
        readonly transposeB: boolean;
      };
      const straight = (x: TensorInfo, isTransposed: boolean): TensorInfo => {
        if (!isTransposed) return x;
        const axes = x.shape.map((_, axis) => axis);
        const perm = [...axes.slice(0, -2), ...axes.slice(-2).reverse()];
        return transpose({ inputs: { x }, attrs: { perm }, backend }) as TensorInfo;
      };
      const { a, b } = inputs as { a: TensorInfo; b: TensorInfo };
      const [left, right] = [straight(a, transposeA), straight(b, transposeB)];
      const result = product.kernelFunc({
        inputs: { a: left, b: right },
        attrs: { transposeA: false, transposeB: false },
        backend,
      });
      if (left !== a) (backend as KernelBackend).disposeData(left.dataId);
      if (right !== b) (backend as KernelBackend).disposeData(right.dataId);
      return result;
    },
  });
}
