/** The table of recipes; `train.yaml` chooses from it by name. */
import { denseAe } from './dense-ae.js';
import { lstm } from './lstm.js';
import type { Recipe } from './recipe.js';

export const recipes: readonly [Recipe, ...Recipe[]] = [lstm, denseAe];
