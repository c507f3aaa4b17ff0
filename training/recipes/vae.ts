/**
 * `vae`: a variational autoencoder (Kingma & Welling 2014) judged by reconstruction probability (An & Cho 2015) and divergence; the weight of the
 * divergence rises in the first steps (Bowman et al. 2016), lest the code be given up before it is of use.
 */
import type { LayersModel, Scalar, SymbolicTensor, Tensor } from '@tensorflow/tfjs';
import { z } from 'zod';
import type { Random } from '../../model/random.js';
import { codeBounds, logVarianceBounds, vaeGraph, vaeReference } from '../graph/vae.js';
import { type Examples, optimise } from '../optimise.js';
import { inputLimit, scaleFrames } from '../scaler.js';
import { cutWindows, gather } from '../windows.js';
import { defineRecipe, denoisingOptions, optimiserOptions, type TrainingContext, type TrainingData } from './recipe.js';

const options = z.strictObject({
  window: z.int().min(1).max(1024).default(8).describe('frames that are reconstructed together'),
  hidden: z.array(z.int().min(1)).min(1).default([64, 32]).describe('units down to the code; mirrored on the way up'),
  code: z.int().min(1).optional().describe('numbers of the code; default: half the number of signals, and two more'),
  klWarmup: z.int().min(0).default(200).describe('gradient steps in which the weight of the divergence rises to 1'),
  stride: z.int().min(1).default(2).describe('frames between the starts of two training windows'),
  ...denoisingOptions,
  ...optimiserOptions,
});

type Options = z.output<typeof options>;

/** One network for inference, whose decoder starts from the code's mean, and its halves for training, in between which the code is drawn. */
interface Network {
  readonly whole: LayersModel;
  readonly encoder: LayersModel;
  readonly decoder: LayersModel;
}

export const vae = defineRecipe({
  name: 'vae',
  summary: 'variational autoencoder of a window of frames; judges the newest frame by its probability',
  options,
  span: ({ window }) => window,
  train: async (options, data, context) => {
    const { tf, name } = context;
    const network = build(options, data.channels.length, context);
    const examples = (segments: TrainingData['fit']) => vaeExamples(network, options, data, segments, context);
    const settling = { ...options, settleSteps: options.klWarmup };
    const losses = await optimise(network.whole, examples(data.fit), examples(data.validate), settling, context);
    const about = { model: network.whole, center: data.scaler.center, scale: data.scaler.scale, name };
    return {
      kind: 'window',
      task: 'density',
      window: options.window,
      warmupFrames: options.window - 1,
      parameters: network.whole.countParams(),
      losses,
      // The density has its own spreads: nothing is left to whiten.
      toOnnx: () => vaeGraph(about),
      reference: (x) => ({ ...vaeReference(tf, about, x.data, x.dims[0] ?? 0) }),
      dispose: () => network.whole.dispose(),
    };
  },
});

function build(shape: Options, C: number, { tf, initializer, label }: TrainingContext): Network {
  const { window, hidden } = shape;
  const Z = shape.code ?? Math.ceil(C / 2) + 2;
  const dense = (units: number, activation: 'tanh' | 'linear' = 'linear') =>
    tf.layers.dense({ name: label('dense'), units, activation, kernelInitializer: initializer() });
  const through = (from: SymbolicTensor, widths: readonly number[]) =>
    widths.reduce((value, units) => dense(units, 'tanh').apply(value) as SymbolicTensor, from);
  const frames = (from: SymbolicTensor) =>
    tf.layers
      .reshape({ name: label('reshape'), targetShape: [window, C] })
      .apply(dense(window * C).apply(from)) as SymbolicTensor;

  const input = tf.input({ shape: [window, 2 * C], name: label('input') });
  const flat = tf.layers.flatten({ name: label('flatten') }).apply(input) as SymbolicTensor;
  const packed = through(flat, hidden);
  const codes = [dense(Z), dense(Z)].map((layer) => layer.apply(packed) as SymbolicTensor);
  const encoder = tf.model({ inputs: input, outputs: codes, name: label('encoder') });
  const code = tf.input({ shape: [Z], name: label('code') });
  const unpacked = through(code, hidden.toReversed());
  const decoder = tf.model({ inputs: code, outputs: [frames(unpacked), frames(unpacked)], name: label('decoder') });
  const decoded = decoder.apply(codes[0] as SymbolicTensor) as SymbolicTensor[];
  const whole = tf.model({ inputs: input, outputs: [...decoded, ...codes], name: label('vae') });
  return { whole, encoder, decoder };
}

/** The negative evidence lower bound of a reading, on average; of held-out windows with the code's mean and the whole divergence. */
function vaeExamples(
  { encoder, decoder }: Network,
  options: Options,
  data: TrainingData,
  segments: TrainingData['fit'],
  { tf }: TrainingContext,
): Examples {
  const C = data.channels.length;
  const { window, klWarmup } = options;
  const frames = segments.map((segment) => scaleFrames(segment, data.scaler, inputLimit));
  const set = cutWindows(frames, C, window, options.stride);
  let steps = 0;
  return {
    count: set.starts.length,
    loss: (rows: readonly number[], random?: Random): Scalar => {
      const batch = gather(set, rows, options, random);
      const tensor = (array: Float32Array, width: number) => tf.tensor3d(array, [batch.size, window, width]);
      const [mean, wild] = encoder.apply(tensor(batch.input, 2 * C)) as [Tensor, Tensor];
      const log = tf.clipByValue(wild, ...codeBounds);
      const draw = (): Tensor => {
        const noise = Float32Array.from({ length: mean.size }, () => random?.normal() ?? 0);
        return tf.add(mean, tf.mul(tf.exp(tf.mul(log, 0.5)), tf.tensor(noise, mean.shape)));
      };
      const [rebuilt, spread] = decoder.apply(random === undefined ? mean : draw()) as [Tensor, Tensor];
      const variance = tf.clipByValue(spread, ...logVarianceBounds);
      const square = tf.square(tf.sub(rebuilt, tensor(batch.target, C)));
      const density = tf.mul(tf.add(tf.mul(square, tf.exp(tf.neg(variance))), variance), tensor(batch.weight, C));
      const divergence = tf.sub(tf.sub(tf.add(tf.exp(log), tf.square(mean)), log), 1);
      const share = random === undefined || klWarmup === 0 ? 1 : Math.min(1, ++steps / klWarmup);
      const sum = tf.add(tf.sum(density), tf.mul(share, tf.sum(divergence)));
      return tf
        .div(
          tf.mul(0.5, sum),
          Math.max(
            1,
            batch.weight.reduce((n, flag) => n + flag, 0),
          ),
        )
        .asScalar();
    },
  };
}
