/** The table of examples. */
import { backpropagation } from './backpropagation.js';
import { cnn } from './cnn.js';
import type { Example } from './example.js';
import { kalmanHmm } from './kalman-hmm.js';
import { latent } from './latent.js';
import { pcaAgainstAutoencoder } from './pca-autoencoder.js';
import { recall } from './recall.js';
import { synthetic } from './synthetic.js';

export const examples: Readonly<Record<string, Example<unknown>>> = {
  backpropagation,
  recall,
  'pca-autoencoder': pcaAgainstAutoencoder,
  cnn,
  'kalman-hmm': kalmanHmm,
  latent,
  synthetic,
};
