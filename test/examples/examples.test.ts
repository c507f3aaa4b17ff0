import { beforeAll, describe, expect, it } from 'vitest';
import { backpropagation } from '../../examples/backpropagation.js';
import { auroc, pcaAgainstAutoencoder } from '../../examples/pca-autoencoder.js';
import { svgOf } from '../../examples/plot.js';
import { recall } from '../../examples/recall.js';
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
    context.skip(loaded.backend === 'cpu', 'a hundred frames back through time take minutes without native TensorFlow');
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

  it('auroc: 1 apart, .5 alike', () => {
    expect(auroc([1, 2], [3, 4])).toBe(1);
    expect(auroc([1, 2], [1, 2])).toBe(0.5);
  });
});
