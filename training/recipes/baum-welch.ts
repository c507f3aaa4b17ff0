/** Fits a Gaussian hidden Markov model by expectation maximisation (Baum, Petrie, Soules & Weiss 1970; scaling of Rabiner 1989, section V.A). */
import type { Random } from '../../model/random.js';
import { type GaussianHmm, logDensities, stepHmm } from '../graph/hmm.js';

/** Frames [n*C] in scaled units, NaN = missing. */
export interface Sequence {
  readonly n: number;
  readonly values: Float64Array;
}

const leastVariance = 1e-2;
/** Share of every transition that is spread evenly, so that what was never seen stays possible. */
const unseen = 1e-4;
/** Gain of the mean log likelihood of a frame below which nothing more is learned. */
const leastGain = 1e-4;

export function fitHmm(
  sequences: readonly Sequence[],
  regimes: number,
  channels: number,
  iterations: number,
  random: Random,
): { readonly model: GaussianHmm; readonly likelihood: number } {
  let model = firstModel(sequences, regimes, channels, random);
  let before = Number.NEGATIVE_INFINITY;
  const frames = sequences.reduce((sum, { n }) => sum + n, 0);
  for (let i = 0; i < iterations; i++) {
    const next = improve(model, sequences, channels);
    if (next.likelihood - before < leastGain * frames) break;
    before = next.likelihood;
    model = next.model;
  }
  return { model, likelihood: likelihoodOf(model, sequences) };
}

/** log p of all sequences. */
export function likelihoodOf(model: GaussianHmm, sequences: readonly Sequence[]): number {
  const C = model.mean[0]?.length ?? 1;
  let sum = 0;
  for (const { n, values } of sequences) {
    let state = new Array<number>(model.initial.length).fill(0);
    for (let t = 0; t < n; t++) {
      const step = stepHmm(model, state, logDensities(model, values, t * C));
      sum += step.likelihood;
      state = step.posterior;
    }
  }
  return sum;
}

/** Middles by k-means++ (Arthur & Vassilvitskii 2007): each new one is drawn by its squared distance from the others. */
function firstModel(sequences: readonly Sequence[], K: number, C: number, random: Random): GaussianHmm {
  const frames = sequences.flatMap(({ n, values }) =>
    Array.from({ length: n }, (_, t) =>
      Array.from(values.subarray(t * C, (t + 1) * C), (value) => (Number.isNaN(value) ? 0 : value)),
    ),
  );
  const distance = (a: readonly number[], b: readonly number[]) =>
    a.reduce((sum, value, c) => sum + (value - (b[c] ?? 0)) ** 2, 0);
  let mean: number[][] = [frames[Math.floor(random.uniform(0, frames.length))] ?? []];
  while (mean.length < K) {
    const far = frames.map((frame) => Math.min(...mean.map((middle) => distance(frame, middle))));
    let left = random.uniform(
      0,
      far.reduce((sum, d) => sum + d, 0),
    );
    const chosen = far.findIndex((d) => {
      left -= d;
      return left <= 0;
    });
    mean.push(frames[Math.max(0, chosen)] ?? []);
  }
  for (let round = 0; round < 10; round++) {
    const sums = mean.map(() => new Float64Array(C));
    const counts = new Array<number>(K).fill(0);
    for (const frame of frames) {
      const distances = mean.map((middle) => distance(frame, middle));
      const k = distances.indexOf(Math.min(...distances));
      counts[k] = (counts[k] ?? 0) + 1;
      frame.forEach((value, c) => {
        const sum = sums[k];
        if (sum !== undefined) sum[c] = (sum[c] ?? 0) + value;
      });
    }
    mean = mean.map((middle, k) => middle.map((value, c) => (counts[k] ? (sums[k]?.[c] ?? 0) / counts[k] : value)));
  }
  const stay = 0.9;
  return {
    initial: mean.map(() => 1 / K),
    transition: mean.map((_, j) => mean.map((__, k) => (K === 1 ? 1 : j === k ? stay : (1 - stay) / (K - 1)))),
    mean,
    variance: mean.map(() => new Array<number>(C).fill(1)),
  };
}

/** One round: posteriors of regimes and transitions by the forward-backward recursion, then the means that they weigh. */
function improve(
  model: GaussianHmm,
  sequences: readonly Sequence[],
  C: number,
): { model: GaussianHmm; likelihood: number } {
  const K = model.initial.length;
  const weight = new Float64Array(K * C);
  const sum = new Float64Array(K * C);
  const square = new Float64Array(K * C);
  const visits = new Float64Array(K);
  const moves = new Float64Array(K * K);
  const add = (array: Float64Array, i: number, value: number) => {
    array[i] = (array[i] ?? 0) + value;
  };
  let likelihood = 0;
  for (const { n, values } of sequences) {
    const densities: Float64Array[] = [];
    const forward: number[][] = [];
    let state = new Array<number>(K).fill(0);
    for (let t = 0; t < n; t++) {
      const log = logDensities(model, values, t * C);
      const step = stepHmm(model, state, log);
      likelihood += step.likelihood;
      // p(x_t | k) / p(x_t | past): what Rabiner's scaling leaves.
      densities.push(Float64Array.from(log, (value) => Math.exp(value - step.likelihood)));
      state = step.posterior;
      forward.push(state);
    }
    let backward = new Array<number>(K).fill(1);
    for (let t = n - 1; t >= 0; t--) {
      const alpha = forward[t] ?? [];
      for (let k = 0; k < K; k++) {
        const gamma = (alpha[k] ?? 0) * (backward[k] ?? 0);
        add(visits, k, gamma);
        for (let c = 0; c < C; c++) {
          const value = values[t * C + c] ?? Number.NaN;
          if (Number.isNaN(value)) continue;
          add(weight, k * C + c, gamma);
          add(sum, k * C + c, gamma * value);
          add(square, k * C + c, gamma * value * value);
        }
      }
      const previous = forward[t - 1];
      if (previous === undefined) break;
      const next = backward.map((b, k) => b * (densities[t]?.[k] ?? 0));
      backward = previous.map((p, j) => {
        let total = 0;
        for (let k = 0; k < K; k++) {
          const flow = (model.transition[j]?.[k] ?? 0) * (next[k] ?? 0);
          add(moves, j * K + k, p * flow);
          total += flow;
        }
        return total;
      });
    }
  }
  const at = (array: Float64Array, i: number) => array[i] ?? 0;
  const total = visits.reduce((a, b) => a + b, 0);
  const rows = <T>(make: (k: number) => T): T[] => Array.from({ length: K }, (_, k) => make(k));
  const mean = rows((k) =>
    Array.from({ length: C }, (_, c) => at(sum, k * C + c) / Math.max(at(weight, k * C + c), 1e-9)),
  );
  return {
    likelihood,
    model: {
      initial: rows((k) => at(visits, k) / total),
      transition: rows((j) => {
        const leaving = rows((k) => at(moves, j * K + k)).reduce((a, b) => a + b, 0);
        return rows((k) => (leaving > 0 ? (1 - unseen) * (at(moves, j * K + k) / leaving) + unseen / K : 1 / K));
      }),
      mean,
      variance: rows((k) =>
        Array.from({ length: C }, (_, c) => {
          const i = k * C + c;
          const spread = at(square, i) / Math.max(at(weight, i), 1e-9) - (mean[k]?.[c] ?? 0) ** 2;
          return Math.max(leastVariance, spread);
        }),
      ),
    },
  };
}
