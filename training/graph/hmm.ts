/** Detector graph of a Gaussian hidden Markov model: its forward filter in the log domain, stepped by a scan; and the same in plain loops. */
import { GraphBuilder, type GraphOptions, type Value } from '../onnx/graph.js';
import { type DetectorGraph, describe } from './detector.js';
import { clip, farLimit, type Scaling, scaleFrames } from './frames.js';

/** K regimes of C signals, in scaled units. */
export interface GaussianHmm {
  /** [K] how often each regime is met. */
  readonly initial: readonly number[];
  /** [K][K] from row to column; rows sum to 1. */
  readonly transition: readonly (readonly number[])[];
  /** [K][C] */
  readonly mean: readonly (readonly number[])[];
  /** [K][C] above 0 */
  readonly variance: readonly (readonly number[])[];
}

export interface HmmOptions extends Scaling, GraphOptions {
  readonly model: GaussianHmm;
}

/** Regimes that the past rules out keep this probability. */
const leastProbability = 1e-30;
/** So that a frame right on its regime's mean still has shares. */
const leastShare = 1e-6;

/**
 * x [N, T, C], state [N, K] (posterior; zeros: no memory, so `initial` holds) -> the outputs of the contract, and `regime` [N, T, K], the posterior.
 *
 * score = -log p(x_t | x_1..t-1) + the log density of the known signals at the peak of their narrowest regime, so never negative; signals share it as
 * their squared residuals. expected and residual are about the regimes that the posterior names. Missing signals are integrated out.
 */
export function hmmGraph({ model, center, scale, ...about }: HmmOptions): DetectorGraph {
  const { initial, transition, mean, variance } = model;
  const [K, C] = [initial.length, center.length];
  const graph = new GraphBuilder(about);
  const op = (name: string, ...inputs: Parameters<GraphBuilder['node']>[1]) => graph.node(name, inputs);
  const x = graph.input('x', ['N', 'T', C]);
  const state = graph.input('state', ['N', K]);
  const { scaled, known } = scaleFrames(graph, x, { center, scale });
  const last = graph.integers([-1]);
  const ones = (n: number) => graph.constant(new Float32Array(n).fill(1), [n, 1], 'ones');

  // log b_k(x) = -1/2 sum over known c of (z - mean)^2 / variance + log(2 pi variance)
  const each = (value: Value) => op('Unsqueeze', value, graph.integers([2]));
  const distance = op('Sub', each(scaled), graph.constant(mean.flat(), [K, C], 'mean'));
  const precision = variance.flat().map((value) => 1 / value);
  const squares = op('Mul', op('Mul', distance, distance), graph.constant(precision, [K, C], 'precision'));
  const logs = graph.constant(
    variance.flat().map((value) => Math.log(2 * Math.PI * value)),
    [K, C],
    'logs',
  );
  const terms = op('Mul', op('Add', squares, logs), each(known));
  const emission = op('Mul', op('Squeeze', op('MatMul', terms, ones(C)), last), graph.constant(-0.5));

  const { states, outputs } = graph.scan(
    [{ value: state, width: K }],
    [{ value: emission, width: K }],
    ([before], [log]) => {
      const weight = op('MatMul', before, ones(K));
      // A flag, not 1 - weight: what rounding leaves of that would outweigh the rarest transitions.
      const empty = graph.node('Cast', [op('Less', weight, graph.constant(0.5))], { to: 1 });
      const fresh = op('Mul', empty, graph.constant(initial, [1, K], 'initial'));
      const carried = op('MatMul', before, graph.constant(transition.flat(), [K, K], 'transition'));
      const prior = op('Max', op('Add', carried, fresh), graph.constant(leastProbability));
      const joint = op('Add', op('Log', prior), log);
      const most = graph.node('ReduceMax', [joint], { axes: [-1], keepdims: 1 });
      const relative = op('Exp', op('Sub', joint, most));
      const sum = op('MatMul', relative, ones(K));
      const posterior = op('Div', relative, sum);
      return { states: [posterior], outputs: [op('Add', most, op('Log', sum)), posterior] };
    },
  );
  const [likelihood, posterior, after] = [outputs[0], outputs[1], states[0]];
  if (likelihood === undefined || posterior === undefined || after === undefined) throw new Error('a scan without end');

  const expected = op('MatMul', posterior, graph.constant(mean.flat(), [K, C], 'mean'));
  const spread = op('Sqrt', op('MatMul', posterior, graph.constant(variance.flat(), [K, C], 'variance')));
  const residual = op('Mul', op('Div', op('Sub', scaled, expected), spread), known);
  const peak = op('MatMul', known, graph.constant(peaks(variance), [C, 1], 'peaks'));
  const surprise = op('Max', op('Sub', peak, likelihood), graph.constant(0));
  const share = op('Mul', op('Add', op('Mul', residual, residual), graph.constant(leastShare)), known);
  const all = op('Max', op('MatMul', share, ones(C)), graph.constant(1e-12));
  const contribution = op('Mul', op('Div', share, all), surprise);
  graph.output('score', op('Squeeze', op('MatMul', contribution, ones(C)), last), ['N', 'T']);
  graph.output('contribution', contribution, ['N', 'T', C]);
  const bounded = clip(graph, expected, farLimit);
  const unscaled = op('Mul', bounded, graph.constant(scale, [C], 'scale'));
  graph.output('expected', op('Add', unscaled, graph.constant(center, [C], 'center')), ['N', 'T', C]);
  graph.output('residual', residual, ['N', 'T', C]);
  graph.output('regime', posterior, ['N', 'T', K]);
  graph.output('state_out', after, ['N', K]);
  return describe(graph, 'recurrent', 1, K);
}

/** [C] log density at the middle of the narrowest regime. */
function peaks(variance: GaussianHmm['variance']): number[] {
  return (variance[0] ?? []).map((_, c) => {
    return -0.5 * Math.log(2 * Math.PI * Math.min(...variance.map((row) => row[c] ?? Number.NaN)));
  });
}

/** [K] log densities of a scaled frame, NaN = missing; rounded as the graph rounds, as narrow regimes magnify it. */
export function logDensities({ mean, variance }: GaussianHmm, z: ArrayLike<number>, from = 0): number[] {
  const round = Math.fround;
  return mean.map((row, k) => {
    let sum = 0;
    for (let c = 0; c < row.length; c++) {
      const value = z[from + c] ?? Number.NaN;
      if (Number.isNaN(value)) continue;
      const spread = variance[k]?.[c] ?? 1;
      const distance = round(value - round(row[c] ?? 0));
      const square = round(round(distance * distance) * round(1 / spread));
      sum = round(sum + round(square + round(Math.log(2 * Math.PI * spread))));
    }
    return -0.5 * sum;
  });
}

/** One step of the forward filter. @param before [K], zeros without memory */
export function stepHmm(
  { initial, transition }: GaussianHmm,
  before: readonly number[],
  log: readonly number[],
): { posterior: number[]; likelihood: number } {
  const weight = before.reduce((sum, p) => sum + p, 0);
  const joint = log.map((density, k) => {
    const carried = before.reduce((sum, p, j) => sum + p * (transition[j]?.[k] ?? 0), 0);
    const prior = Math.max(carried + (weight < 0.5 ? (initial[k] ?? 0) : 0), leastProbability);
    // Rounded as the graph rounds: far from all regimes both are large and what tells regimes apart is small.
    return Math.fround(Math.fround(Math.log(prior)) + density);
  });
  const most = Math.max(...joint);
  const relative = joint.map((value) => Math.exp(value - most));
  const sum = relative.reduce((a, b) => a + b, 0);
  return { posterior: relative.map((value) => value / sum), likelihood: most + Math.log(sum) };
}

/** The graph's outputs from no memory, in plain loops. @param x [n, T, C], NaN = missing */
export function hmmReference({ model, center, scale }: HmmOptions, x: Float32Array, n: number) {
  const [K, C] = [model.initial.length, center.length];
  const T = x.length / (n * C);
  const top = peaks(model.variance);
  const outputs = {
    score: new Float32Array(n * T),
    contribution: new Float32Array(n * T * C),
    expected: new Float32Array(n * T * C),
    residual: new Float32Array(n * T * C),
    regime: new Float32Array(n * T * K),
  };
  for (let row = 0; row < n; row++) {
    let posterior = new Array<number>(K).fill(0);
    for (let t = 0; t < T; t++) {
      const at = (row * T + t) * C;
      const z = center.map((middle, c) => {
        const raw = x[at + c] ?? Number.NaN;
        const value = Math.fround(Math.fround(raw - Math.fround(middle)) / Math.fround(scale[c] ?? 1));
        return Number.isFinite(raw) ? Math.max(-farLimit, Math.min(farLimit, value)) : Number.NaN;
      });
      const step = stepHmm(model, posterior, logDensities(model, z));
      posterior = step.posterior;
      const mix = (table: GaussianHmm['mean'], c: number) =>
        posterior.reduce((sum, p, k) => sum + p * (table[k]?.[c] ?? 0), 0);
      const expected = z.map((_, c) => mix(model.mean, c));
      const residual = z.map((value, c) =>
        Number.isNaN(value) ? 0 : (value - (expected[c] ?? 0)) / Math.sqrt(mix(model.variance, c)),
      );
      const share = residual.map((value, c) => (Number.isNaN(z[c]) ? 0 : value * value + leastShare));
      const all = share.reduce((a, b) => a + b, 0);
      const peak = z.reduce((sum, value, c) => sum + (Number.isNaN(value) ? 0 : (top[c] ?? 0)), 0);
      const surprise = all === 0 ? 0 : Math.max(0, peak - step.likelihood);
      outputs.score[row * T + t] = surprise;
      outputs.contribution.set(
        share.map((value) => (all === 0 ? 0 : (value / all) * surprise)),
        at,
      );
      outputs.expected.set(
        expected.map((value, c) => value * (scale[c] ?? 1) + (center[c] ?? 0)),
        at,
      );
      outputs.residual.set(residual, at);
      outputs.regime.set(posterior, (row * T + t) * K);
    }
  }
  return outputs;
}
