/** `kalman`: a local-level Kalman filter of every signal (Kalman 1960; Durbin & Koopman 2012, chapter 2), judged by the normalised innovation squared. */
import { z } from 'zod';
import type { Segment } from '../../model/segment.js';
import { type KalmanState, kalmanGraph, kalmanReference, stepKalman } from '../graph/kalman.js';
import { scaleFrames } from '../scaler.js';
import { defineRecipe, type TrainingData } from './recipe.js';

export const kalman = defineRecipe({
  name: 'kalman',
  summary: 'Kalman filter of a level that wanders; judges each innovation by its expected spread',
  options: z.strictObject({
    warmup: z.int().min(1).default(12).describe('frames after a reset that are not judged'),
    frames: z.int().min(100).default(50_000).describe('at most so many frames are fitted'),
  }),
  closedForm: true,
  span: () => 2,
  train: async ({ warmup, frames }, data, { name }) => {
    const { center, scale } = data.scaler;
    const fits = center.map((_, c) => maximiseLikelihood(signalOf(data, data.fit, c, frames)));
    const drift = fits.map(({ q }) => q);
    const noise = fits.map(({ r }) => r);
    const options = { center, scale, drift, noise, name };
    // Mean negative log likelihood of a reading.
    const loss = (part: readonly Segment[]): number =>
      fits.reduce((sum, { q, r }, c) => {
        const { n, squares, logs } = filter(signalOf(data, part, c, frames), q, r);
        return sum + (0.5 * (squares + logs + n * Math.log(2 * Math.PI))) / Math.max(1, n);
      }, 0) / Math.max(1, center.length);
    return {
      kind: 'recurrent',
      task: 'forecaster',
      window: 1,
      warmupFrames: warmup,
      // The innovation's variance has grown by what a gap hid.
      settleFrames: 0,
      parameters: 2 * center.length,
      losses: { train: loss(data.fit), validate: loss(data.validate), epochs: 0 },
      toOnnx: (whitening) => kalmanGraph({ ...options, whitening }),
      reference: (x, whitening) => ({ ...kalmanReference({ ...options, whitening }, x.data, x.dims[0] ?? 0) }),
      dispose: () => {},
    };
  },
});

/** A reading of a signal that never changes still has this variance, scaled: what it shows in engineering units is for the scaler to say. */
const leastNoise = 1e-4;
/** log10 of the drift's share of the noise, first coarse, then around the best. */
const coarse = Array.from({ length: 17 }, (_, i) => -6 + i / 2);
const fine = Array.from({ length: 9 }, (_, i) => -0.4 + i / 10);

/** Runs of one signal, scaled, NaN = missing. */
type Runs = readonly Float64Array[];

function signalOf({ scaler, channels }: TrainingData, segments: readonly Segment[], c: number, most: number): Runs {
  let left = most;
  return segments.map((segment) => {
    const { values, known, n } = scaleFrames(segment, scaler, Number.POSITIVE_INFINITY);
    const take = Math.min(n, left);
    left -= take;
    return Float64Array.from({ length: take }, (_, t) => {
      const i = t * channels.length + c;
      return known[i] === 1 ? (values[i] as number) : Number.NaN;
    });
  });
}

/** Sums over readings that were foretold: innovations in units of their variance, and the variances' logarithms. */
function filter(runs: Runs, q: number, r: number): { n: number; squares: number; logs: number } {
  let [n, squares, logs] = [0, 0, 0];
  for (const run of runs) {
    let state: KalmanState = { level: 0, precision: 0 };
    for (const z of run) {
      const { after, innovation, variance } = stepKalman(state, z, q, r);
      if (!Number.isNaN(z) && state.precision > 0) {
        n++;
        squares += innovation ** 2 / variance;
        logs += Math.log(variance);
      }
      state = after;
    }
  }
  return { n, squares, logs };
}

/** The noise follows from the ratio q / r (the concentrated likelihood, Durbin & Koopman 2.10), so the search is along one line. */
function maximiseLikelihood(runs: Runs): { q: number; r: number } {
  const attempt = (exponent: number) => {
    const ratio = 10 ** exponent;
    const { n, squares, logs } = filter(runs, ratio, 1);
    const r = Math.max(squares / Math.max(1, n), leastNoise / (1 + ratio));
    return { exponent, q: ratio * r, r, loss: n * Math.log(r) + logs };
  };
  const best = (exponents: readonly number[]) => exponents.map(attempt).reduce((a, b) => (b.loss < a.loss ? b : a));
  const middle = best(coarse).exponent;
  return best(fine.map((step) => middle + step));
}
