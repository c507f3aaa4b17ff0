/** Seeded weights and inputs for the exporter's cases: none is 0 or 1 by accident. */
import type { LayersModel } from '@tensorflow/tfjs';
import { Random } from '../../../model/random.js';
import type { GraphInput } from '../../../model/session.js';
import type { Tf } from './cases.js';

/** Every weight is drawn anew, biases and running statistics too. */
export function randomise(tf: Tf, model: LayersModel, label: string): void {
  const random = new Random('weights', label);
  for (const variable of model.weights) {
    const { originalName } = variable;
    const shape = variable.shape.map(Number);
    const size = shape.reduce((product, length) => product * length, 1);
    const fanIn = Math.max(1, size / (shape.at(-1) ?? 1));
    const variance = originalName.endsWith('variance');
    const values = Float32Array.from({ length: size }, () =>
      variance ? random.uniform(0.3, 2) : random.normal(0, shape.length > 1 ? 1 / Math.sqrt(fanIn) : 0.5),
    );
    tf.tidy(() => {
      variable.write(tf.tensor(values, shape));
    });
  }
}

/** A batch for every input of the model; lengths that it leaves open are `open`. */
export function randomInputs(model: LayersModel, label: string, batch: number, open = 5, indices = 0): GraphInput[] {
  const random = new Random('inputs', label);
  return model.inputs.map(({ shape }) => {
    const dims = shape.map((length, axis) => length ?? (axis === 0 ? batch : open));
    const size = dims.reduce((product, length) => product * length, 1);
    const draw = () => (indices > 0 ? Math.floor(random.uniform(0, indices)) : random.normal());
    return { data: Float32Array.from({ length: size }, draw), dims };
  });
}

export function predict(tf: Tf, model: LayersModel, inputs: readonly GraphInput[]): Float32Array[] {
  return tf.tidy(() => {
    const outputs = model.predict(inputs.map(({ data, dims }) => tf.tensor(data, [...dims])));
    return [outputs].flat().map((output) => Float32Array.from(output.dataSync()));
  });
}
