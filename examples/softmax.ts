/** A network with one output a class, trained on labelled examples by the project's own optimiser. */
import type { LayersModel } from '@tensorflow/tfjs';
import { optimise } from '../training/optimise.js';
import { predict } from '../training/recipes/predict.js';
import type { TrainingContext } from '../training/recipes/recipe.js';

export interface Labelled {
  readonly values: readonly number[];
  readonly label: number;
}

/** Cross-entropy, Adam, no early stop. @param shape of one example, as the model takes it */
export async function trainSoftmax(
  model: LayersModel,
  examples: readonly Labelled[],
  shape: readonly number[],
  classes: number,
  epochs: number,
  context: TrainingContext,
): Promise<void> {
  const { tf } = context;
  const loss = (rows: readonly number[]) => {
    const labels = rows.map((row) => examples[row]?.label ?? 0);
    const x = tf.tensor(
      rows.flatMap((row) => examples[row]?.values ?? []),
      [rows.length, ...shape],
    );
    const wanted = tf.oneHot(tf.tensor1d(labels, 'int32'), classes);
    return tf.losses.softmaxCrossEntropy(wanted, predict(model, x)).asScalar();
  };
  const none = { count: 0, loss };
  const settings = { epochs, patience: epochs, batch: 32, learningRate: 0.01, optimiser: 'adam', clipNorm: 1 } as const;
  await optimise(model, { count: examples.length, loss }, none, settings, context);
}

/** [n][K] */
export function logitsOf(
  model: LayersModel,
  examples: readonly Labelled[],
  shape: readonly number[],
  { tf }: TrainingContext,
): number[][] {
  return tf.tidy(() => {
    const x = tf.tensor(
      examples.flatMap(({ values }) => values),
      [examples.length, ...shape],
    );
    return predict(model, x).arraySync() as number[][];
  });
}

/** Share of right classes, and of each class. */
export function accuracyOf(logits: readonly (readonly number[])[], examples: readonly Labelled[]) {
  const isRight = examples.map(({ label }, i) => logits[i]?.indexOf(Math.max(...(logits[i] ?? []))) === label);
  const share = (of: (label: number) => boolean) => {
    const own = isRight.filter((_, i) => of(examples[i]?.label ?? -1));
    return own.filter(Boolean).length / own.length;
  };
  return { all: share(() => true), of: (label: number) => share((one) => one === label) };
}
