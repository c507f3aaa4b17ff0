/** The table of recipes; `train.yaml` chooses from it by name. */
import { convAe } from './conv-autoencoder.js';
import { denseAe } from './dense-autoencoder.js';
import { lstmAe } from './lstm-autoencoder.js';
import { gru, lstm, rnn } from './recurrent-forecaster.js';
export const recipes = [lstm, gru, rnn, denseAe, convAe, lstmAe];
/** A recipe that a checked config names. */
export function findRecipe(name) {
    const recipe = recipes.find((one) => one.name === name);
    if (recipe === undefined)
        throw new Error(`no recipe ${name}`);
    return recipe;
}
