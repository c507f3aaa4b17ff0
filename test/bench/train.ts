/** `npm run bench:train`: an epoch of tfjs-node's own LSTM layer in `model.fit` and of the product's training, in the same process; one JSON line a case. */
import { systemClock } from '../../model/clock.js';
import { progressOn } from '../../training/progress.js';
import { loadTensorFlow } from '../../training/tensorflow/load.js';
import { startTwin } from '../../training/twin.js';
import { build, type Case, cases, draw, fusedEpoch } from './train-cases.js';

const { tf, backend, description } = await loadTensorFlow({ choice: 'native', progress: progressOn(process.stderr) });
console.error(`${description}; ${backend}`);

/** An epoch as a user of tfjs-node writes it. */
function stockEpoch(one: Case): () => Promise<unknown> {
  const { steps, channels, windows, batch } = one;
  const model = build(tf, one);
  const { inputs, targets } = draw(one);
  const x = tf.tensor3d(inputs, [windows, steps, channels]);
  const y = tf.tensor2d(targets, [windows, channels]);
  return () => model.fit(x, y, { batchSize: batch, epochs: 1, verbose: 0 });
}

/** The fastest epoch of each after one that warms up, taken by turns: on a machine with other work the rest tells of that. */
async function fastestMs(rounds: number, epochs: readonly (() => Promise<unknown>)[]): Promise<number[]> {
  const fastest = epochs.map(() => Number.POSITIVE_INFINITY);
  for (let round = 0; round <= rounds; round++)
    for (const [k, epoch] of epochs.entries()) {
      const startMs = systemClock.monotonic();
      await epoch();
      if (round > 0) fastest[k] = Math.min(fastest[k] ?? 0, systemClock.monotonic() - startMs);
    }
  return fastest;
}

const results: { case: string; stockMsPerEpoch: number; fusedMsPerEpoch: number; speedup: number }[] = [];
for (const one of cases) {
  const parameters = build(tf, one).countParams();
  const twin = startTwin(new URL('./train-thread.js', import.meta.url), one, parameters + 1, (why) => {
    throw new Error(`half of it was not measured: ${why}`);
  });
  const [stockMs = Number.NaN, fusedMs = Number.NaN] = await fastestMs(one.rounds, [
    stockEpoch(one),
    fusedEpoch(tf, one, twin),
  ]);
  await twin.end();
  const round = (value: number) => Math.round(value * 10) / 10;
  results.push({
    case: one.name,
    stockMsPerEpoch: round(stockMs),
    fusedMsPerEpoch: round(fusedMs),
    speedup: round(stockMs / fusedMs),
  });
}
// The slowest case, that with the least gain, comes last.
for (const result of results.sort((a, b) => b.speedup - a.speedup))
  console.log(JSON.stringify({ bench: 'train', ...result }));
