/** The thread that does the second half of each epoch of `bench:train`, as often as it is measured. */
import { loadTensorFlow } from '../../training/tensorflow/load.js';
import { joinTwin } from '../../training/twin.js';
import { type Case, fusedEpoch } from './train-cases.js';

await joinTwin(async (one: Case, twin) => {
  const { tf } = await loadTensorFlow({ choice: 'native' });
  const epoch = fusedEpoch(tf, one, twin);
  for (let round = 0; round <= one.rounds; round++) await epoch();
});
