/**
 * `spectrogram-ae`: a two-dimensional convolutional autoencoder (LeCun et al. 1998; Masci et al. 2011) of each signal's spectrogram, an image of power by time and frequency. It hears a
 * machine that swings, hums or knocks in another way, where no single reading is strange.
 */
import type { LayersModel, layers, Scalar } from '@tensorflow/tfjs';
import { z } from 'zod';
import type { Random } from '../../model/random.js';
import type { Segment } from '../../model/segment.js';
import { openSession } from '../../model/session.js';
import { binsOf, type SpectrogramShape, spectrogramGraph, windowOf } from '../graph/spectrogram.js';
import {
  type SpectrogramOptions,
  spectrogramAeGraph,
  spectrogramAeReference,
} from '../graph/spectrogram-autoencoder.js';
import { type Examples, optimise } from '../optimise.js';
import { inputLimit, type Scaler } from '../scaler.js';
import { valuesOf } from '../tensorflow/values.js';
import { maskedHuber } from './loss.js';
import { predict } from './predict.js';
import { defineRecipe, optimiserOptions, spoilingOptions, type TrainingContext } from './recipe.js';

const options = z
  .strictObject({
    fft: z
      .int()
      .min(8)
      .max(1024)
      .default(32)
      .refine((n) => Number.isInteger(Math.log2(n)), 'must be a power of two')
      .describe('frames of one spectrum; a power of two'),
    columns: z.int().min(2).max(256).default(8).describe('spectra of one image; they overlap by half'),
    filters: z
      .array(z.int().min(1))
      .min(1)
      .default([16, 8])
      .describe('of the layers down to the code, each of which pools 2 by 2; mirrored on the way up'),
    kernel: z.int().min(1).default(3).describe('times and frequencies that a filter sees'),
    stride: z.int().min(1).optional().describe('frames between two training images; default: half a spectrum'),
    dropSignal: spoilingOptions.dropSignal,
    noise: z.number().min(0).default(0.1).describe('added to training images, in normal spreads'),
    ...optimiserOptions,
  })
  .refine(({ columns, fft, filters }) => [columns, fft / 2].every((length) => length % 2 ** filters.length === 0), {
    path: ['columns'],
    message: 'and half of `fft` must be multiples of 2 for each layer of filters',
  });

type Options = z.output<typeof options>;

export const spectrogramAe = defineRecipe({
  name: 'spectrogram-ae',
  summary: "convolutional autoencoder of the signals' spectrograms; judges how a window swings, not its level",
  options,
  span: windowOf,
  train: async (options, data, context) => {
    const { tf, name } = context;
    const shape = { fft: options.fft, columns: options.columns };
    const stride = options.stride ?? options.fft / 2;
    const C = data.channels.length;
    const [fit, validate] = (await Promise.all(
      [data.fit, data.validate].map((segments) => imagesOf(segments, data.scaler, shape, stride)),
    )) as [Images, Images];
    const { mean, spread } = standardise(fit, shape, C);
    for (const set of [fit, validate]) scaleImages(set, mean, spread);
    const model = build(options, C, context);
    const examples = (set: Images) => imageExamples(model, set, options, C, context);
    const losses = await optimise(model, examples(fit), examples(validate), options, context);
    const size = residualSize(model, validate.count > 0 ? validate : fit, shape, C, context);
    const about: SpectrogramOptions = {
      model,
      shape,
      center: data.scaler.center,
      scale: data.scaler.scale,
      mean,
      spread,
      size,
      name,
    };
    return {
      kind: 'window',
      task: 'reconstructor',
      window: windowOf(shape),
      warmupFrames: windowOf(shape) - 1,
      parameters: model.countParams(),
      losses,
      // Each bin has its own normal size: nothing is left to whiten.
      toOnnx: () => spectrogramAeGraph(about),
      reference: (x) => ({ ...spectrogramAeReference(tf, about, x.data, x.dims[0] ?? 0) }),
      dispose: () => model.dispose(),
    };
  },
});

/** Spectrograms of windows: `values` [count, S, F, C], and `known` [count, C]. */
interface Images {
  readonly count: number;
  readonly values: Float32Array;
  readonly known: Float32Array;
}

const batch = 64;

async function imagesOf(
  segments: readonly Segment[],
  scaler: Scaler,
  shape: SpectrogramShape,
  stride: number,
): Promise<Images> {
  const [T, C] = [windowOf(shape), scaler.center.length];
  const windows = segments.flatMap(({ values, timesMs: { length } }) =>
    Array.from({ length: Math.max(0, Math.floor((length - T) / stride) + 1) }, (_, k) => {
      const end = length - k * stride;
      return values.subarray((end - T) * C, end * C);
    }),
  );
  const size = shape.columns * binsOf(shape) * C;
  const images = {
    count: windows.length,
    values: new Float32Array(windows.length * size),
    known: new Float32Array(windows.length * C),
  };
  const session = await openSession(spectrogramGraph(scaler, shape));
  try {
    for (let from = 0; from < windows.length; from += batch) {
      const some = windows.slice(from, from + batch);
      const x = new Float32Array(some.length * T * C);
      some.forEach((values, i) => void x.set(values, i * T * C));
      const { log, known } = await session.run({ x: { data: x, dims: [some.length, T, C] } });
      images.values.set(log ?? [], from * size);
      images.known.set(known ?? [], from * C);
    }
  } finally {
    await session.close();
  }
  return images;
}

/** Of the logarithm of a sum of two squares of Gaussians it is 1.3; bins that are always silent have none. */
const leastSpread = 0.5;

/** [F, C] mean and spread of known values. */
function standardise({ count, values, known }: Images, shape: SpectrogramShape, C: number) {
  const bins = binsOf(shape) * C;
  const [n, sum, squares] = [new Float64Array(bins), new Float64Array(bins), new Float64Array(bins)];
  const cells = shape.columns * bins;
  for (let i = 0; i < count * cells; i++) {
    if (known[Math.floor(i / cells) * C + (i % C)] === 0) continue;
    const [at, value] = [i % bins, values[i] as number];
    n[at] = (n[at] as number) + 1;
    sum[at] = (sum[at] as number) + value;
    squares[at] = (squares[at] as number) + value * value;
  }
  const mean = Array.from(sum, (total, at) => Math.fround(total / Math.max(1, n[at] as number)));
  const spread = Array.from(squares, (total, at) =>
    Math.fround(
      Math.max(leastSpread, Math.sqrt(Math.max(0, total / Math.max(1, n[at] as number) - (mean[at] as number) ** 2))),
    ),
  );
  return { mean, spread };
}

/** In place; unknown signals become 0. */
function scaleImages({ count, values, known }: Images, mean: readonly number[], spread: readonly number[]): void {
  const [bins, C] = [mean.length, known.length / Math.max(1, count)];
  const cells = values.length / Math.max(1, count);
  for (let i = 0; i < values.length; i++) {
    const isKnown = known[Math.floor(i / cells) * C + (i % C)] === 1;
    values[i] = isKnown ? ((values[i] as number) - (mean[i % bins] ?? 0)) / (spread[i % bins] ?? 1) : 0;
  }
}

/** [N, S, F, C] -> [N, S, F, C] */
function build(
  { filters, kernel, ...shape }: Options,
  C: number,
  { tf, initializer, label }: TrainingContext,
): LayersModel {
  const conv = (units: number, more: object = { activation: 'elu' }): layers.Layer =>
    tf.layers.conv2d({
      name: label('conv2d'),
      filters: units,
      kernelSize: kernel,
      padding: 'same',
      kernelInitializer: initializer(),
      ...more,
    });
  const inputShape = [shape.columns, binsOf(shape), C];
  const down = filters.flatMap((units, i) => [
    conv(units, { activation: 'elu', ...(i === 0 ? { inputShape } : {}) }),
    tf.layers.averagePooling2d({ name: label('averagePooling2d'), poolSize: [2, 2] }),
  ]);
  const up = filters
    .toReversed()
    .flatMap((units) => [tf.layers.upSampling2d({ name: label('upSampling2d'), size: [2, 2] }), conv(units)]);
  return tf.sequential({ layers: [...down, ...up, conv(C, {})] });
}

/** What enters the network. */
function bounded(value: number): number {
  return Math.max(-inputLimit, Math.min(inputLimit, value));
}

function imageExamples(
  model: LayersModel,
  { count, values, known }: Images,
  { columns, fft, dropSignal, noise }: Options,
  C: number,
  { tf }: TrainingContext,
): Examples {
  const F = fft / 2;
  const cells = columns * F * C;
  return {
    count,
    loss: (rows: readonly number[], random?: Random): Scalar => {
      const [input, target, weight] = [0, 1, 2].map(() => new Float32Array(rows.length * cells)) as [
        Float32Array,
        Float32Array,
        Float32Array,
      ];
      rows.forEach((row, b) => {
        const shown = Array.from({ length: C }, () => !random?.chance(dropSignal));
        for (let i = 0; i < cells; i++) {
          const value = bounded(values[row * cells + i] as number);
          const at = b * cells + i;
          target[at] = value;
          weight[at] = known[row * C + (i % C)] as number;
          if (shown[i % C]) input[at] = value + (random === undefined ? 0 : random.normal(0, noise));
        }
      });
      return maskedHuber(tf, predict(model, tf.tensor4d(input, [rows.length, columns, F, C])), target, weight);
    },
  };
}

/** A bin that is rebuilt better than this is not trusted to stay so. */
const leastSize = 0.3;

/** [F, C] root mean square of held-out residuals. */
function residualSize(
  model: LayersModel,
  { count, values, known }: Images,
  shape: SpectrogramShape,
  C: number,
  { tf }: TrainingContext,
): number[] {
  const bins = binsOf(shape) * C;
  const cells = shape.columns * bins;
  const [n, squares] = [new Float64Array(bins), new Float64Array(bins)];
  for (let from = 0; from < count; from += batch) {
    const size = Math.min(batch, count - from);
    const some = values.subarray(from * cells, (from + size) * cells);
    const [rebuilt = new Float32Array()] = valuesOf(tf, () => {
      const x = tf.tensor4d(some.map(bounded), [size, shape.columns, binsOf(shape), C]);
      return [predict(model, x)];
    });
    some.forEach((value, i) => {
      if (known[(from + Math.floor(i / cells)) * C + (i % C)] === 0) return;
      const at = i % bins;
      n[at] = (n[at] as number) + 1;
      squares[at] = (squares[at] as number) + (value - (rebuilt[i] as number)) ** 2;
    });
  }
  return Array.from(squares, (sum, at) =>
    Math.fround(Math.max(leastSize, Math.sqrt(sum / Math.max(1, n[at] as number)))),
  );
}
