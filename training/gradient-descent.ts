/** Gradient steps on all weights of a network as one vector: Adam and momentum in plain loops, the same numbers on every backend. */
import type { Scalar, Tensor, Variable } from '@tensorflow/tfjs';
import type { OptimiserOptions } from './recipes/recipe.js';
import type { TensorFlow } from './tensorflow/load.js';
import { alone, type Twin } from './twin.js';

/** Kingma & Ba 2015, their defaults but for epsilon, which is TensorFlow's. */
const adam = { beta1: 0.9, beta2: 0.999, epsilon: 1e-7 };
const momentum = 0.9;

/** A loss, or one as the sum of two halves that two threads can share. */
export type Loss = (() => Scalar) | readonly [() => Scalar, () => Scalar];

/**
 * tfjs's optimisers take a dozen operations for each variable, which for networks of our sizes costs more than the gradient itself: here each
 * gradient is read once and each variable written once a step.
 */
export class GradientDescent {
  /** Set it to anneal. */
  learningRate: number;
  private readonly weights: Float32Array[];
  private readonly first: Float32Array[];
  private readonly second: Float32Array[];
  private steps = 0;

  /**
   * @param variables are written by `step`, and by nobody else meanwhile; they stay the caller's
   * @param twin shares the halves of a loss
   */
  constructor(
    private readonly tf: TensorFlow,
    private readonly variables: readonly Variable[],
    private readonly options: Pick<OptimiserOptions, 'optimiser' | 'learningRate' | 'clipNorm'>,
    private readonly twin: Twin = alone,
  ) {
    this.learningRate = options.learningRate;
    this.weights = variables.map((variable) => Float32Array.from(variable.dataSync<'float32'>()));
    this.first = this.weights.map(({ length }) => new Float32Array(length));
    this.second = options.optimiser === 'adam' ? this.weights.map(({ length }) => new Float32Array(length)) : [];
  }

  /** One step down the gradient, which is shortened to `clipNorm` (Pascanu, Mikolov & Bengio 2013). @returns the loss before it */
  async step(loss: Loss): Promise<number> {
    const { tf, variables } = this;
    const differentiated = (term: () => Scalar): Float32Array[] => {
      let values: Float32Array[] = [];
      tf.tidy(() => {
        const { value, grads } = tf.variableGrads(term, [...variables]);
        values = [value, ...variables.map(({ name }) => grads[name] as Tensor)].map((one) => one.dataSync<'float32'>());
      });
      return values;
    };
    const [[before], ...gradients] = (
      typeof loss === 'function' ? differentiated(loss) : await this.twin.sum((half) => differentiated(loss[half]))
    ) as [Float32Array, ...Float32Array[]];
    let sum = 0;
    for (const gradient of gradients)
      for (let i = 0; i < gradient.length; i++) sum += (gradient[i] as number) * (gradient[i] as number);
    const factor = Math.min(1, this.options.clipNorm / (Math.sqrt(sum) + 1e-12));
    this.steps++;
    tf.tidy(() => {
      for (const [k, variable] of variables.entries()) {
        const weights = this.weights[k] as Float32Array;
        if (this.options.optimiser === 'adam') this.adamStep(k, gradients[k] as Float32Array, factor);
        else this.momentumStep(k, gradients[k] as Float32Array, factor);
        // A copy: tfjs keeps the array that it is given.
        variable.assign(tf.tensor(weights.slice(), variable.shape, 'float32'));
      }
    });
    return before as number;
  }

  private adamStep(k: number, gradient: Float32Array, factor: number): void {
    const [weights, m, v] = [this.weights[k], this.first[k], this.second[k]] as [
      Float32Array,
      Float32Array,
      Float32Array,
    ];
    const { beta1, beta2 } = adam;
    const correction = Math.sqrt(1 - beta2 ** this.steps);
    const rate = (this.learningRate * correction) / (1 - beta1 ** this.steps);
    const epsilon = adam.epsilon * correction;
    for (let i = 0; i < weights.length; i++) {
      const g = (gradient[i] as number) * factor;
      const mean = beta1 * (m[i] as number) + (1 - beta1) * g;
      const square = beta2 * (v[i] as number) + (1 - beta2) * g * g;
      m[i] = mean;
      v[i] = square;
      weights[i] = (weights[i] as number) - (rate * mean) / (Math.sqrt(square) + epsilon);
    }
  }

  private momentumStep(k: number, gradient: Float32Array, factor: number): void {
    const [weights, speed] = [this.weights[k], this.first[k]] as [Float32Array, Float32Array];
    for (let i = 0; i < weights.length; i++) {
      const now = momentum * (speed[i] as number) + (gradient[i] as number) * factor;
      speed[i] = now;
      weights[i] = (weights[i] as number) - this.learningRate * now;
    }
  }
}
