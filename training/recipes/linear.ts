/** `level` and `pca`: what is normal in closed form. Short data teach a network little, and these are hard to beat on long ones. */
import { z } from 'zod';
import { eigenSymmetric } from '../../model/linalg.js';
import type { Segment } from '../../model/segment.js';
import { linearGraph, linearReference } from '../graph/linear.js';
import { scaleFrames } from '../scaler.js';
import { defineRecipe, type Trained, type TrainingContext, type TrainingData } from './recipe.js';

export const level = defineRecipe({
  name: 'level',
  summary: 'expects every signal at its median; with `scoring: tracking`, which follows drift, for short recordings',
  options: z.strictObject({}),
  closedForm: true,
  span: () => 1,
  train: async (_, data, context) => linear(zeros(data.channels.length), data, context),
});

export const pca = defineRecipe({
  name: 'pca',
  summary: 'principal components (Jackson & Mudholkar 1979): expects what the common movements of the signals explain',
  options: z.strictObject({
    variance: z.number().gt(0).lt(1).default(0.9).describe('share of the variance that the components explain'),
  }),
  closedForm: true,
  span: () => 1,
  train: async ({ variance }, data, context) => linear(projectionOf(data, variance), data, context),
});

type Matrix = number[][];

const zeros = (n: number): Matrix => Array.from({ length: n }, () => new Array<number>(n).fill(0));

/** V V' of the fewest leading eigenvectors of the scaled signals' second moments that reach `share` of the trace; never all of them. */
function projectionOf({ fit, scaler, channels }: TrainingData, share: number): Matrix {
  const C = channels.length;
  const moments = zeros(C);
  for (const segment of fit) {
    const { values } = scaleFrames(segment, scaler, Number.POSITIVE_INFINITY);
    for (let row = 0; row < values.length; row += C)
      for (let i = 0; i < C; i++)
        for (let j = 0; j < C; j++)
          (moments[i] as number[])[j] = at(moments, i, j) + (values[row + i] as number) * (values[row + j] as number);
  }
  const { values, vectors } = eigenSymmetric(moments);
  const total = values.reduce((sum, value) => sum + Math.max(0, value), 0);
  const chosen: number[] = [];
  let explained = 0;
  for (let k = C - 1; k > 0 && explained < share * total; k--) {
    chosen.push(k);
    explained += Math.max(0, values[k] as number);
  }
  return moments.map((_, i) =>
    moments.map((__, j) => chosen.reduce((sum, k) => sum + at(vectors, i, k) * at(vectors, j, k), 0)),
  );
}

function linear(projection: Matrix, data: TrainingData, { name }: TrainingContext): Trained {
  const { center, scale } = data.scaler;
  const meanSquare = (segments: readonly Segment[]): number => {
    const C = center.length;
    let sum = 0;
    let n = 0;
    for (const segment of segments) {
      const { values } = scaleFrames(segment, data.scaler, Number.POSITIVE_INFINITY);
      for (let row = 0; row < values.length; row += C)
        for (let c = 0; c < C; c++) {
          let expected = 0;
          for (let k = 0; k < C; k++) expected += (values[row + k] as number) * at(projection, k, c);
          sum += ((values[row + c] as number) - expected) ** 2;
          n++;
        }
    }
    return sum / Math.max(1, n);
  };
  return {
    kind: 'window',
    task: 'reconstructor',
    window: 1,
    warmupFrames: 0,
    parameters: projection.flat().some((value) => value !== 0) ? projection.length ** 2 : 0,
    losses: { train: meanSquare(data.fit), validate: meanSquare(data.validate), epochs: 0 },
    toOnnx: (whitening) => linearGraph({ center, scale, projection, whitening, name }),
    reference: (x, whitening) => ({
      ...linearReference({ center, scale, projection, whitening, name }, x.data, x.dims[0] ?? 0),
    }),
    dispose: () => {},
  };
}

function at(matrix: readonly (readonly number[])[], i: number, j: number): number {
  return matrix[i]?.[j] ?? 0;
}
