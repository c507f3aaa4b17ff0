import { beforeAll, describe, expect, it } from 'vitest';
import { backpropagation } from '../../examples/backpropagation.js';
import { cnn } from '../../examples/cnn.js';
import { kalmanHmm } from '../../examples/kalman-hmm.js';
import { latent } from '../../examples/latent.js';
import { pcaAgainstAutoencoder } from '../../examples/pca-autoencoder.js';
import { svgOf } from '../../examples/plot.js';
import { recall } from '../../examples/recall.js';
import { synthetic } from '../../examples/synthetic.js';
import { auroc } from '../../training/measures/auroc.js';
import { type LoadedTensorFlow, loadTensorFlow } from '../../training/tensorflow/load.js';

let loaded: LoadedTensorFlow;
beforeAll(async () => {
  loaded = await loadTensorFlow();
});

describe('examples', () => {
  it('backpropagation: the gradient is right, sin(x) is learned, the graph computes the same', async () => {
    const { figures, table, plot } = await backpropagation.run(loaded.tf);
    expect(figures.gradientError).toBeLessThan(1e-2);
    expect(figures.mse).toBeLessThan(1e-3);
    expect(figures.parity).toBeLessThan(1e-5);
    expect(table).toHaveLength(4);
    expect(svgOf(plot)).toMatch(/<polyline points="70\.0,/);
  });

  it('recall: over 100 frames an LSTM remembers what a simple network does not', async (context) => {
    context.skip(
      loaded.backend === 'wasm',
      'a hundred frames back through time take minutes without native TensorFlow',
    );
    const { figures } = await recall.run(loaded.tf);
    const right = (cell: string, lag: number) => figures.find((one) => one.cell === cell && one.lag === lag)?.accuracy;
    for (const lag of [5, 50, 100]) expect(right('lstm', lag)).toBeGreaterThan(0.95);
    expect(right('rnn', 5)).toBeGreaterThan(0.95);
    expect(right('rnn', 100)).toBeLessThan(0.7);
  });

  it('PCA against autoencoder: what bends fits a curve', async () => {
    const { figures } = await pcaAgainstAutoencoder.run(loaded.tf);
    expect(figures.autoencoder.residual).toBeLessThan(figures.pca.residual / 2);
    expect(figures.autoencoder.auroc).toBeGreaterThan(0.95);
  });

  it('cnn: with pooling an event is named wherever it stands, without it where it was learned', async (context) => {
    context.skip(loaded.backend === 'wasm', 'convolutions take a minute without native TensorFlow');
    const { figures } = await cnn.run(loaded.tf);
    const of = (network: string) => figures.find((one) => one.network === network)!;
    for (const { accuracy } of figures) expect(accuracy[0]).toBeGreaterThan(0.9);
    for (const pooled of ['max pooling', 'average pooling']) {
      expect(of(pooled).accuracy.at(-1)).toBeGreaterThan(0.9);
      expect(of(pooled).change).toBeLessThan(of('no pooling').change / 2);
    }
    for (const fixed of ['no pooling', 'dense']) expect(of(fixed).accuracy.at(-1)).toBeLessThan(0.5);
  });

  it('kalman-hmm: each is as good as can be where its assumptions hold', async (context) => {
    context.skip(loaded.backend === 'wasm', 'an LSTM over 3000 frames takes minutes without native TensorFlow');
    const { ratio, regime } = (await kalmanHmm.run(loaded.tf)).figures;
    expect(ratio.wanders.kalman).toBeLessThan(1.05);
    expect(ratio.jumps.hmm).toBeLessThan(1.05);
    expect(ratio.jumps.lstm).toBeLessThan(ratio.jumps.kalman!);
    expect(ratio.wanders.hmm).toBeGreaterThan(2);
    expect(regime.learned).toBeGreaterThan(regime.best - 0.01);
  });

  it('latent: two numbers of an autoencoder tell four states from five labels each, those of PCA do not', async (context) => {
    context.skip(loaded.backend === 'wasm', 'slow without native TensorFlow');
    const { figures } = await latent.run(loaded.tf);
    expect(figures['autoencoder, 2 numbers']).toBeGreaterThan(0.85);
    expect(figures['autoencoder, 2 numbers']).toBeGreaterThan(figures['PCA, 2 numbers']! + 0.05);
  });

  it('synthetic: decoded faults help a rare kind more than repeating it does, and less than real ones', async (context) => {
    context.skip(loaded.backend === 'wasm', 'slow without native TensorFlow');
    const { figures } = await synthetic.run(loaded.tf);
    const [alone, repeated, gaussian, analogy, real] = figures.map(({ rare }) => rare);
    for (const decoded of [gaussian!, analogy!]) {
      expect(decoded).toBeGreaterThan(alone! + 0.1);
      expect(decoded).toBeGreaterThan(repeated!);
    }
    expect(real).toBeGreaterThan(repeated!);
  });

  it('auroc: 1 apart, .5 alike', () => {
    expect(auroc([1, 2], [3, 4])).toBe(1);
    expect(auroc([1, 2], [1, 2])).toBe(0.5);
  });
});
