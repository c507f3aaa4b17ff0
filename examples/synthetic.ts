/**
 * Synthetic faults: of four kinds of fault three were recorded often and one four times. A variational autoencoder learns all of them, and its decoder makes more of the rare
 * one: from a Gaussian about its codes, with the spread of the common kinds; and by analogy, the step between two codes of a common kind (Hariharan & Girshick 2017).
 * Judged on real faults that nobody has seen.
 */
import type { SymbolicTensor, Tensor } from '@tensorflow/tfjs';
import { Random } from '../model/random.js';
import { optimise } from '../training/optimise.js';
import { silent } from '../training/progress.js';
import { type TrainingContext, trainingContext } from '../training/recipes/recipe.js';
import type { Example } from './example.js';
import { accuracyOf, type Labelled, logitsOf, trainSoftmax } from './softmax.js';

export interface Figures {
  readonly way: string;
  /** Share of held-out real faults of the rare kind that get their name, and of all kinds alike. */
  readonly rare: number;
  readonly mean: number;
}

const frames = 32;
const kinds = ['step', 'ring', 'ramp', 'pulse'];
const rare = 3;
const [often, seldom, tested] = [80, 4, 150];
const codes = 6;
const noise = 0.15;

/** A transient of a signal; how strong, how long and how late it is differs from fault to fault alike in all kinds. */
function record(kind: number, random: Random): number[] {
  const [height, long, start] = [random.uniform(0.5, 2), random.uniform(4, 12), random.uniform(3, 16)];
  return Array.from({ length: frames }, (_, i) => {
    const t = i - start;
    const forms = [
      1,
      Math.exp(-t / long) * Math.cos((2 * Math.PI * t) / 5),
      Math.min(1, t / long),
      t < long ? Math.sin((Math.PI * t) / long) : 0,
    ];
    return (t < 0 ? 0 : height * (forms[kind] ?? 0)) + random.normal(0, noise);
  });
}

function faults(each: readonly number[], label: string): Labelled[] {
  const random = new Random('synthetic', label);
  return each.flatMap((n, kind) => Array.from({ length: n }, () => ({ label: kind, values: record(kind, random) })));
}

interface Autoencoder {
  encode(examples: readonly Labelled[]): number[][];
  decode(codes: readonly (readonly number[])[]): number[][];
}

async function learn(all: readonly Labelled[], context: TrainingContext): Promise<Autoencoder> {
  const { tf, initializer, label } = context;
  const dense = (units: number, activation: 'tanh' | 'linear', more: object = {}) =>
    tf.layers.dense({ name: label('dense'), units, activation, kernelInitializer: initializer(), ...more });
  const input = tf.input({ shape: [frames], name: label('input') });
  const hidden = dense(48, 'tanh').apply(input);
  const heads = [dense(codes, 'linear').apply(hidden), dense(codes, 'linear').apply(hidden)] as SymbolicTensor[];
  const encoder = tf.model({ inputs: input, outputs: heads, name: label('encoder') });
  const decoder = tf.sequential({ layers: [dense(48, 'tanh', { inputShape: [codes] }), dense(frames, 'linear')] });
  const rebuilt = decoder.apply(heads[0] as SymbolicTensor) as SymbolicTensor;
  // Holds the weights of both; the loss runs the halves, to draw the code in between.
  const whole = tf.model({ inputs: input, outputs: [rebuilt, heads[1] as SymbolicTensor], name: label('whole') });
  const tensor = (rows: readonly (readonly number[])[]) =>
    tf.tensor2d(rows.flat(), [rows.length, rows[0]?.length ?? 0]);
  const loss = (rows: readonly number[], random?: Random) => {
    const x = tensor(rows.map((row) => all[row]?.values ?? []));
    const [mean, log] = encoder.apply(x) as [Tensor, Tensor];
    const draws = tf.tensor(
      Float32Array.from({ length: codes * rows.length }, () => random?.normal() ?? 0),
      mean.shape,
    );
    const code = tf.add(mean, tf.mul(draws, tf.exp(tf.mul(log, 0.5))));
    const error = tf.sum(tf.square(tf.sub(decoder.apply(code) as Tensor, x)), 1);
    const divergence = tf.sum(tf.sub(tf.sub(tf.add(tf.exp(log), tf.square(mean)), log), 1), 1);
    return tf.mean(tf.add(tf.mul(error, 0.5 / noise ** 2), tf.mul(divergence, 0.5))).asScalar();
  };
  const settings = {
    epochs: 60,
    patience: 60,
    batch: 32,
    learningRate: 0.005,
    optimiser: 'adam',
    clipNorm: 20,
  } as const;
  await optimise(whole, { count: all.length, loss }, { count: 0, loss }, settings, context);
  return {
    encode: (examples) =>
      tf.tidy(
        () => (encoder.apply(tensor(examples.map(({ values }) => values))) as Tensor[])[0]?.arraySync() as number[][],
      ),
    decode: (rows) => tf.tidy(() => (decoder.apply(tensor(rows)) as Tensor).arraySync() as number[][]),
  };
}

export const synthetic: Example<readonly Figures[]> = {
  title: 'Synthetic faults for a kind that was recorded four times',
  async run(tf) {
    const context = (name: string) => trainingContext(tf, 1, name, silent);
    const real = faults(
      kinds.map((_, k) => (k === rare ? seldom : often)),
      'train',
    );
    const test = faults(
      kinds.map(() => tested),
      'test',
    );
    const few = real.filter(({ label }) => label === rare);
    const common = real.filter(({ label }) => label !== rare);
    const autoencoder = await learn(real, context('vae'));
    const [fewCodes, commonCodes] = [autoencoder.encode(few), autoencoder.encode(common)];
    const random = new Random('synthetic', 'drawn');
    const pick = (n: number) => Math.floor(random.uniform(0, n));
    const code = (list: readonly (readonly number[])[], i: number, z: number) => list[i]?.[z] ?? 0;
    const kindMean = kinds.map((_, k) => {
      const own = commonCodes.filter((_, i) => common[i]?.label === k);
      return Array.from(
        { length: codes },
        (_, z) => own.reduce((sum, one) => sum + (one[z] ?? 0), 0) / Math.max(1, own.length),
      );
    });
    const spread = Array.from({ length: codes }, (_, z) =>
      Math.sqrt(
        common.reduce((sum, { label }, i) => sum + (code(commonCodes, i, z) - code(kindMean, label, z)) ** 2, 0) /
          common.length,
      ),
    );
    const lacking = often - seldom;
    const drawn = (make: (z: number, from: number, a: number, b: number) => number) =>
      Array.from({ length: lacking }, () => {
        const a = pick(common.length);
        let b = pick(common.length);
        while (common[b]?.label !== common[a]?.label) b = pick(common.length);
        const from = pick(few.length);
        return Array.from({ length: codes }, (_, z) => make(z, from, a, b));
      });
    const named = (rows: readonly (readonly number[])[]): Labelled[] => rows.map((values) => ({ values, label: rare }));
    // What a decoder leaves out is the noise.
    const noisy = (rows: readonly (readonly number[])[]) =>
      rows.map((row) => row.map((value) => value + random.normal(0, noise)));
    const gaussian = drawn((z, from) => code(fewCodes, from, z) + 0.5 * (spread[z] ?? 0) * random.normal());
    const analogy = drawn(
      (z, from, a, b) => code(fewCodes, from, z) + code(commonCodes, b, z) - code(commonCodes, a, z),
    );
    const more: Record<string, Labelled[]> = {
      'real alone': [],
      'real, repeated': Array.from({ length: lacking }, (_, i) => few[i % seldom] as Labelled),
      'decoded, Gaussian codes': named(noisy(autoencoder.decode(gaussian))),
      'decoded, by analogy': named(noisy(autoencoder.decode(analogy))),
      'as many real ones': faults(
        kinds.map((_, k) => (k === rare ? lacking : 0)),
        'more',
      ),
    };
    const figures: Figures[] = [];
    for (const [way, extra] of Object.entries(more)) {
      const one = context(`head ${way}`);
      const layer = (units: number, options: object) =>
        tf.layers.dense({ name: one.label('head'), units, kernelInitializer: one.initializer(), ...options });
      const head = tf.sequential({
        layers: [layer(24, { activation: 'tanh', inputShape: [frames] }), layer(kinds.length, {})],
      });
      await trainSoftmax(head, [...real, ...extra], [frames], kinds.length, 25, one);
      const right = accuracyOf(logitsOf(head, test, [frames], one), test);
      figures.push({ way, rare: right.of(rare), mean: right.all });
      head.dispose();
    }
    const line = (label: string, values: readonly number[]) => ({
      label,
      points: values.map((value, i): [number, number] => [i, value]),
    });
    return {
      figures,
      table: [
        ['learned from', `right of "${kinds[rare]}"`, 'right of all'],
        ...figures.map(({ way, rare: own, mean }) => [way, own.toFixed(3), mean.toFixed(3)]),
      ],
      plot: {
        title: 'Recorded pulses, and pulses that a decoder made by analogy',
        x: 'frame',
        y: 'signal',
        lines: [
          ...few.slice(0, 2).map(({ values }, i) => line(`recorded ${i + 1}`, values)),
          ...autoencoder
            .decode(analogy)
            .slice(0, 4)
            .map((values, i) => line(`decoded ${i + 1}`, values)),
        ],
      },
    };
  },
};
