/**
 * PCA against an autoencoder: three signals that depend on one hidden quantity, but not linearly. One principal component is a
 * straight line; an autoencoder with one unit in the middle can bend (Hinton & Salakhutdinov 2006). Both are the project's recipes.
 */
import { Random } from '../model/random.js';
import type { Segment } from '../model/segment.js';
import { noWhitening } from '../training/graph/index.js';
import { auroc } from '../training/measures/auroc.js';
import { silent } from '../training/progress.js';
import { findRecipe } from '../training/recipes/index.js';
import { trainingContext } from '../training/recipes/recipe.js';
import { fitScaler } from '../training/scaler.js';
import type { Example } from './example.js';

export interface Figures {
  /** Root mean square of held-out residuals, in normal spreads. */
  readonly pca: { readonly residual: number; readonly auroc: number };
  /** Known answer: less than half of that of PCA; AUROC of points off the curve > .95. */
  readonly autoencoder: { readonly residual: number; readonly auroc: number };
}

const noise = 0.03;

/** Points on a bent curve; `off` moves them away from it, within the range that each signal has. */
function record(random: Random, n: number, off: number): Segment {
  const values = Float32Array.from(
    Array.from({ length: n }, () => {
      const t = random.uniform(-1, 1);
      return [t, t * t + (random.chance(0.5) ? off : -off), Math.sin(3 * t)].map(
        (value) => value + random.normal(0, noise),
      );
    }).flat(),
  );
  return { timesMs: Float64Array.from({ length: n }, (_, i) => 1000 * i), values };
}

export const pcaAgainstAutoencoder: Example<Figures> = {
  title: 'PCA against an autoencoder on a curved manifold',
  async run(tf) {
    const random = new Random('manifold');
    const [fit, validate, test, faulty] = [
      record(random, 800, 0),
      record(random, 400, 0),
      record(random, 500, 0),
      record(random, 500, 0.35),
    ];
    const data = { channels: ['a', 'b', 'c'], fit: [fit], validate: [validate], scaler: fitScaler([fit], 3) };
    const chosen = {
      pca: { variance: 0.3 },
      'dense-ae': {
        window: 1,
        hidden: [24, 12],
        bottleneck: 1,
        stride: 1,
        dropSignal: 0,
        dropValue: 0,
        noise: 0.02,
        epochs: 60,
        patience: 60,
        batch: 32,
        learningRate: 0.01,
      },
    };
    const results = [];
    for (const [name, options] of Object.entries(chosen)) {
      const recipe = findRecipe(name);
      const trained = await recipe.train(recipe.options.parse(options), data, trainingContext(tf, 1, name, silent));
      const outputs = ({ values }: Segment) => {
        const x = { data: values, dims: [values.length / 3, 1, 3] };
        const { score, expected } = trained.reference(x, noWhitening(3));
        return { scores: Array.from(score ?? []), expected: Array.from(expected ?? []) };
      };
      const [good, bad] = [outputs(test), outputs(faulty)];
      trained.dispose();
      results.push({
        name,
        residual: Math.sqrt(good.scores.reduce((sum, score) => sum + score, 0) / good.scores.length / 3),
        auroc: auroc(good.scores, bad.scores),
        curve: good.scores.map((_, i): [number, number] => [good.expected[3 * i] ?? 0, good.expected[3 * i + 1] ?? 0]),
      });
    }
    const [pca, autoencoder] = results;
    if (pca === undefined || autoencoder === undefined) throw new Error('two recipes give two results');
    return {
      figures: { pca, autoencoder },
      table: [
        ['method', 'held-out residual', 'AUROC of points off the curve', 'known answer'],
        ['PCA, 1 component', pca.residual.toFixed(3), pca.auroc.toFixed(3), '-'],
        [
          'autoencoder, 1 unit',
          autoencoder.residual.toFixed(3),
          autoencoder.auroc.toFixed(3),
          'residual < half, AUROC > .95',
        ],
      ],
      plot: {
        title: 'What each method takes for normal',
        x: 'signal a',
        y: 'signal b',
        lines: [
          {
            label: 'measured',
            dots: true,
            points: Array.from({ length: 500 }, (_, i) => [test.values[3 * i] ?? 0, test.values[3 * i + 1] ?? 0]),
          },
          { label: 'PCA', dots: true, points: pca.curve },
          { label: 'autoencoder', dots: true, points: autoencoder.curve },
        ],
      },
    };
  },
};
