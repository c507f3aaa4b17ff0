/** The table of recipes; `train.yaml` chooses from it by name. */
import { denseAe } from './dense-ae.js';
import { lstm } from './lstm.js';
import type { Recipe } from './recipe.js';

export const recipes: readonly [Recipe, ...Recipe[]] = [lstm, denseAe];

/** A recipe that a checked config names. */
export function findRecipe(name: string): Recipe {
  const recipe = recipes.find((one) => one.name === name);
  if (recipe === undefined) throw new Error(`no recipe ${name}`);
  return recipe;
}
