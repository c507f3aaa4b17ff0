import { expect, test } from 'vitest';
import { Random } from '../../../model/random.js';
import { openSession } from '../../../model/session.js';
import { noWhitening } from '../../../training/graph/index.js';
import { spectrogramGraph, spectrogramReference } from '../../../training/graph/spectrogram.js';
import { auroc } from '../../../training/measures/auroc.js';
import { checkParity } from '../../../training/parity.js';
import { denseAe } from '../../../training/recipes/dense-autoencoder.js';
import type { Recipe, TrainingContext, TrainingData } from '../../../training/recipes/recipe.js';
import { spectrogramAe } from '../../../training/recipes/spectrogram-autoencoder.js';
import { loadTensorFlow } from '../../../training/tensorflow/load.js';
import { contextOf, dataOf } from './data.js';

/** Two signals that hum at `bin` of 32 frames, as loud whatever the bin, with a hum that comes and goes. */
function rows(n: number, label: string, bin: number): number[][] {
  const random = new Random('spectrogram', label);
  let [phase, loudness] = [0, 1];
  return Array.from({ length: n }, () => {
    phase += (2 * Math.PI * (bin + random.normal(0, 0.3))) / 32;
    loudness += 0.05 * (1 - loudness) + random.normal(0, 0.03);
    const hum = loudness * Math.sin(phase);
    return [20 + hum + random.normal(0, 0.3), 5 - 2 * hum + random.normal(0, 0.6)];
  });
}

test('a sine of k periods is loudest in bin k, a level is silent; the graph equals plain loops', async () => {
  const shape = { fft: 32, columns: 4 };
  const T = 80;
  const x = Float32Array.from({ length: T * 2 }, (_, i) =>
    i % 2 === 0 ? 7 + Math.sin((2 * Math.PI * 5 * Math.floor(i / 2)) / 32) : 1e4,
  );
  const session = await openSession(spectrogramGraph({ center: [0, 0], scale: [1, 1] }, shape));
  const { log, known } = await session.run({ x: { data: x, dims: [1, T, 2] } });
  const holed = x.map((value, i) => (i === 60 ? Number.NaN : value));
  const withHole = await session.run({ x: { data: holed, dims: [1, T, 2] } });
  await session.close();
  const wanted = spectrogramReference(x, shape, 2);
  for (const [i, value] of log!.entries()) expect(value).toBeCloseTo(wanted[i]!, 4);
  for (let s = 0; s < 4; s++) {
    const spectrum = Array.from({ length: 16 }, (_, f) => log![(s * 16 + f) * 2]!);
    expect(spectrum.indexOf(Math.max(...spectrum)) + 1).toBe(5);
    // Parseval's: half the amplitude squared, times fft, over the window's energy, by which white noise of variance 1 has 1.
    expect(Math.exp(spectrum[4]!)).toBeCloseTo(0.25 * 32 * (0.25 / 0.375), 1);
  }
  for (let i = 1; i < log!.length; i += 2) expect(Math.exp(log![i]!)).toBeCloseTo(1e-3, 6);
  expect([...known!]).toEqual([1, 1]);
  expect([...withHole.known!]).toEqual([0, 1]);
});

const T = 144;
const stride = 8;

/** Scores of windows of `T` frames. */
async function scoresOf(
  recipe: Recipe,
  options: object,
  data: TrainingData,
  context: TrainingContext,
  tests: readonly number[][][],
) {
  const trained = await recipe.train(options, data, context);
  const { bytes, window } = trained.toOnnx(noWhitening(2));
  const session = await openSession(bytes);
  const outputs = [];
  for (const test of tests) {
    const windows = Array.from({ length: (test.length - T) / stride + 1 }, (_, i) =>
      test.slice(i * stride, i * stride + T),
    );
    const x = {
      data: Float32Array.from(windows.flatMap((frames) => frames.slice(T - window).flat())),
      dims: [windows.length, window, 2],
    };
    if (recipe === spectrogramAe) {
      const forward = () => trained.reference(x, noWhitening(2));
      expect((await checkParity(forward, bytes, [{ x }])).maxDifference).toBeLessThan(1e-5);
    }
    outputs.push(await session.run({ x }));
  }
  await session.close();
  trained.dispose();
  return outputs;
}

test('hears a hum that moved to another frequency, as loud as before, which no single reading shows', async () => {
  const { tf } = await loadTensorFlow();
  const data = dataOf(rows(3000, 'train', 4));
  const holed = rows(1000, 'hole', 4).map(([a, b], i) => (i === 800 ? [Number.NaN, b!] : [a!, b!]));
  const tests = [rows(1000, 'test', 4), rows(1000, 'moved', 7), holed];
  const options = { epochs: 8, batch: 16, filters: [6, 3], stride: 12, learningRate: 0.01 };
  const context = contextOf('spectrogram-ae', tf);
  const [normal, moved, withHole] = await scoresOf(spectrogramAe, options, data, context, tests);
  const heard = auroc([...normal!.score!], [...moved!.score!]);
  const one = { window: 1, hidden: [8], epochs: 10, batch: 128 };
  const [single, singleMoved] = await scoresOf(denseAe, one, data, contextOf('dense-ae', tf), tests);
  const seen = auroc([...single!.score!], [...singleMoved!.score!]);
  process.stdout.write(`AUROC of a hum that moved: spectrogram-ae ${heard.toFixed(3)}, one frame ${seen.toFixed(3)}\n`);
  expect(heard).toBeGreaterThanOrEqual(0.95);
  expect(seen).toBeLessThan(0.65);
  // A hole silences its own signal, and no other.
  const at = Math.ceil((800 - T) / stride) + 2;
  expect(withHole!.contribution![2 * at]).toBe(0);
  expect(withHole!.contribution![2 * at + 1]).toBeGreaterThan(0);
  expect([...withHole!.score!].every(Number.isFinite)).toBe(true);
});
