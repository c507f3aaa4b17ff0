/** What a head that was taught some bursts tells of others, and three ways to teach it a fault that was hardly ever recorded. */
import { Random } from '../../../model/random.js';
import type { Example } from '../../../training/classify/example.js';
import { fillUp, lacking, trainGenerator } from '../../../training/classify/generator.js';
import { probabilities, trainHead } from '../../../training/classify/head.js';
import { silent } from '../../../training/progress.js';
import type { TensorFlow } from '../../../training/tensorflow/load.js';

export interface Trial {
  readonly tf: TensorFlow;
  readonly seed: number;
  readonly classes: number;
  /** Standardised features of bursts without a fault. */
  readonly normal: readonly (readonly number[])[];
  /** Of machines that nobody has learned. */
  readonly tried: readonly Example[];
}

/** [K] share of the tried bursts of each class that get it. */
export async function recallOf({ tf, seed, classes, tried }: Trial, taught: readonly Example[]): Promise<number[]> {
  const weights = await trainHead(tf, taught, classes, seed, 'bench');
  const [right, seen] = [new Float64Array(classes), new Float64Array(classes)];
  for (const { features, label } of tried) {
    const told = probabilities(weights, features);
    seen[label] = (seen[label] ?? 0) + 1;
    if (told.indexOf(Math.max(...told)) === label) right[label] = (right[label] ?? 0) + 1;
  }
  return Array.from(seen, (count, k) => (right[k] ?? 0) / count);
}

/** How classes of few bursts are filled up to as many as the largest has. */
export const ways = ['recorded', 'repeated', 'synthetic'] as const;
export type Way = (typeof ways)[number];

/** @returns `some` and what fills them up */
export async function filled(way: Way, trial: Trial, some: readonly Example[]): Promise<readonly Example[]> {
  const { tf, seed, classes, normal } = trial;
  if (way === 'recorded') return some;
  if (way === 'repeated') return [...some, ...repeated(some, classes)];
  const generator = await trainGenerator(tf, some, normal, classes, seed, silent);
  return [...some, ...fillUp(generator, some, new Random(seed, 'synthetic'))];
}

function repeated(some: readonly Example[], classes: number): Example[] {
  return lacking(some, classes).flatMap((count, k) => {
    const own = some.filter(({ label }) => label === k);
    return Array.from({ length: count }, (_, i) => own[i % own.length] as Example);
  });
}

export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
