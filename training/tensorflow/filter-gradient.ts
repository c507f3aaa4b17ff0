/** The gradient of a convolution by its filter in plain loops: WebAssembly has none, and tfjs's in JavaScript looks up each number by its coordinates, which takes fifty times as long. */
import type { KernelBackend, TensorInfo } from '@tensorflow/tfjs';

type TensorFlow = typeof import('@tensorflow/tfjs');

interface Attributes {
  readonly strides: [number, number] | number;
  readonly pad: 'valid' | 'same' | number;
  readonly dimRoundingMode?: 'floor' | 'round' | 'ceil';
  readonly filterShape: [number, number, number, number];
}

/** For channels last, as all convolutions are in WebAssembly. */
export function loopFilterGradient(tf: TensorFlow): void {
  tf.registerKernel({
    kernelName: 'Conv2DBackpropFilter',
    backendName: 'wasm',
    kernelFunc: ({ inputs, attrs, backend }) => {
      const { x, dy } = inputs as { x: TensorInfo; dy: TensorInfo };
      const wasm = backend as KernelBackend;
      const read = ({ dataId }: TensorInfo) => wasm.readSync(dataId) as Float32Array;
      const attributes = attrs as unknown as Attributes;
      const values = filterGradient(tf, read(x), x.shape as Shape, read(dy), attributes);
      const { filterShape: shape } = attributes;
      return { dataId: wasm.write(values, shape, 'float32'), shape, dtype: 'float32' };
    },
  });
}

type Shape = [number, number, number, number];

/** dW[kh, kw, i, o] = sum over examples n and places p of x[n, stride p + k - pad, i] dy[n, p, o]; x [N, H, W, I], dy [N, H', W', O] -> [KH, KW, I, O] */
function filterGradient(
  tf: TensorFlow,
  x: Float32Array,
  xShape: Shape,
  dy: Float32Array,
  { strides, pad, dimRoundingMode, filterShape }: Attributes,
): Float32Array {
  const info = tf.backend_util.computeConv2DInfo(xShape, filterShape, strides, 1, pad, dimRoundingMode);
  const { batchSize: N, inHeight, inWidth, outHeight, outWidth, strideHeight, strideWidth, padInfo } = info;
  const [KH, KW, I, O] = filterShape;
  const sums = new Float64Array(KH * KW * I * O);
  for (let kh = 0; kh < KH; kh++)
    for (let kw = 0; kw < KW; kw++) {
      const place = (kh * KW + kw) * I * O;
      for (let n = 0; n < N; n++)
        for (let h = 0; h < outHeight; h++) {
          const fromH = h * strideHeight + kh - padInfo.top;
          if (fromH < 0 || fromH >= inHeight) continue;
          for (let w = 0; w < outWidth; w++) {
            const fromW = w * strideWidth + kw - padInfo.left;
            if (fromW < 0 || fromW >= inWidth) continue;
            const from = ((n * inHeight + fromH) * inWidth + fromW) * I;
            const to = ((n * outHeight + h) * outWidth + w) * O;
            for (let i = 0, at = place; i < I; i++, at += O) {
              const value = x[from + i] as number;
              for (let o = 0; o < O; o++) sums[at + o] = (sums[at + o] as number) + value * (dy[to + o] as number);
            }
          }
        }
    }
  return Float32Array.from(sums);
}
