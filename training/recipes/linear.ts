/** `level`, `pca` and `var`: what is normal in closed form. Short data teach a network little, and these are hard to beat on long ones. */
import { z } from 'zod';
import { eigenSymmetric, type Matrix, solveSymmetric } from '../../model/linalg.js';
import type { Segment } from '../../model/segment.js';
import { type LinearOptions, linearGraph, linearReference } from '../graph/linear.js';
import { scaleFrames } from '../scaler.js';
import { type Bounded, boundedScaler, boundOptions } from './bounded.js';
import { defineRecipe, type Trained, type TrainingContext, type TrainingData } from './recipe.js';

export const level = defineRecipe({
  name: 'level',
  summary:
    'expects every signal at its normal level; with `scoring: tracking`, which follows drift, for short recordings',
  options: z.strictObject({ ...boundOptions }),
  closedForm: true,
  span: () => 1,
  train: async ({ bounded }, data, context) => {
    const C = data.channels.length;
    return linear(zeros(C, C), boundedScaler(data, bounded), data, context);
  },
});

export const pca = defineRecipe({
  name: 'pca',
  summary: 'principal components (Jackson & Mudholkar 1979): expects what the common movements of the signals explain',
  options: z.strictObject({
    variance: z.number().gt(0).lt(1).default(0.9).describe('share of the variance that the components explain'),
    ...boundOptions,
  }),
  closedForm: true,
  span: () => 1,
  train: async ({ variance, bounded }, data, context) => {
    const scaling = boundedScaler(data, bounded);
    return linear(components(data, scaling, variance), scaling, data, context);
  },
});

export const vectorAutoregression = defineRecipe({
  name: 'var',
  summary: 'vector autoregression (Sims 1980): forecasts every signal from the last frames of all, linearly',
  options: z.strictObject({
    order: z.int().min(1).max(64).default(5).describe('frames that a forecast looks back on'),
    ridge: z.number().positive().default(100).describe('pull of all coefficients towards 0, in frames'),
    ...boundOptions,
  }),
  closedForm: true,
  span: ({ order }) => order + 1,
  train: async ({ order, ridge, bounded }, data, context) => {
    const scaling = boundedScaler(data, bounded);
    return linear(autoregression(data, scaling, order, ridge), scaling, data, context);
  },
});

const zeros = (rows: number, columns: number): number[][] =>
  Array.from({ length: rows }, () => new Array<number>(columns).fill(0));

const framesOf = (segment: Segment, { scaler, limit }: Bounded): Float32Array =>
  scaleFrames(segment, scaler, limit).values;

/** V V' of the fewest leading eigenvectors of the scaled signals' second moments that reach `share` of the trace; never all of them. */
function components({ fit, channels }: TrainingData, scaling: Bounded, share: number): number[][] {
  const C = channels.length;
  const moments = zeros(C, C);
  for (const segment of fit) addProducts(moments, framesOf(segment, scaling), C, C, 0);
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

/** [(order + 1) * C][C]: ridge regression of a frame on the `order` frames before it; zeros for the frame itself. */
function autoregression({ fit, channels }: TrainingData, scaling: Bounded, order: number, ridge: number): number[][] {
  const C = channels.length;
  const width = (order + 1) * C;
  const moments = zeros(width, width);
  for (const segment of fit) addProducts(moments, framesOf(segment, scaling), C, width, order);
  const past = order * C;
  const left = moments.slice(0, past).map((row, i) => row.slice(0, past).map((v, j) => (i === j ? v + ridge : v)));
  const coefficients = solveSymmetric(
    left,
    moments.slice(0, past).map((row) => row.slice(past)),
  );
  return [...coefficients, ...zeros(C, C)];
}

/** Adds the outer products of all windows of `width` values that begin at a frame. */
function addProducts(into: number[][], frames: Float32Array, C: number, width: number, before: number): void {
  for (let from = 0; from + (before + 1) * C <= frames.length; from += C)
    for (let i = 0; i < width; i++) {
      const value = frames[from + i] as number;
      if (value === 0) continue;
      const row = into[i] as number[];
      for (let j = 0; j < width; j++) row[j] = (row[j] as number) + value * (frames[from + j] as number);
    }
}

function linear(projection: Matrix, scaling: Bounded, data: TrainingData, { name }: TrainingContext): Trained {
  const { scaler, limit } = scaling;
  const { center, scale } = scaler;
  const C = center.length;
  const T = projection.length / C;
  const meanSquare = (segments: readonly Segment[]): number => {
    let sum = 0;
    let n = 0;
    for (const segment of segments) {
      const frames = framesOf(segment, scaling);
      for (let from = 0; from + T * C <= frames.length; from += C)
        for (let c = 0; c < C; c++) {
          let expected = 0;
          for (let k = 0; k < T * C; k++) expected += (frames[from + k] as number) * at(projection, k, c);
          sum += ((frames[from + (T - 1) * C + c] as number) - expected) ** 2;
          n++;
        }
    }
    return sum / Math.max(1, n);
  };
  const options: Omit<LinearOptions, 'whitening'> = { center, scale, projection, limit, name };
  return {
    kind: 'window',
    task: T > 1 ? 'forecaster' : 'reconstructor',
    window: T,
    warmupFrames: T - 1,
    parameters: projection.flat().filter((value) => value !== 0).length,
    losses: { train: meanSquare(data.fit), validate: meanSquare(data.validate), epochs: 0 },
    toOnnx: (whitening) => linearGraph({ ...options, whitening }),
    reference: (x, whitening) => ({ ...linearReference({ ...options, whitening }, x.data, x.dims[0] ?? 0) }),
    dispose: () => {},
  };
}

function at(matrix: Matrix, i: number, j: number): number {
  return matrix[i]?.[j] ?? 0;
}
