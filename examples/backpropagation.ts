/**
 * A network by hand: forward pass, backpropagation (Rumelhart, Hinton & Williams 1986), stochastic gradient descent with momentum.
 * It learns sin(x); the gradient is checked against finite differences, and the result exported to ONNX by the project's exporter.
 */
import { Random } from '../model/random.js';
import { openSession } from '../model/session.js';
import { toOnnx } from '../training/onnx/export.js';
import type { Example } from './example.js';

export interface Figures {
  /** |analytic - finite difference| over their size: known answer, < 1e-2. */
  readonly gradientError: number;
  /** Known answer: < 1e-3. */
  readonly mse: number;
  /** Largest difference between the network here and its ONNX graph. */
  readonly parity: number;
}

const hidden = 24;
/** Weights in one array: [w1, b1, w2] of each hidden unit, then the output's bias. */
const size = 3 * hidden + 1;

/** y = b + sum of w2 tanh(w1 x + b1) */
function forward(weights: Float64Array, x: number): number {
  let y = weights[3 * hidden] ?? 0;
  for (let h = 0; h < hidden; h++) y += at(weights, h, 2) * Math.tanh(at(weights, h, 0) * x + at(weights, h, 1));
  return y;
}

/** Gradient of the mean of (y - sin x)^2 / 2, by the chain rule from the output back. */
function gradient(weights: Float64Array, xs: readonly number[]): Float64Array {
  const sum = new Float64Array(size);
  for (const x of xs) {
    const error = (forward(weights, x) - Math.sin(x)) / xs.length;
    for (let h = 0; h < hidden; h++) {
      const activation = Math.tanh(at(weights, h, 0) * x + at(weights, h, 1));
      // tanh' = 1 - tanh^2
      const before = error * at(weights, h, 2) * (1 - activation ** 2);
      add(sum, 3 * h, before * x);
      add(sum, 3 * h + 1, before);
      add(sum, 3 * h + 2, error * activation);
    }
    add(sum, 3 * hidden, error);
  }
  return sum;
}

const at = (weights: Float64Array, h: number, i: number): number => weights[3 * h + i] ?? 0;

function add(into: Float64Array, i: number, value: number): void {
  into[i] = (into[i] ?? 0) + value;
}

const meanSquare = (weights: Float64Array, xs: readonly number[]) =>
  xs.reduce((sum, x) => sum + (forward(weights, x) - Math.sin(x)) ** 2, 0) / xs.length;

/** |a - b| / (|a| + |b|), b by central differences. */
function checkGradient(weights: Float64Array, xs: readonly number[]): number {
  const analytic = gradient(weights, xs);
  let [difference, length] = [0, 0];
  for (let i = 0; i < size; i++) {
    const loss = (by: number) => {
      const moved = weights.slice();
      add(moved, i, by);
      return meanSquare(moved, xs) / 2;
    };
    const numeric = (loss(1e-5) - loss(-1e-5)) / 2e-5;
    difference += ((analytic[i] ?? 0) - numeric) ** 2;
    length += (analytic[i] ?? 0) ** 2 + numeric ** 2;
  }
  return Math.sqrt(difference / length);
}

export const backpropagation: Example<Figures> = {
  title: 'A network by backpropagation and stochastic gradient descent learns sin(x)',
  async run(tf) {
    const random = new Random('backpropagation');
    const weights = Float64Array.from({ length: size }, () => random.normal(0, 0.7));
    const test = Array.from({ length: 200 }, (_, i) => -Math.PI + (2 * Math.PI * (i + 0.5)) / 200);
    const gradientError = checkGradient(weights, test.slice(0, 50));

    const velocity = new Float64Array(size);
    const losses: [number, number][] = [];
    const steps = 20_000;
    for (let step = 0; step < steps; step++) {
      const batch = Array.from({ length: 16 }, () => random.uniform(-Math.PI, Math.PI));
      const rate = 0.02 * (1 - step / steps);
      gradient(weights, batch).forEach((slope, i) => {
        velocity[i] = 0.9 * (velocity[i] ?? 0) - rate * slope;
        add(weights, i, velocity[i] ?? 0);
      });
      if (step % 200 === 0) losses.push([step, meanSquare(weights, test)]);
    }
    const mse = meanSquare(weights, test);

    const column = (i: number) => Array.from({ length: hidden }, (_, h) => at(weights, h, i));
    const model = tf.sequential({
      layers: [tf.layers.dense({ units: hidden, activation: 'tanh', inputShape: [1] }), tf.layers.dense({ units: 1 })],
    });
    const tensors = [
      tf.tensor2d(column(0), [1, hidden]),
      tf.tensor1d(column(1)),
      tf.tensor2d(column(2), [hidden, 1]),
      tf.tensor1d([weights[3 * hidden] ?? 0]),
    ];
    model.setWeights(tensors);
    const session = await openSession(toOnnx(model, { inputNames: ['x'], outputNames: ['y'] }));
    const { y } = await session.run({ x: { data: Float32Array.from(test), dims: [test.length, 1] } });
    await session.close();
    tf.dispose([tensors, model.getWeights()]);
    const parity = Math.max(...test.map((x, i) => Math.abs(forward(weights, x) - (y?.[i] ?? Number.NaN))));

    return {
      figures: { gradientError, mse, parity },
      table: [
        ['figure', 'value', 'known answer'],
        ['analytic against finite-difference gradient', gradientError.toExponential(1), '< 1e-2'],
        ['mean squared error of sin(x)', mse.toExponential(1), '< 1e-3'],
        ['network against its ONNX graph', parity.toExponential(1), '< 1e-5'],
      ],
      plot: {
        title: 'Error while learning sin(x)',
        x: 'gradient step',
        y: 'mean squared error',
        logY: true,
        lines: [{ label: 'held out', points: losses }],
      },
    };
  },
};
