import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { loadTensorFlow } from '../../../training/tensorflow/load.js';
import { dist } from '../../fixtures/program.js';

const built = (file: string) => pathToFileURL(join(dist, 'training', file));

/** Trains LSTM layers while another process signals without a pause; in a process of its own, whose heap that would ruin within a few steps. */
const program = `
  import { spawn } from 'node:child_process';
  const { loadTensorFlow } = await import('${built('tensorflow/load.js')}');
  const { GradientDescent } = await import('${built('gradient-descent.js')}');
  const { fuseLayers } = await import('${built('fused/fuse.js')}');
  const { tf } = await loadTensorFlow();
  const lstm = (more) => tf.layers.lstm({ units: 64, recurrentActivation: 'sigmoid', recurrentInitializer: 'glorotUniform', ...more });
  const model = tf.sequential({ layers: [lstm({ returnSequences: true, inputShape: [64, 4] }), lstm({})] });
  fuseLayers(tf, model);
  const variables = model.trainableWeights.map((weight) => weight.read());
  const descent = new GradientDescent(tf, variables, { optimiser: 'adam', learningRate: 1e-3, clipNorm: 1 });
  const loss = () => tf.mean(tf.square(model.apply(tf.randomNormal([32, 64, 4]))));
  let signals = 0;
  process.on('SIGUSR2', () => { signals++; });
  const sender = spawn('sh', ['-c', 'while kill -USR2 ' + process.pid + ' 2>&-; do :; done']);
  let last;
  for (let step = 0; step < 150; step++) {
    last = await descent.step(loss);
    await new Promise((resolve) => setImmediate(resolve));
  }
  sender.kill();
  console.log(JSON.stringify({ learned: last < 0.1, signalled: signals > 100 }));
  process.exit(0);
`;

it('signals do no harm while native TensorFlow works', { timeout: 300_000 }, async ({ skip }) => {
  const { backend } = await loadTensorFlow();
  skip(backend !== 'tensorflow', 'no native TensorFlow is to be had here');
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', program]);
  expect(JSON.parse(stdout)).toEqual({ learned: true, signalled: true });
});
