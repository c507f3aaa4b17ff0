/**
 * Why convolution and pooling: spectrograms of vibration with one short event in it, which must be named wherever it stands. Filters are the same at every place, and
 * pooling forgets the place (LeCun et al. 1998); a network without learns each place anew.
 */
import type { LayersModel, layers } from '@tensorflow/tfjs';
import { Random } from '../model/random.js';
import { silent } from '../training/progress.js';
import { type TrainingContext, trainingContext } from '../training/recipes/recipe.js';
import type { Example } from './example.js';
import { accuracyOf, type Labelled, logitsOf, trainSoftmax } from './softmax.js';

export interface Figures {
  readonly network: string;
  /** Share of right names, by how far the event stands behind where it was learned. */
  readonly accuracy: readonly number[];
  /** Root mean square by which a shift of four columns moves the outputs, in their own spread. */
  readonly change: number;
}

/** Time, frequency. */
const [columns, bands] = [32, 16] as const;
const [samples, hop, width] = [columns * 64 + 64, 64, 128] as const;
const kinds = ['low ring', 'high ring', 'sweep'] as const;
/** Columns. */
const shifts = [0, 4, 8, 12, 16];
const learnedAt = [2, 8] as const;

/** A burst at 12.8 kHz: noise, and an event at `column`. */
function burst(kind: number, column: number, random: Random): Float64Array {
  const wave = Float64Array.from({ length: samples }, () => random.normal(0, 0.3));
  const strength = random.uniform(1, 2);
  const phase = random.uniform(0, 2 * Math.PI);
  for (let t = 0; t < 512; t++) {
    const at = Math.round(column * hop) + t;
    if (at >= samples) break;
    const hz = kind === 0 ? 1200 : kind === 1 ? 4200 : 1200 + (3000 * t) / 512;
    const swing = Math.sin(phase + (2 * Math.PI * hz * t) / 12_800);
    wave[at] = (wave[at] ?? 0) + strength * (kind === 2 ? 1 : Math.exp(-t / 150) * 2) * swing;
  }
  return wave;
}

const angles = Array.from({ length: bands }, (_, b) => (2 * Math.PI * (b + 0.5) * 400) / 12_800);
const basis = angles.map((angle) =>
  Array.from({ length: width }, (_, t) => {
    const hann = 0.5 - 0.5 * Math.cos((2 * Math.PI * t) / width);
    return [hann * Math.cos(angle * t), hann * Math.sin(angle * t)] as const;
  }),
);

/** [columns * bands] log power of a short-time Fourier transform. */
function spectrogram(wave: Float64Array): number[] {
  return Array.from({ length: columns * bands }, (_, i) => {
    const from = Math.floor(i / bands) * hop;
    let [re, im] = [0, 0];
    (basis[i % bands] ?? []).forEach(([cos, sin], t) => {
      const value = wave[from + t] ?? 0;
      re += cos * value;
      im += sin * value;
    });
    return Math.log10(0.1 + re * re + im * im) - 1;
  });
}

function images(n: number, shift: number, label: string): Labelled[] {
  const random = new Random('cnn', label);
  return Array.from({ length: n }, (_, i) => ({
    label: i % kinds.length,
    values: spectrogram(burst(i % kinds.length, random.uniform(...learnedAt) + shift, random)),
  }));
}

const shape = [columns, bands, 1];

function build(kind: string, { tf, initializer, label }: TrainingContext): LayersModel {
  const dense = (units: number, more: object = {}): layers.Layer =>
    tf.layers.dense({ name: label('dense'), units, kernelInitializer: initializer(), ...more });
  const flatten = (more: object = {}) => tf.layers.flatten({ name: label('flatten'), ...more });
  if (kind === 'dense')
    return tf.sequential({
      layers: [flatten({ inputShape: shape }), dense(32, { activation: 'relu' }), dense(kinds.length)],
    });
  const convolution = (filters: number, more: object = {}): layers.Layer =>
    tf.layers.conv2d({
      name: label('conv2d'),
      filters,
      kernelSize: 3,
      padding: 'same',
      activation: 'relu',
      kernelInitializer: initializer(),
      ...more,
    });
  const size = { poolSize: [2, 2] as [number, number] };
  const pool = (): layers.Layer[] =>
    kind === 'no pooling'
      ? []
      : [
          kind === 'max pooling'
            ? tf.layers.maxPooling2d({ name: label('pool'), ...size })
            : tf.layers.averagePooling2d({ name: label('pool'), ...size }),
        ];
  const end =
    kind === 'no pooling'
      ? flatten()
      : kind === 'max pooling'
        ? tf.layers.globalMaxPooling2d({ name: label('all') })
        : tf.layers.globalAveragePooling2d({ name: label('all') });
  return tf.sequential({
    layers: [convolution(8, { inputShape: shape }), ...pool(), convolution(12), ...pool(), end, dense(kinds.length)],
  });
}

const networks = ['max pooling', 'average pooling', 'no pooling', 'dense'];

export const cnn: Example<readonly Figures[]> = {
  title: 'Convolution and pooling: an event is named wherever it stands',
  async run(tf) {
    const train = images(180, 0, 'train');
    const tests = shifts.map((shift) => images(60, shift, 'test'));
    const figures: Figures[] = [];
    for (const network of networks) {
      const context = trainingContext(tf, 1, network, silent);
      const model = build(network, context);
      await trainSoftmax(model, train, shape, kinds.length, 14, context);
      const logits = tests.map((test) => logitsOf(model, test, shape, context));
      model.dispose();
      const accuracy = logits.map((one, s) => accuracyOf(one, tests[s] ?? []).all);
      const [still = [], moved = []] = [logits[0]?.flat(), logits[1]?.flat()];
      const spread = rms(still.map((value) => value - still.reduce((a, b) => a + b, 0) / still.length));
      figures.push({ network, accuracy, change: rms(still.map((value, i) => value - (moved[i] ?? 0))) / spread });
    }
    return {
      figures,
      table: [
        ['network', ...shifts.map((shift) => `right at +${shift}`), 'outputs change'],
        ...figures.map(({ network, accuracy, change }) => [
          network,
          ...accuracy.map((share) => share.toFixed(2)),
          change.toFixed(2),
        ]),
      ],
      plot: {
        title: 'An event that stands later than it was learned',
        x: 'columns later',
        y: 'share of right names (chance: 0.33)',
        lines: figures.map(({ network, accuracy }) => ({
          label: network,
          points: accuracy.map((share, s) => [shifts[s] ?? 0, share]),
        })),
      },
    };
  },
};

function rms(values: readonly number[]): number {
  return Math.sqrt(values.reduce((sum, value) => sum + value ** 2, 0) / values.length);
}
