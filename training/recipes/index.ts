/** The table of recipes; `train.yaml` chooses from it by name. */
import { convAe } from './conv-autoencoder.js';
import { denseAe } from './dense-autoencoder.js';
import { level, pca, vectorAutoregression } from './linear.js';
import { lstmAe } from './lstm-autoencoder.js';
import type { Recipe } from './recipe.js';
import { gru, lstm, rnn } from './recurrent-forecaster.js';

export const recipes: readonly [Recipe, ...Recipe[]] = [lstm, gru, rnn, denseAe, convAe, lstmAe, level, pca, vectorAutoregression];

/** A recipe that a checked config names. */
export function findRecipe(name: string): Recipe {
  const recipe = recipes.find((one) => one.name === name);
  if (recipe === undefined) throw new Error(`no recipe ${name}`);
  return recipe;
}
