/** Detector graph of local-level Kalman filters, one a signal, stepped by a scan; and the same in plain loops. */
import { GraphBuilder, type GraphOptions } from '../onnx/graph.js';
import { type DetectorGraph, describe } from './detector.js';
import { farLimit, type Scaling, scaleFrames } from './frames.js';
import { PackedState } from './network.js';
import { noWhitening, scoreOutputs, type Whitening } from './scores.js';

export interface KalmanOptions extends Scaling, GraphOptions {
  /** [C] variance of the level's step from frame to frame, scaled, not negative. */
  readonly drift: readonly number[];
  /** [C] variance of a reading about its level, scaled, above 0. */
  readonly noise: readonly number[];
  readonly whitening?: Whitening;
}

/**
 * x [N, T, C], state [N, 2C] (level, then its precision) -> the outputs of the contract; residual = innovation / its standard deviation, so that the
 * score is the normalised innovation squared. A precision of 0 knows nothing, so a state of zeros has no memory; a missing reading predicts without update.
 *
 * Beyond `mostInnovation` standard deviations an innovation moves the level no further (Masreliez & Martin 1977), so that a fault is not taken for normal.
 *
 * P- = 1 / J + q, S = P- + r, K = P- / S, level += K nu, J = 1 / P- + 1 / r: in terms of the precision J, where nothing becomes infinite.
 */
export function kalmanGraph(options: KalmanOptions): DetectorGraph {
  const { center, drift, noise } = options;
  const C = center.length;
  const graph = new GraphBuilder(options);
  const x = graph.input('x', ['N', 'T', C]);
  const packed = new PackedState(graph, graph.input('state', ['N', 2 * C]));
  const { scaled, known } = scaleFrames(graph, x, options);
  const op = (name: string, ...inputs: Parameters<GraphBuilder['node']>[1]) => graph.node(name, inputs);
  const [q, r, one] = [graph.constant(drift, [C]), graph.constant(noise, [C]), graph.constant(1)];
  const { states, outputs } = graph.scan(
    [
      { value: packed.take(C), width: C },
      { value: packed.take(C), width: C },
    ],
    [
      { value: scaled, width: C },
      { value: known, width: C },
    ],
    ([level, precision], [z, there]) => {
      const before = op('Div', precision, op('Add', one, op('Mul', q, precision)));
      // 1 + r J-: r / S is 1 - 1 / this.
      const doubt = op('Add', one, op('Mul', r, before));
      const gain = op('Div', there, doubt);
      const learned = op('Add', before, op('Div', there, r));
      // 1 / S; 0 as long as nothing is known.
      const certainty = op('Div', before, doubt);
      const innovation = op('Sub', z, level);
      const size = op('Abs', op('Mul', innovation, op('Sqrt', certainty)));
      const trust = op('Min', one, op('Div', graph.constant(mostInnovation), op('Max', size, graph.constant(1e-12))));
      const after = op('Add', level, op('Mul', gain, op('Mul', innovation, trust)));
      return { states: [after, learned], outputs: [level as typeof after, certainty] };
    },
  );
  const [expected, certainty] = outputs;
  if (expected === undefined || certainty === undefined) throw new Error('a scan without outputs');
  const seen = graph.node('Cast', [graph.node('Greater', [certainty, graph.constant(0)])], { to: 1 });
  const deviation = op('Sqrt', op('Div', one, op('Max', certainty, graph.constant(leastCertainty))));
  scoreOutputs(graph, { scaled, known: op('Mul', known, seen), expected, deviation }, options, options.whitening, 'T');
  for (const state of states) packed.leave(state);
  graph.output('state_out', packed.pack(2 * C), ['N', 2 * C]);
  return describe(graph, 'recurrent', 1, 2 * C);
}

/** Standard deviations. */
const mostInnovation = 3;
const leastCertainty = 1e-12;

/** One step of one signal. @param z NaN = missing */
export function stepKalman(
  { level, precision }: KalmanState,
  z: number,
  q: number,
  r: number,
): { after: KalmanState; innovation: number; variance: number } {
  const before = precision / (1 + q * precision);
  const doubt = 1 + r * before;
  const innovation = z - level;
  const variance = doubt / before;
  if (Number.isNaN(z)) return { after: { level, precision: before }, innovation, variance };
  const trust = Math.min(1, mostInnovation / Math.max(1e-12, Math.abs(innovation) * Math.sqrt(1 / variance)));
  return { after: { level: level + (innovation * trust) / doubt, precision: before + 1 / r }, innovation, variance };
}

export interface KalmanState {
  readonly level: number;
  /** 0 knows nothing. */
  readonly precision: number;
}

/** The graph's outputs from no memory, in plain loops. @param x [n, T, C], NaN = missing */
export function kalmanReference(options: KalmanOptions, x: Float32Array, n: number) {
  const { center, scale, drift, noise, whitening = noWhitening(center.length) } = options;
  const C = center.length;
  const T = x.length / (n * C);
  const round = Math.fround;
  const outputs = {
    score: new Float32Array(n * T),
    contribution: new Float32Array(n * T * C),
    expected: new Float32Array(n * T * C),
    residual: new Float32Array(n * T * C),
  };
  for (let row = 0; row < n; row++) {
    let states: KalmanState[] = center.map(() => ({ level: 0, precision: 0 }));
    for (let t = 0; t < T; t++) {
      const at = (row * T + t) * C;
      const steps = states.map((state, c) => {
        const raw = x[at + c] ?? Number.NaN;
        const z = round(round(raw - round(center[c] ?? 0)) / round(scale[c] ?? 1));
        const bounded = Number.isFinite(raw) ? Math.max(-farLimit, Math.min(farLimit, z)) : Number.NaN;
        return { state, ...stepKalman(state, bounded, round(drift[c] ?? 0), round(noise[c] ?? 1)) };
      });
      const judged = steps.map(({ innovation, state }) => (Number.isNaN(innovation) || state.precision === 0 ? 0 : 1));
      const residual = steps.map(({ innovation, variance }, c) => (judged[c] ? innovation / Math.sqrt(variance) : 0));
      const centered = residual.map((value, c) => (judged[c] ? value - (whitening.mu[c] ?? 0) : 0));
      const share = centered.map((_, c) =>
        judged[c] ? centered.reduce((sum, value, k) => sum + value * (whitening.matrix[k]?.[c] ?? 0), 0) ** 2 : 0,
      );
      outputs.score[row * T + t] = share.reduce((sum, value) => sum + value, 0);
      outputs.contribution.set(share, at);
      outputs.residual.set(residual, at);
      outputs.expected.set(
        states.map(({ level }, c) => level * (scale[c] ?? 1) + (center[c] ?? 0)),
        at,
      );
      states = steps.map(({ after }) => ({ level: round(after.level), precision: round(after.precision) }));
    }
  }
  return outputs;
}
