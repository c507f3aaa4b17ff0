/** The table of examples. */
import { backpropagation } from './backpropagation.js';
import type { Example } from './example.js';
import { pcaAgainstAutoencoder } from './pca-autoencoder.js';
import { recall } from './recall.js';

export const examples: Readonly<Record<string, Example<unknown>>> = {
  backpropagation,
  recall,
  'pca-autoencoder': pcaAgainstAutoencoder,
};
