/** The thread that is the second half of a recipe's training. */
import { silent } from './progress.js';
import { findRecipe } from './recipes/index.js';
import { type TrainingData, trainingContext } from './recipes/recipe.js';
import { type LoadedTensorFlow, loadTensorFlow } from './tensorflow/load.js';
import { joinTwin } from './twin.js';

export interface TwinJob {
  readonly recipe: string;
  readonly options: unknown;
  readonly data: TrainingData;
  readonly seed: number;
  readonly name: string;
  readonly backend: LoadedTensorFlow['backend'];
}

await joinTwin(async ({ recipe, options, data, seed, name, backend }: TwinJob, twin) => {
  const { tf } = await loadTensorFlow({ choice: backend === 'wasm' ? 'wasm' : 'native' });
  const context = { ...trainingContext(tf, seed, name, silent), openTwin: () => twin };
  (await findRecipe(recipe).train(options, data, context)).dispose();
});
