/**
 * Classification in a latent space: encoders that have seen no labels pack twelve signals into two numbers, a softmax on these learns from few labels. PCA (Jackson &
 * Mudholkar 1979), an autoencoder (Hinton & Salakhutdinov 2006), a variational one (Kingma & Welling 2014), against a softmax and a network on the signals themselves.
 */
import type { SymbolicTensor, Tensor } from '@tensorflow/tfjs';
import { eigenSymmetric } from '../model/linalg.js';
import { Random } from '../model/random.js';
import { optimise } from '../training/optimise.js';
import { silent } from '../training/progress.js';
import { type TrainingContext, trainingContext } from '../training/recipes/recipe.js';
import type { TensorFlow } from '../training/tensorflow/load.js';
import type { Example } from './example.js';
import { accuracyOf, type Labelled, logitsOf, trainSoftmax } from './softmax.js';

/** Share of right classes on held-out frames, by what is classified. */
export type Figures = Readonly<Record<string, number>>;

const signals = 12;
const states = ['normal', 'worn', 'blocked', 'loose'];
const [unlabelled, labelledEach, tested] = [640, 5, 600];

/** Two hidden quantities, load and wear, bend the twelve signals; the states are regions of the two. */
function frames(n: number, label: string): Labelled[] {
  const shape = new Random('latent signals');
  const mix = Array.from({ length: signals }, () => [shape.normal(), shape.normal(), shape.uniform(-3, 3)] as const);
  const random = new Random('latent', label);
  return Array.from({ length: n }, (_, i) => {
    const state = i % states.length;
    const load = random.normal(state < 2 ? -1 : 1, 0.35);
    const wear = random.normal(state % 2 === 0 ? -1 : 1, 0.35);
    const values = mix.map(([a, b, c]) => Math.sin(1.3 * (a * load + b * wear) + c) + random.normal(0, 0.15));
    return { values, label: state };
  });
}

type Encoder = (examples: readonly Labelled[]) => Labelled[];

function pca(all: readonly Labelled[]): Encoder {
  const mean = Array.from(
    { length: signals },
    (_, c) => all.reduce((sum, { values }) => sum + at(values, c), 0) / all.length,
  );
  const covariance = mean.map((a, i) =>
    mean.map(
      (b, j) => all.reduce((sum, { values }) => sum + (at(values, i) - a) * (at(values, j) - b), 0) / all.length,
    ),
  );
  const { vectors, values } = eigenSymmetric(covariance);
  const order = values.map((value, k) => [value, k] as const).sort(([a], [b]) => b - a);
  return (examples) =>
    examples.map(({ values: x, label }) => ({
      label,
      values: order
        .slice(0, 2)
        .map(([, k]) => x.reduce((sum, v, c) => sum + (v - at(mean, c)) * at(vectors[c] ?? [], k), 0)),
    }));
}

/** @param divergence weight of the divergence: 0 is a plain autoencoder */
async function autoencoder(all: readonly Labelled[], divergence: number, context: TrainingContext): Promise<Encoder> {
  const { tf, initializer, label } = context;
  const dense = (units: number, activation: 'tanh' | 'linear') =>
    tf.layers.dense({ name: label('dense'), units, activation, kernelInitializer: initializer() });
  const input = tf.input({ shape: [signals], name: label('input') });
  const hidden = dense(24, 'tanh').apply(input);
  const heads = [dense(2, 'linear').apply(hidden), dense(2, 'linear').apply(hidden)] as [
    SymbolicTensor,
    SymbolicTensor,
  ];
  const encoder = tf.model({ inputs: input, outputs: heads, name: label('encoder') });
  const decoder = tf.sequential({
    layers: [
      tf.layers.dense({
        units: 24,
        activation: 'tanh',
        inputShape: [2],
        kernelInitializer: initializer(),
        name: label('dense'),
      }),
      dense(signals, 'linear'),
    ],
  });
  // Holds the weights of both; the loss runs the halves, to draw the code in between.
  const whole = tf.model({
    inputs: input,
    outputs: [decoder.apply(heads[0]) as SymbolicTensor, heads[1]],
    name: label('whole'),
  });
  const loss = (rows: readonly number[], random?: Random) => {
    const x = tensorOf(
      tf,
      rows.map((row) => all[row] as Labelled),
    );
    const [mean, log] = encoder.apply(x) as [Tensor, Tensor];
    const noise = tf.tensor(
      Float32Array.from({ length: 2 * rows.length }, () => random?.normal() ?? 0),
      mean.shape,
    );
    const code = divergence === 0 ? mean : tf.add(mean, tf.mul(noise, tf.exp(tf.mul(log, 0.5))));
    const error = tf.sum(tf.square(tf.sub(decoder.apply(code) as Tensor, x)), 1);
    const kl = tf.sum(tf.sub(tf.sub(tf.add(tf.exp(log), tf.square(mean)), log), 1), 1);
    // Readings have a noise of .15: the error counts in units of its variance.
    return tf.mean(tf.add(tf.mul(error, 0.5 / 0.15 ** 2), tf.mul(kl, 0.5 * divergence))).asScalar();
  };
  const settings = {
    epochs: 40,
    patience: 40,
    batch: 64,
    learningRate: 0.01,
    optimiser: 'adam',
    clipNorm: 10,
  } as const;
  await optimise(whole, { count: all.length, loss }, { count: 0, loss }, settings, context);
  return (examples) =>
    tf.tidy(() => {
      const [mean] = encoder.apply(tensorOf(tf, examples)) as [Tensor, Tensor];
      const codes = mean.arraySync() as number[][];
      return examples.map(({ label }, i) => ({ label, values: codes[i] ?? [] }));
    });
}

const tensorOf = (tf: TensorFlow, examples: readonly Labelled[]): Tensor =>
  tf.tensor2d(
    examples.flatMap(({ values }) => values),
    [examples.length, signals],
  );

const at = (values: readonly number[], i: number): number => values[i] ?? 0;

export const latent: Example<Figures> = {
  title: 'Classification in a latent space of two numbers, from five labels a class',
  async run(tf) {
    const context = (name: string) => trainingContext(tf, 1, name, silent);
    const all = frames(unlabelled, 'unlabelled');
    const few = frames(labelledEach * states.length, 'labelled');
    const test = frames(tested, 'test');
    const encoders: Record<string, Encoder> = {
      'PCA, 2 numbers': pca(all),
      'autoencoder, 2 numbers': await autoencoder(all, 0, context('autoencoder')),
      'variational autoencoder, 2 numbers': await autoencoder(all, 1, context('vae')),
      'the 12 signals': (examples) => [...examples],
      'the 12 signals, hidden layer': (examples) => [...examples],
    };
    const figures: Record<string, number> = {};
    for (const [name, encode] of Object.entries(encoders)) {
      const one = context(`head ${name}`);
      const [train, held] = [encode(few), encode(test)];
      const shape = [train[0]?.values.length ?? 0];
      const layer = (units: number, more: object) =>
        tf.layers.dense({ name: one.label('head'), units, kernelInitializer: one.initializer(), ...more });
      const hidden = name.endsWith('hidden layer') ? [layer(24, { activation: 'tanh', inputShape: shape })] : [];
      const head = tf.sequential({
        layers: [...hidden, layer(states.length, hidden.length > 0 ? {} : { inputShape: shape })],
      });
      await trainSoftmax(head, train, shape, states.length, 120, one);
      figures[name] = accuracyOf(logitsOf(head, held, shape, one), held).all;
      head.dispose();
    }
    const shown = encoders['variational autoencoder, 2 numbers']?.(test) ?? [];
    return {
      figures,
      table: [
        ['classified', 'right', 'chance'],
        ...Object.entries(figures).map(([name, share]) => [name, share.toFixed(3), '0.25']),
      ],
      plot: {
        title: 'What a variational autoencoder that knows no classes makes of four of them',
        x: 'first number of the code',
        y: 'second',
        lines: states.map((state, k) => ({
          label: state,
          dots: true,
          points: shown.flatMap(({ label, values }): [number, number][] =>
            label === k ? [[at(values, 0), at(values, 1)]] : [],
          ),
        })),
      },
    };
  },
};
