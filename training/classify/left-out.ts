/** How well machines are classified that did not help to train: each fold leaves some of the machines of every class out. */
import type { Example } from './example.js';
import { probabilities } from './head.js';
import type { Weights } from './perceptron.js';

export interface LeftOut {
  /** Share of bursts that get their class. */
  readonly accuracy: number;
  /** [K] the same of each class, */
  readonly recall: readonly number[];
  /** and its mean over classes, so that a rare one counts as much as the others. */
  readonly mean: number;
}

const mostFolds = 3;

/** Undefined where a class was seen on one machine only. @param assets the machine of each example */
export async function leaveMachinesOut(
  examples: readonly Example[],
  assets: readonly string[],
  classes: number,
  train: (examples: readonly Example[]) => Promise<Weights>,
): Promise<LeftOut | undefined> {
  // Machines of each class are dealt out in turn, so that every fold leaves some of each class in.
  const machines = Array.from({ length: classes }, (_, k) => [
    ...new Set(assets.filter((_, i) => examples[i]?.label === k)),
  ]);
  const folds = Math.min(mostFolds, ...machines.map(({ length }) => length));
  if (folds < 2) return undefined;
  const foldOf = new Map<string, number>();
  for (const own of machines) own.forEach((asset, i) => void (foldOf.has(asset) || foldOf.set(asset, i % folds)));
  const [right, seen] = [new Float64Array(classes), new Float64Array(classes)];
  for (let fold = 0; fold < folds; fold++) {
    const isOut = (i: number) => foldOf.get(assets[i] ?? '') === fold;
    const weights = await train(examples.filter((_, i) => !isOut(i)));
    for (const [, { features, label }] of [...examples.entries()].filter(([i]) => isOut(i))) {
      const told = probabilities(weights, features);
      seen[label] = (seen[label] ?? 0) + 1;
      if (told.indexOf(Math.max(...told)) === label) right[label] = (right[label] ?? 0) + 1;
    }
  }
  const recall = Array.from(seen, (n, k) => (right[k] ?? 0) / Math.max(1, n));
  const sum = (values: Iterable<number>) => [...values].reduce((a, b) => a + b, 0);
  return { accuracy: sum(right) / sum(seen), recall, mean: sum(recall) / classes };
}
