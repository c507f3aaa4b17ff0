/** What every example is: it computes something with a known answer, and tells it as a table and a plot. */
import type { TensorFlow } from '../training/tensorflow/load.js';
import type { Plot } from './plot.js';

export interface Example<Figures> {
  readonly title: string;
  run(tf: TensorFlow): Promise<Outcome<Figures>>;
}

export interface Outcome<Figures> {
  /** What a test asserts. */
  readonly figures: Figures;
  /** The first row is the header. */
  readonly table: readonly (readonly string[])[];
  readonly plot: Plot;
}
