/** What a detector graph must give, computed beside onnxruntime: plain loops around the network in tfjs. */
import type { LayersModel } from '@tensorflow/tfjs';
import type { TensorFlow } from '../tensorflow/load.js';
import { valuesOf } from '../tensorflow/values.js';
import type { DetectorOptions } from './detector.js';
import { farLimit, inputLimit } from './frames.js';
import { frameInput } from './network.js';
import { noWhitening } from './scores.js';

export type DetectorForm = 'forecaster' | 'window-forecaster' | 'reconstructor';

export interface ReferenceOutputs {
  readonly score: Float32Array;
  readonly contribution: Float32Array;
  readonly expected: Float32Array;
  readonly residual: Float32Array;
}

/**
 * The outputs of `forecasterGraph` (from a state of zeros, without `state_out`), `windowForecasterGraph` or `reconstructorGraph`.
 * @param x [n, T, C] row by row, NaN = missing
 */
export function referenceOutputs(
  tf: TensorFlow,
  form: DetectorForm,
  options: DetectorOptions,
  x: Float32Array,
  n: number,
): ReferenceOutputs {
  const { center, scale, model, whitening = noWhitening(center.length), limit = inputLimit } = options;
  const C = center.length;
  const T = x.length / (n * C);
  const known = x.map((value) => (Number.isFinite(value) ? 1 : 0));
  const scaled = x.map((value, i) =>
    known[i] === 1 ? clip((value - at(center, i % C)) / at(scale, i % C), farLimit) : 0,
  );

  const K = form === 'forecaster' ? T : 1;
  const expectedScaled = new Float32Array(n * K * C);
  const judged = new Float32Array(n * K * C);
  const inputFrames = form === 'window-forecaster' ? T - 1 : T;
  const outputs = predict(tf, model, networkInput(), n, inputFrames);
  const outputFrames = outputs.length / (n * C);
  for (let row = 0; row < n; row++) {
    for (let k = 0; k < K; k++) {
      const frame = form === 'forecaster' ? k : T - 1;
      const from = form === 'forecaster' ? k - 1 : outputFrames - 1;
      for (let c = 0; c < C; c++) {
        const i = (row * K + k) * C + c;
        judged[i] = at(known, (row * T + frame) * C + c);
        if (from >= 0) expectedScaled[i] = clip(at(outputs, (row * outputFrames + from) * C + c), farLimit);
      }
    }
  }
  const residual = judged.map((flag, i) => {
    const frame = form === 'forecaster' ? Math.floor(i / C) % K : T - 1;
    const row = Math.floor(i / (K * C));
    return flag * (at(scaled, (row * T + frame) * C + (i % C)) - at(expectedScaled, i));
  });
  const centered = residual.map((value, i) => at(judged, i) * (value - at(whitening.mu, i % C)));
  const contribution = centered.map((_, i) => {
    const start = i - (i % C);
    let white = 0;
    for (let c = 0; c < C; c++) white += at(centered, start + c) * (whitening.matrix[c]?.[i % C] ?? Number.NaN);
    return at(judged, i) * white * white;
  });
  return {
    score: Float32Array.from({ length: n * K }, (_, i) =>
      contribution.subarray(i * C, (i + 1) * C).reduce((sum, share) => sum + share, 0),
    ),
    contribution,
    expected: expectedScaled.map((value, i) => value * at(scale, i % C) + at(center, i % C)),
    residual,
  };

  function networkInput(): Float32Array {
    const { masked } = frameInput(model, C);
    const width = masked ? 2 * C : C;
    const input = new Float32Array(n * inputFrames * width);
    for (let row = 0; row < n; row++)
      for (let t = 0; t < inputFrames; t++)
        for (let c = 0; c < C; c++) {
          const from = (row * T + t) * C + c;
          const to = (row * inputFrames + t) * width + c;
          input[to] = clip(at(scaled, from), limit);
          if (masked) input[to + C] = at(known, from);
        }
    return input;
  }
}

/** [n, T, C] or [n, C], flat. */
function predict(tf: TensorFlow, model: LayersModel, input: Float32Array, n: number, frames: number): Float32Array {
  const [first] = valuesOf(tf, () => {
    const output = model.predict(tf.tensor3d(input, [n, frames, input.length / (n * frames)]), { batchSize: n });
    return [output].flat();
  });
  if (first === undefined) throw new Error('a model without output');
  return first;
}

function clip(value: number, limit: number): number {
  return Math.max(-limit, Math.min(limit, value));
}

function at(array: ArrayLike<number>, i: number): number {
  return array[i] ?? Number.NaN;
}
