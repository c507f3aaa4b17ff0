/**
 * Why LSTM: the sign of the first input must be recalled after 5, 50 or 100 frames of noise. In a simple network the gradient
 * fades on the way back (Bengio, Simard & Frasconi 1994); the memory cell of an LSTM carries it (Hochreiter & Schmidhuber 1997).
 */
import type { LayersModel, Tensor } from '@tensorflow/tfjs';
import { Random } from '../model/random.js';
import { optimise } from '../training/optimise.js';
import { silent } from '../training/progress.js';
import { predict } from '../training/recipes/predict.js';
import { trainingContext } from '../training/recipes/recipe.js';
import type { TensorFlow } from '../training/tensorflow/load.js';
import type { Example } from './example.js';

export interface Recall {
  readonly cell: 'rnn' | 'lstm';
  readonly lag: number;
  /** Share of right signs on held-out sequences; .5 is chance. */
  readonly accuracy: number;
  /** Norm of the gradient at the first frame over that at the last, before training. */
  readonly gradientRatio: number;
}

const units = 16;
const lags = [5, 50, 100];

export const recall: Example<readonly Recall[]> = {
  title: 'Why LSTM: recall over 5, 50 and 100 frames',
  async run(tf) {
    const figures: Recall[] = [];
    const lines: { label: string; points: [number, number][] }[] = [];
    for (const cell of ['rnn', 'lstm'] as const)
      for (const lag of lags) {
        const { norms, ...figure } = await learn(tf, cell, lag);
        figures.push(figure);
        if (lag === 100) lines.push({ label: `${cell}, lag 100`, points: norms.map((norm, i) => [lag - i, norm]) });
      }
    return {
      figures,
      table: [
        ['network', 'lag', 'right', 'gradient at first / last frame', 'known answer'],
        ...figures.map(({ cell, lag, accuracy, gradientRatio }) => [
          cell,
          String(lag),
          accuracy.toFixed(3),
          gradientRatio.toExponential(1),
          cell === 'lstm' || lag === 5 ? '1' : lag === 100 ? '0.5, chance' : '-',
        ]),
      ],
      plot: {
        title: 'Gradient on its way back through time, before training',
        x: 'frames back',
        y: 'norm',
        logY: true,
        lines,
      },
    };
  },
};

async function learn(tf: TensorFlow, cell: Recall['cell'], lag: number): Promise<Recall & { norms: number[] }> {
  const context = trainingContext(tf, 3, `${cell}-${lag}`, silent);
  const model = build(tf, cell, lag, context.initializer);
  const random = new Random('recall', lag);
  const examples = (count: number) => {
    const rows = Array.from({ length: count }, () => {
      const sign = random.chance(0.5) ? 1 : -1;
      // The second column says which frame to keep.
      const frames = Array.from({ length: lag + 1 }, (_, t) => (t === 0 ? [sign, 1] : [random.normal(), 0]));
      return { frames, target: [(sign + 1) / 2] };
    });
    const batch = (chosen: readonly number[]) => ({
      x: tf.tensor3d(chosen.map((row) => rows[row]?.frames ?? [])),
      y: tf.tensor2d(chosen.map((row) => rows[row]?.target ?? [])),
    });
    return {
      count,
      batch,
      loss: (chosen: readonly number[]) => {
        const { x, y } = batch(chosen);
        return tf.losses.sigmoidCrossEntropy(y, predict(model, x)).asScalar();
      },
    };
  };
  const [train, validate] = [examples(512), examples(256)];
  const all = Array.from({ length: validate.count }, (_, i) => i);
  const norms = tf.tidy(() => {
    const { x } = validate.batch(all.slice(0, 32));
    const slope = tf.grad((input: Tensor) => predict(model, input).sum())(x);
    return Array.from(slope.square().sum([0, 2]).sqrt().dataSync());
  });
  const options = { epochs: 12, patience: 12, batch: 64, learningRate: 0.01, optimiser: 'adam', clipNorm: 1 } as const;
  await optimise(model, train, validate, options, context);
  const accuracy = tf.tidy(() => {
    const { x, y } = validate.batch(all);
    return predict(model, x).greater(0).equal(y.greater(0.5)).mean().dataSync()[0] ?? 0;
  });
  model.dispose();
  return { cell, lag, accuracy, gradientRatio: (norms[0] ?? 0) / (norms.at(-1) ?? 1), norms };
}

function build(
  tf: TensorFlow,
  cell: Recall['cell'],
  lag: number,
  initializer: () => ReturnType<TensorFlow['initializers']['glorotUniform']>,
): LayersModel {
  const config = {
    units,
    inputShape: [lag + 1, 2],
    kernelInitializer: initializer(),
    recurrentInitializer: initializer(),
  };
  const layer =
    cell === 'rnn'
      ? tf.layers.simpleRNN(config)
      : tf.layers.lstm({ ...config, recurrentActivation: 'sigmoid', unitForgetBias: false });
  const model = tf.sequential({ layers: [layer, tf.layers.dense({ units: 1, kernelInitializer: initializer() })] });
  if (cell === 'lstm') {
    // A cell that forgets within a few frames learns nothing of the hundredth: memories as long as the task (Tallec & Ollivier 2018).
    const random = new Random('chrono', lag);
    const forget = Array.from({ length: units }, () => Math.log(random.uniform(1, 2 * lag)));
    const zeros = forget.map(() => 0);
    const [kernel, recurrent] = layer.getWeights();
    const bias = tf.tensor1d([...forget.map((value) => -value), ...forget, ...zeros, ...zeros]);
    if (kernel !== undefined && recurrent !== undefined) layer.setWeights([kernel, recurrent, bias]);
    bias.dispose();
  }
  return model;
}
