/** What a recipe is: a name, hyper-parameters with defaults, and how to train a detector that can be exported. */
import type { initializers } from '@tensorflow/tfjs';
import { z } from 'zod';
import { Random } from '../../model/random.js';
import type { Segment } from '../../model/segment.js';
import type { GraphInput } from '../../model/session.js';
import type { DetectorGraph, Whitening } from '../graph/index.js';
import type { Progress } from '../progress.js';
import type { Scaler } from '../scaler.js';
import type { TensorFlow } from '../tensorflow/load.js';
import type { Twin } from '../twin.js';

/** Frames in engineering units, NaN = missing, and the scaler that was learned from `fit`. */
export interface TrainingData {
  readonly channels: readonly string[];
  readonly fit: readonly Segment[];
  readonly validate: readonly Segment[];
  readonly scaler: Scaler;
}

export interface TrainingContext {
  readonly tf: TensorFlow;
  /** Everything random is drawn from it and the detector's name. */
  readonly seed: number;
  /** The detector's name, for people and for the random numbers. */
  readonly name: string;
  readonly progress: Progress;
  /** First weights of one layer (Glorot & Bengio 2010); each call draws others. */
  readonly initializer: () => ReturnType<typeof initializers.glorotUniform>;
  /** Losses after each epoch, for the report; whoever trains adds them. */
  readonly history: EpochLosses[];
  /** A layer's name: tfjs would count through the whole process, and node names in the graph with it. */
  readonly label: (kind: string) => string;
  /** A second thread for what takes long, if there may be one; who made the context ends it. @param parameters of the network */
  readonly openTwin?: (parameters: number) => Twin;
}

/** A context whose random numbers depend on nothing but `seed` and `name`. */
export function trainingContext(tf: TensorFlow, seed: number, name: string, progress: Progress): TrainingContext {
  const random = new Random(seed, name, 'weights');
  const initializer = () => tf.initializers.glorotUniform({ seed: Math.floor(random.uniform(1, 2 ** 31)) });
  let layers = 0;
  const label = (kind: string) => `${kind}_${++layers}`;
  return { tf, seed, name, progress, initializer, label, history: [] };
}

export interface EpochLosses {
  readonly train: number;
  readonly validate: number;
}

export interface Losses {
  readonly train: number;
  readonly validate: number;
  readonly epochs: number;
}

/** What came out: everything the manifest tells of the detector but its calibration. Owns tensors until `dispose`. */
export interface Trained {
  readonly kind: 'window' | 'recurrent';
  readonly task: 'forecaster' | 'reconstructor' | 'density';
  /** Frames of one input window; 1 for recurrent detectors. */
  readonly window: number;
  readonly warmupFrames: number;
  /**
   * Frames after a signal was missing in which what is said of it is worth nothing; by default until the window is free of the hole or the memory
   * full again. 0 where the model knows how much less it knows after a gap.
   */
  readonly settleFrames?: number;
  readonly parameters: number;
  readonly losses: Losses;
  /** The network with scaler, mask, residual and whitening as one graph of the contract in ARCHITECTURE.md. */
  toOnnx(whitening: Whitening): DetectorGraph;
  /** Network and scoring computed outside onnxruntime, from no memory: outputs by name, as the graph's. */
  reference(x: GraphInput, whitening: Whitening): Readonly<Record<string, Float32Array>>;
  dispose(): void;
}

export interface Recipe {
  readonly name: string;
  /** One line for `--help` and the config reference. */
  readonly summary: string;
  /** Hyper-parameters; all have defaults. */
  readonly options: z.ZodObject;
  /** Needs no TensorFlow: the context has none. */
  readonly closedForm?: true;
  /** Frames that one training example spans; what the data must have many times. */
  span(options: unknown): number;
  train(options: unknown, data: TrainingData, context: TrainingContext): Promise<Trained>;
}

interface TypedRecipe<S extends z.ZodObject> {
  readonly name: string;
  readonly summary: string;
  readonly options: S;
  readonly closedForm?: true;
  readonly span: (options: z.output<S>) => number;
  readonly train: (options: z.output<S>, data: TrainingData, context: TrainingContext) => Promise<Trained>;
}

/** Gives a recipe with typed options the form that fits a table. */
export function defineRecipe<S extends z.ZodObject>(recipe: TypedRecipe<S>): Recipe {
  return {
    ...recipe,
    span: (options) => recipe.span(recipe.options.parse(options)),
    train: (options, data, context) => recipe.train(recipe.options.parse(options), data, context),
  };
}

/** How training inputs are spoiled, so that a network learns to do without a signal (Vincent et al. 2008). */
export const spoilingOptions = {
  dropSignal: z
    .number()
    .min(0)
    .lt(1)
    .default(0.3)
    .describe(
      'probability that a signal is hidden from a training window; less makes a dead sensor look like a sick machine',
    ),
  dropValue: z.number().min(0).lt(1).default(0.05).describe('probability that a value is hidden'),
  noise: z.number().min(0).default(0).describe('added to training inputs, in normal spreads'),
};

/** For autoencoders, which must not get away with passing their input through. */
export const denoisingOptions = {
  ...spoilingOptions,
  noise: spoilingOptions.noise.unwrap().default(0.1).describe('added to training inputs, in normal spreads'),
};

/** Hyper-parameters of every recipe that learns by gradient descent. */
export const optimiserOptions = {
  epochs: z
    .int()
    .min(1)
    .default(60)
    .describe('most passes over the data; of more than 20,000 windows each pass draws as many anew'),
  patience: z.int().min(1).default(5).describe('passes without a better held-out loss that end training early'),
  batch: z.int().min(1).default(128).describe('windows of one gradient step'),
  learningRate: z.number().positive().default(0.003),
  optimiser: z.enum(['adam', 'sgd']).default('adam').describe('`sgd` has momentum 0.9'),
  clipNorm: z
    .number()
    .positive()
    .default(1)
    .describe('longest gradient (Pascanu et al. 2013); longer ones are shortened'),
};

export type OptimiserOptions = {
  readonly [K in keyof typeof optimiserOptions]: z.output<(typeof optimiserOptions)[K]>;
};
