/** `hmm`: a Gaussian hidden Markov model (Rabiner 1989); the number of regimes by the Bayesian information criterion (Schwarz 1978). */
import { z } from 'zod';
import { Random } from '../../model/random.js';
import type { Segment } from '../../model/segment.js';
import { hmmGraph, hmmReference } from '../graph/hmm.js';
import { inputLimit, scaleFrames } from '../scaler.js';
import { fitHmm, likelihoodOf, type Sequence } from './baum-welch.js';
import { defineRecipe, type TrainingData } from './recipe.js';

export const hmm = defineRecipe({
  name: 'hmm',
  summary: 'hidden Markov model of operating regimes; judges a frame by its density in the regimes that it may be in',
  options: z.strictObject({
    regimes: z
      .int()
      .min(1)
      .max(32)
      .optional()
      .describe('default: 1 to `mostRegimes`, by the Bayesian information criterion'),
    mostRegimes: z.int().min(1).max(32).default(6),
    iterations: z.int().min(1).default(40).describe('most rounds of expectation maximisation'),
    frames: z.int().min(100).default(10_000).describe('at most so many frames are fitted'),
    warmup: z.int().min(1).default(3).describe('frames after a reset that are not judged'),
  }),
  closedForm: true,
  span: () => 2,
  train: async ({ regimes, mostRegimes, iterations, frames, warmup }, data, { seed, name, progress }) => {
    const C = data.channels.length;
    const fit = sequencesOf(data, data.fit, frames);
    const n = fit.reduce((sum, sequence) => sum + sequence.n, 0);
    const counts = regimes === undefined ? Array.from({ length: mostRegimes }, (_, i) => i + 1) : [regimes];
    const task = progress.task(`Training ${name}`, counts.length);
    const fits = counts.map((K, i) => {
      const { model, likelihood } = fitHmm(fit, K, C, iterations, new Random(seed, name, K));
      const parameters = 2 * K * C + K * (K - 1) + (K - 1);
      const bic = parameters * Math.log(n) - 2 * likelihood;
      task.update(i + 1, `${K} regime(s), BIC ${bic.toFixed(0)}`);
      return { model, likelihood, parameters, bic };
    });
    task.end();
    const { model, parameters, likelihood } = fits.reduce((a, b) => (b.bic < a.bic ? b : a));
    const held = sequencesOf(data, data.validate, frames);
    const options = { model, center: data.scaler.center, scale: data.scaler.scale, name };
    return {
      kind: 'recurrent',
      task: 'density',
      window: 1,
      warmupFrames: warmup,
      // A missing signal is integrated out, and leaves nothing behind.
      settleFrames: 0,
      parameters,
      // Mean negative log likelihood of a reading.
      losses: {
        train: -likelihood / (n * C),
        validate:
          -likelihoodOf(model, held) /
          (Math.max(
            1,
            held.reduce((sum, sequence) => sum + sequence.n, 0),
          ) *
            C),
        epochs: 0,
      },
      // The density has its own spreads: nothing is left to whiten.
      toOnnx: () => hmmGraph(options),
      reference: (x) => ({ ...hmmReference(options, x.data, x.dims[0] ?? 0) }),
      dispose: () => {},
    };
  },
});

function sequencesOf({ scaler }: TrainingData, segments: readonly Segment[], most: number): Sequence[] {
  const C = scaler.center.length;
  let left = most;
  return segments.flatMap((segment) => {
    const n = Math.min(left, segment.timesMs.length);
    left -= n;
    const { values, known } = scaleFrames(segment, scaler, inputLimit);
    const scaled = Float64Array.from({ length: n * C }, (_, i) => (known[i] === 1 ? (values[i] ?? 0) : Number.NaN));
    return n === 0 ? [] : [{ n, values: scaled }];
  });
}
