/** The table of recipes; `train.yaml` chooses from it by name. */
import { cnn } from './cnn.js';
import { convAe } from './conv-autoencoder.js';
import { denseAe } from './dense-autoencoder.js';
import { hmm } from './hmm.js';
import { kalman } from './kalman.js';
import { level, pca, vectorAutoregression } from './linear.js';
import { lstmAe } from './lstm-autoencoder.js';
import { mlp } from './mlp.js';
import type { Recipe } from './recipe.js';
import { gru, lstm, rnn } from './recurrent-forecaster.js';
import { spectrogramAe } from './spectrogram-autoencoder.js';
import { vae } from './vae.js';

export const recipes: readonly [Recipe, ...Recipe[]] = [
  lstm,
  gru,
  rnn,
  denseAe,
  convAe,
  lstmAe,
  vae,
  spectrogramAe,
  mlp,
  cnn,
  kalman,
  hmm,
  level,
  pca,
  vectorAutoregression,
];

/** A recipe that a checked config names. */
export function findRecipe(name: string): Recipe {
  const recipe = recipes.find((one) => one.name === name);
  if (recipe === undefined) throw new Error(`no recipe ${name}`);
  return recipe;
}
